"""What sampled circuits must obey, as boolean masks; whatever breaks it has probability zero."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation.denoise import Denoise, denoise_distinct
from circuitdiff.generation.inpainting import InpaintingMask


@dataclass(frozen=True)
class Constraint:
    """What sampled circuits must obey where nothing is kept; final gates of the layout do not count."""

    allowed: Tensor  # (targets, vocabulary) bool: permitted tokens, PAD aside
    lengths: Tensor  # (targets, max_gates + 1) bool: permitted numbers of gates
    entangling: Tensor  # (vocabulary,) bool: tokens of gates on two qubits or more
    max_two_qubit: int  # most of these

    def __len__(self) -> int:
        """Number of targets."""
        return len(self.allowed)

    @property
    def num_gates(self) -> int:
        """Number of positions that hold gates, final ones aside."""
        return self.lengths.shape[1] - 1

    @property
    def singles(self) -> Tensor:
        """The permitted tokens (targets, vocabulary) that do not count against `max_two_qubit`."""
        return self.allowed & ~self.entangling


def make_constraint(
    layout: Layout, allowed: Tensor, min_gates: int = 0, max_gates: int | None = None, max_two_qubit: int | None = None
) -> Constraint:
    """Build a constraint, on the device of `allowed`.

    Args:
        layout: of the model.
        allowed: (targets, vocabulary) bool, permitted tokens; see `Layout.permitted`.
        min_gates: fewest gates.
        max_gates: most gates; None for as many as the layout has.
        max_two_qubit: most gates on two qubits or more; None for as many.
    """
    most, most_wide = (
        layout.max_gates if bound is None else min(bound, layout.max_gates) for bound in (max_gates, max_two_qubit)
    )
    count = torch.arange(layout.max_gates + 1, device=allowed.device)
    lengths = (count >= min_gates) & (count <= max(most, 0))
    entangling = torch.from_numpy(layout.is_entangling).to(allowed.device)
    return Constraint(allowed, lengths.expand(len(allowed), -1), entangling, most_wide)


def possible_lengths(constraint: Constraint, state: InpaintingMask) -> Tensor:
    """Return which numbers of gates are possible, given what is kept: (targets, circuits, max_gates + 1) bool."""
    size = constraint.num_gates
    tokens, kept = state.tokens[:, :size], state.keep_tokens[:, :size]
    count, position = (torch.arange(length, device=tokens.device) for length in (size + 1, size))
    gate, end = kept & (tokens != PAD), kept & (tokens == PAD)
    shortest = torch.where(gate, position + 1, 0).amax(1, keepdim=True)
    longest = torch.where(end, position, size).amin(1, keepdim=True)
    free = torch.nn.functional.pad((~kept).cumsum(1), (1, 0))  # (circuits, max_gates + 1): free positions so far
    room = constraint.max_two_qubit - constraint.entangling[torch.where(gate, tokens, PAD)].sum(1)
    any_single, any_gate = constraint.singles[:, PAD + 1 :].any(1), constraint.allowed.any(1)
    fill = torch.where(any_single[:, None], size, torch.where(any_gate[:, None], room, 0))  # (targets, circuits)
    fits = (count >= shortest) & (count <= longest) & (room >= 0)[:, None]
    return fits & (free <= fill[..., None]) & constraint.lengths[:, None]


def open_positions(state: InpaintingMask, lengths: Tensor, size: int) -> Tensor:
    """Return tokens (targets, circuits, size): what is kept, MASK up to a length (targets, circuits), and PAD."""
    shown = torch.where(state.keep_tokens[:, :size], state.tokens[:, :size], MASK)
    return torch.where(torch.arange(size, device=shown.device) < lengths[..., None], shown, PAD)


def length_scores(denoise: Denoise, state: InpaintingMask, possible: Tensor) -> Tensor:
    """Return the log-probabilities of numbers of gates, not normalised: (targets, circuits, max_gates + 1).

    PAD fills the end, so that the chance of PAD at position i is that of at most i gates: one look at circuits of which
    nothing is known but what is kept gives the whole distribution.
    """
    blank = open_positions(state, greatest(possible), possible.shape[-1] - 1)
    padded = denoise_distinct(denoise, blank).softmax(-1)[..., PAD]
    padded = torch.where(blank == MASK, padded, (blank == PAD).float())
    at_most = at_most_chances(padded)
    exactly = torch.diff(at_most, dim=-1, prepend=torch.zeros_like(at_most[..., :1])).clamp_min(1e-9)
    return exactly.log().masked_fill(~possible, -torch.inf)


def greatest(possible: Tensor) -> Tensor:
    """Return the greatest possible number of gates (...) of (..., max_gates + 1) bool."""
    return torch.where(possible, torch.arange(possible.shape[-1], device=possible.device), 0).amax(-1)


def at_most_chances(padded: Tensor) -> Tensor:
    """Return the chances (..., gates + 1) of at most 0, 1, ... gates, given those of PAD at each position."""
    return torch.cat((padded, torch.ones_like(padded[..., :1])), dim=-1).cummax(dim=-1).values


def token_log_probabilities(logits: Tensor, allowed: Tensor) -> Tensor:
    """Return log-probabilities over permitted tokens; `allowed` broadcasts against `logits` (..., vocabulary)."""
    return logits.masked_fill(~allowed, -torch.inf).log_softmax(-1)
