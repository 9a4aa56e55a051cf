"""The likeliest structures, by beam search from the first entangler to the last."""

from __future__ import annotations

import torch

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation.denoise import Constraint, Denoise, length_log_probabilities, token_log_probabilities
from circuitdiff.generation.structures import Structures


def search_structures(
    denoise: Denoise,
    constraint: Constraint,
    num_samples: int,
    steps: int,
    generator: torch.Generator,
    temperature: float = 1.0,
) -> Structures:
    """Keep the `num_samples` likeliest partial structures, all distinct, and extend them entangler by entangler.

    Deterministic: `steps` and `generator` are not used. Where fewer structures exist than asked for, the score of the
    superfluous ones is -inf. Arguments and result are those of `sample_structures`.
    """
    positions = constraint.lengths.shape[1] - 1
    device = constraint.lengths.device
    index = torch.arange(positions, device=device)
    scores = length_log_probabilities(denoise, constraint)
    lengths = torch.arange(positions + 1, device=device)
    tokens = torch.where(index < lengths[:, None], MASK, PAD).expand(len(constraint), -1, -1)
    tokens, scores = _best(tokens, scores, num_samples)
    for position in range(positions):
        open_ = tokens[..., position] == MASK  # (targets, beams)
        if not bool(open_.any()):
            break
        logits = denoise(tokens, None, None)[0][:, :, position]
        found = token_log_probabilities(logits / temperature, constraint.allowed[:, None])
        closed = torch.full_like(found, -torch.inf)
        closed[..., PAD] = 0.0  # a finished structure stays as it is
        found = torch.where(open_[..., None], found, closed)
        children = tokens[:, :, None].repeat(1, 1, found.shape[-1], 1)
        children[..., position] = torch.arange(found.shape[-1], device=device)
        tokens, scores = _best(children.flatten(1, 2), (scores[..., None] + found).flatten(1), num_samples)
    return _filled(tokens, scores, num_samples)


def _best(tokens: torch.Tensor, scores: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    scores, chosen = scores.topk(min(count, scores.shape[1]), dim=1)
    return torch.gather(tokens, 1, chosen[..., None].expand(-1, -1, tokens.shape[-1])), scores


def _filled(tokens: torch.Tensor, scores: torch.Tensor, count: int) -> Structures:
    """Put copies of the likeliest structure, with score -inf, where there are not `count` structures to be had."""
    missing = count - tokens.shape[1]
    tokens = torch.cat((tokens, tokens[:, :1].expand(-1, missing, -1)), dim=1)
    scores = torch.nn.functional.pad(scores, (0, missing), value=-torch.inf)
    return Structures(torch.where(scores[..., None] == -torch.inf, tokens[:, :1], tokens), scores)
