"""Sample circuits: gates unmasked in order of confidence, angles along the flow, what is kept exactly kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.diffusion.circle import uniform_angles, wrap
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import Template
from circuitdiff.generation.structures import denoise_distinct, surest


@dataclass(frozen=True)
class SequenceConstraint:
    """What sampled circuits must obey; whatever breaks it has probability zero."""

    allowed: Tensor  # (vocabulary,) bool: tokens permitted where nothing is kept, PAD aside
    entangling: Tensor  # (vocabulary,) bool: tokens of gates on two qubits or more
    max_gates: int
    max_two_qubit: int
    min_gates: int = 0
    num_final: int = 0  # positions at the end that hold final gates, always kept and not counted

    @property
    def singles(self) -> Tensor:
        """The permitted tokens that do not count against `max_two_qubit`."""
        return self.allowed & ~self.entangling


class Sequences(NamedTuple):
    """Sampled circuits."""

    tokens: Tensor  # (samples, gates) int64: gates, then PAD
    params: Tensor  # (samples, gates, MAX_PARAMS) radians in [0, 2 pi), but for those that were kept


def sample_sequences(
    denoise: Denoise,
    constraint: SequenceConstraint,
    template: Template,
    num_samples: int,
    steps: int,
    generator: torch.Generator,
    temperature: float = 1.0,
    *,
    in_order: bool = False,
    angles: bool = True,
    remask: float = 0.0,
) -> Sequences:
    """Draw the number of gates, then unmask the gates one after another, while the angles follow their flow.

    Args:
        denoise: the network, for one target.
        constraint: what circuits must obey where nothing is kept.
        template: what is kept, of one circuit or of `num_samples`.
        num_samples: number of circuits.
        steps: evaluations of the network, after the one for the lengths.
        generator: of the device of `template`.
        temperature: of the gates and of their number; below 1 favours the likeliest.
        in_order: unmask the first gates first, rather than the surest.
        angles: whether gates have angles; without, the network is shown none.
        remask: chance with which a gate drawn earlier is masked again before a step, falling to 0 at the last (Wang et
            al., arXiv 2503.00307).

    Raises:
        ValueError: where no number of gates is possible.
    """
    template = Template(*(_expanded(getattr(template, name), num_samples) for name in Template.__dataclass_fields__))
    size = template.tokens.shape[1] - constraint.num_final
    final = template.tokens[:, size:]
    tokens = torch.cat((_opened(denoise, constraint, template, temperature, generator), final), dim=1)
    free = ~template.keep_tokens & (tokens != PAD)
    noise = uniform_angles(tuple(template.params.shape), generator)
    moved = noise
    for step in range(steps):
        left = steps - step
        if remask and 0 < step < steps - 1:
            chance = torch.rand(tokens.shape, generator=generator, dtype=torch.float32, device=tokens.device)
            tokens = torch.where(free & (chance < remask * left / steps), MASK, tokens)
        time = step / steps
        if angles:
            kept = noise + time * wrap(template.params - noise)
            moved = torch.where(template.keep_params[..., None], kept, moved)
            times = torch.full((1, num_samples), time, dtype=torch.float32, device=tokens.device)
            logits, velocity = denoise(tokens[None], moved[None], times)
            moved = moved + velocity[0] / steps
        elif bool((tokens == MASK).any()):
            logits = denoise_distinct(denoise, tokens[None, :, :size])
        else:
            break
        drawn = _unmasked(tokens[:, :size], logits[0, :, :size] / temperature, constraint, left, in_order, generator)
        tokens = torch.cat((drawn, final), dim=1)
    found = torch.remainder(moved, 2 * math.pi)
    return Sequences(tokens, torch.where(template.keep_params[..., None], template.params, found))


def _unmasked(
    tokens: Tensor,
    logits: Tensor,
    constraint: SequenceConstraint,
    left: int,
    in_order: bool,
    generator: torch.Generator,
) -> Tensor:
    """Reveal a share 1 / left of the masked positions."""
    scores = logits.masked_fill(~constraint.allowed, -torch.inf).log_softmax(-1)
    drawn = _draw(scores, generator)
    masked = tokens == MASK
    if in_order:
        revealed = masked & (masked.cumsum(1) <= -(-masked.sum(1, keepdim=True) // left))
    else:
        revealed = surest(torch.gather(scores, 2, drawn[..., None])[..., 0], masked, left, generator)
    taken = constraint.entangling[tokens].sum(1, keepdim=True)
    entangler = revealed & constraint.entangling[drawn]
    over = entangler & (entangler.cumsum(1) + taken > constraint.max_two_qubit)
    if bool(over.any()):
        singles = _draw(scores.masked_fill(~constraint.singles, -torch.inf), generator)
        drawn = torch.where(over, singles, drawn)
    return torch.where(revealed, drawn, tokens)


def _draw(scores: Tensor, generator: torch.Generator) -> Tensor:
    weights = scores.softmax(-1).flatten(0, 1)
    return torch.multinomial(weights, 1, generator=generator).view(scores.shape[:2])


def _opened(
    denoise: Denoise, constraint: SequenceConstraint, template: Template, temperature: float, generator: torch.Generator
) -> Tensor:
    """Draw the number of gates of each circuit; return what is kept, MASK up to that number, and PAD."""
    size = template.tokens.shape[1] - constraint.num_final
    possible = possible_lengths(constraint, template)
    if not bool(possible.any(1).all()):
        raise ValueError("no number of gates is possible")
    longest = torch.where(possible, torch.arange(size + 1, device=possible.device), 0).amax(1)
    position = torch.arange(size, device=possible.device)
    blank = torch.where(template.keep_tokens[:, :size], template.tokens[:, :size], MASK)
    blank = torch.where(position < longest[:, None], blank, PAD)
    length = longest
    if bool((possible.sum(1) > 1).any()):
        padded = denoise_distinct(denoise, blank[None])[0].softmax(-1)[..., PAD]
        padded = torch.where(blank == MASK, padded, (blank == PAD).float())
        exactly = torch.diff(at_most_chances(padded), dim=1, prepend=torch.zeros_like(padded[:, :1])).clamp_min(1e-9)
        scores = exactly.log().masked_fill(~possible, -torch.inf) / temperature
        length = torch.multinomial(scores.softmax(1), 1, generator=generator)[:, 0]
    return torch.where(position < length[:, None], blank, PAD)


def at_most_chances(padded: Tensor) -> Tensor:
    """Return the chances (circuits, gates + 1) of at most 0, 1, ... gates, given those of PAD at each position.

    PAD fills the end, so the chance of PAD at position i of an empty circuit is that of at most i gates.
    """
    return torch.cat((padded, torch.ones_like(padded[:, :1])), dim=1).cummax(dim=1).values


def possible_lengths(constraint: SequenceConstraint, template: Template) -> Tensor:
    """Return (circuits, gates + 1) bool: which numbers of gates what is kept and what is permitted leave possible."""
    size = template.tokens.shape[1] - constraint.num_final
    tokens, kept = template.tokens[:, :size], template.keep_tokens[:, :size]
    count = torch.arange(size + 1, device=tokens.device)
    gate, end = kept & (tokens != PAD), kept & (tokens == PAD)
    position = torch.arange(size, device=count.device)
    shortest = torch.where(gate, position + 1, 0).amax(1, keepdim=True).clamp_min(constraint.min_gates)
    longest = torch.where(end, position, size).amin(1, keepdim=True).clamp_max(max(constraint.max_gates, 0))
    free = torch.nn.functional.pad((~kept).cumsum(1), (1, 0))  # free positions among the first ones
    room = constraint.max_two_qubit - constraint.entangling[torch.where(gate, tokens, PAD)].sum(1)
    fill = torch.where(constraint.singles[PAD + 1 :].any(), size, room if constraint.allowed.any() else 0)
    return (count >= shortest) & (count <= longest) & (free <= fill.view(-1, 1)) & (room >= 0)[:, None]


def _expanded(kept: Tensor, samples: int) -> Tensor:
    return kept.expand(samples, *kept.shape[1:]).clone()
