"""Gates and angles together: gates unmasked in order of confidence, angles along the flow."""

from __future__ import annotations

import logging

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.counting import counted
from circuitdiff.generation.constraint import Constraint, greatest, length_scores, open_positions, possible_lengths
from circuitdiff.generation.denoise import Denoise, denoise_distinct
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.generation.samplers.flow import AngleFlow
from circuitdiff.generation.samplers.sampler import CircuitBatch, Schedule, register_sampler
from circuitdiff.generation.samplers.unmasking import unmask

logger = logging.getLogger(__name__)


@register_sampler("confidence")
def sample_by_confidence(
    denoise: Denoise, state: InpaintingMask, constraint: Constraint, schedule: Schedule, generator: torch.Generator
) -> CircuitBatch:
    """Draw the number of gates, then unmask the gates one after another, while the angles follow their flow.

    Without angles, circuits that still agree share one evaluation of the network.

    Raises:
        ValueError: where no number of gates is possible.
    """
    state, size = state.expand(schedule.num_samples), constraint.num_gates
    final = state.tokens[:, size:].expand(len(constraint), -1, -1)
    opened, scores = _opened(denoise, state, constraint, schedule, generator)
    tokens = torch.cat((opened, final), dim=-1)
    free = ~state.keep_tokens & (tokens != PAD)
    flow = AngleFlow(state, len(constraint), schedule.steps, generator)
    for step in counted(range(schedule.steps), "drawing: step", logger):
        left = schedule.steps - step
        if schedule.remask and 0 < step < schedule.steps - 1:
            chance = torch.rand(tokens.shape, generator=generator, dtype=torch.float32, device=tokens.device)
            tokens = torch.where(free & (chance < schedule.remask * left / schedule.steps), MASK, tokens)
        if schedule.angles:
            logits = flow.step(denoise, tokens, step)[..., :size, :]
        elif bool((tokens == MASK).any()):
            logits = denoise_distinct(denoise, tokens[..., :size])
        else:
            break
        drawn, gained = unmask(tokens[..., :size], logits, constraint, schedule, left, generator)
        tokens, scores = torch.cat((drawn, final), dim=-1), scores + gained
    return CircuitBatch(tokens, flow.end() if schedule.angles else None, scores)


def _opened(
    denoise: Denoise, state: InpaintingMask, constraint: Constraint, schedule: Schedule, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw the number of gates of each circuit; return masked circuits of that length, and its log-probability."""
    possible = possible_lengths(constraint, state)
    if not bool(possible.any(-1).all()):
        raise ValueError("no number of gates is possible")
    lengths = greatest(possible)
    scores = torch.zeros(lengths.shape, dtype=torch.float32, device=lengths.device)
    if bool((possible.sum(-1) > 1).any()):
        weights = length_scores(denoise, state, possible) / schedule.temperature
        drawn = torch.multinomial(weights.softmax(-1).flatten(0, 1), 1, generator=generator)
        lengths = drawn.view(lengths.shape)
        scores = torch.gather(weights.log_softmax(-1), -1, lengths[..., None])[..., 0]
    return open_positions(state, lengths, constraint.num_gates), scores
