"""The likeliest gates, by beam search from the first to the last."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK
from circuitdiff.generation.constraint import (
    Constraint,
    length_scores,
    open_positions,
    possible_lengths,
    token_log_probabilities,
)
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.generation.samplers.sampler import CircuitBatch, Schedule, register_sampler


@register_sampler("beam")
def beam_search(
    denoise: Denoise, state: InpaintingMask, constraint: Constraint, schedule: Schedule, generator: torch.Generator
) -> CircuitBatch:
    """Keep the `num_samples` likeliest partial circuits, all distinct, and extend them gate by gate.

    Deterministic: the number of steps and the generator are not used, and of the state the first circuit alone. Where
    there are fewer circuits than are asked for, the score of the superfluous ones is -inf.
    """
    positions, count = constraint.num_gates, schedule.num_samples
    state = state.first()
    possible = possible_lengths(constraint, state)
    scores = length_scores(denoise, state, possible).log_softmax(-1)[:, 0]
    lengths = torch.arange(positions + 1, device=scores.device).expand(len(constraint), -1)
    tokens, scores = _best(open_positions(state, lengths, positions), scores, count)
    for position in range(positions):
        open_ = tokens[..., position] == MASK  # (targets, beams)
        if not bool((tokens == MASK).any()):
            break
        logits = denoise(tokens, None, None)[0][:, :, position]
        found = token_log_probabilities(logits / schedule.temperature, constraint.allowed[:, None])
        as_it_is = torch.full_like(found, -torch.inf).scatter(-1, tokens[..., position, None], 0.0)
        found = torch.where(open_[..., None], found, as_it_is)  # a known gate, or a finished circuit, stays as it is
        children = tokens[:, :, None].repeat(1, 1, found.shape[-1], 1)
        children[..., position] = torch.arange(found.shape[-1], device=tokens.device)
        over = constraint.entangling[children].sum(-1) > constraint.max_two_qubit
        found = found.masked_fill(over, -torch.inf)
        tokens, scores = _best(children.flatten(1, 2), (scores[..., None] + found).flatten(1), count)
    tokens, scores = _filled(tokens, scores, count)
    return CircuitBatch(state.with_final(tokens), None, scores)


def _best(tokens: Tensor, scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    scores, chosen = scores.topk(min(count, scores.shape[1]), dim=1)
    return torch.gather(tokens, 1, chosen[..., None].expand(-1, -1, tokens.shape[-1])), scores


def _filled(tokens: Tensor, scores: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Put copies of the likeliest circuit, with score -inf, where there are not `count` circuits to be had."""
    missing = count - tokens.shape[1]
    tokens = torch.cat((tokens, tokens[:, :1].expand(-1, missing, -1)), dim=1)
    scores = torch.nn.functional.pad(scores, (0, missing), value=-torch.inf)
    return torch.where(scores[..., None] == -torch.inf, tokens[:, :1], tokens), scores
