"""What samplers call: a denoiser bound to its condition, guided or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.models.denoiser import Denoiser, EncodedCondition

# tokens (targets, circuits, gates), angles (targets, circuits, gates, params) or None, time (targets, circuits) or None
# -> logits (targets, circuits, gates, vocabulary), velocities like angles.
Denoise = Callable[[Tensor, Tensor | None, Tensor | None], tuple[Tensor, Tensor]]


def bind(model: Denoiser, encoded: EncodedCondition) -> Denoise:
    """Fix the condition of a denoiser."""

    def denoise(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            logits, velocity = model(tokens, angles, time, encoded)
        return logits, velocity

    return denoise


def guided(conditional: Denoise, unconditional: Denoise, scale: float) -> Denoise:
    """Push predictions away from the unconditional ones (Ho and Salimans, arXiv 2207.12598); scale 1 leaves them."""

    def denoise(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        given, free = conditional(tokens, angles, time), unconditional(tokens, angles, time)
        return free[0] + scale * (given[0] - free[0]), free[1] + scale * (given[1] - free[1])

    return denoise


@dataclass(frozen=True)
class Constraint:
    """What sampled structures must obey; whatever breaks it has probability zero."""

    allowed: Tensor  # (targets, vocabulary) bool: permitted tokens, PAD aside
    lengths: Tensor  # (targets, max_gates + 1) bool: permitted numbers of gates, without final ones

    def __len__(self) -> int:
        """Number of targets."""
        return len(self.allowed)


def make_constraint(allowed: Tensor, max_gates: int, shortest: Tensor, longest: Tensor) -> Constraint:
    """Build a constraint.

    Args:
        allowed: (targets, vocabulary) bool, permitted tokens; where there is none, circuits have no gate.
        max_gates: most gates of the layout.
        shortest: (targets,) int64, fewest gates.
        longest: (targets,) int64, most gates.
    """
    count = torch.arange(max_gates + 1, device=allowed.device)
    lengths = (count >= shortest[:, None]) & (count <= longest[:, None])
    lengths &= (count == 0) | allowed.any(1, keepdim=True)
    return Constraint(allowed, lengths)


def blank_structures(constraint: Constraint) -> Tensor:
    """Return (targets, 1, max_gates) structures of which nothing is known but what the constraint settles.

    That is MASK, then PAD beyond the greatest permitted number of gates.
    """
    within = constraint.lengths.flip(1).cummax(dim=1).values.flip(1)[:, 1:]
    return torch.where(within, MASK, PAD)[:, None]


def length_log_probabilities(denoise: Denoise, constraint: Constraint) -> Tensor:
    """Return log-probabilities (targets, max_gates + 1) of the number of gates.

    PAD fills the end, so the chance of PAD at position i is that of at most i gates: one look at a blank structure
    gives the whole distribution.
    """
    blank = blank_structures(constraint)
    padded = denoise(blank, None, None)[0].softmax(-1)[..., PAD].masked_fill(blank == PAD, 1.0)[:, 0]
    at_most = torch.cat((padded, torch.ones_like(padded[:, :1])), dim=1).cummax(dim=1).values
    exactly = torch.diff(at_most, dim=1, prepend=torch.zeros_like(at_most[:, :1])).clamp_min(1e-9)
    return exactly.log().masked_fill(~constraint.lengths, -torch.inf).log_softmax(-1)


def token_log_probabilities(logits: Tensor, allowed: Tensor) -> Tensor:
    """Return log-probabilities over permitted tokens; `allowed` broadcasts against `logits` (..., vocabulary)."""
    return logits.masked_fill(~allowed, -torch.inf).log_softmax(-1)
