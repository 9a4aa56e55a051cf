"""Gates alone, with their log-probabilities, unmasked in order of confidence."""

from __future__ import annotations

import torch

from circuitdiff.circuits.vocabulary import MASK
from circuitdiff.generation.constraint import Constraint, length_scores, open_positions, possible_lengths
from circuitdiff.generation.denoise import Denoise, denoise_distinct
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.generation.samplers.sampler import CircuitBatch, Schedule, register_sampler
from circuitdiff.generation.samplers.unmasking import unmask


@register_sampler("gates")
def sample_gates(
    denoise: Denoise, state: InpaintingMask, constraint: Constraint, schedule: Schedule, generator: torch.Generator
) -> CircuitBatch:
    """Draw the number of gates, then unmask the gates, those of highest confidence first.

    Circuits that still agree share one evaluation of the network. A target that permits no number of gates is an error
    of the caller.
    """
    possible = possible_lengths(constraint, state)
    chances = length_scores(denoise, state, possible).log_softmax(-1)  # (targets, circuits of the state, lengths)
    targets, samples = len(constraint), schedule.num_samples
    if len(state) == 1:
        lengths = torch.multinomial(chances[:, 0].exp(), samples, replacement=True, generator=generator)
    else:
        lengths = torch.multinomial(chances.exp().flatten(0, 1), 1, generator=generator).view(targets, samples)
    scores = torch.gather(chances.expand(-1, samples, -1), 2, lengths[..., None])[..., 0]
    tokens = open_positions(state, lengths, constraint.num_gates)
    for step in range(schedule.steps):
        if not bool((tokens == MASK).any()):
            break
        logits = denoise_distinct(denoise, tokens)
        tokens, gained = unmask(tokens, logits, constraint, schedule, schedule.steps - step, generator)
        scores = scores + gained
    return CircuitBatch(state.with_final(tokens), None, scores)
