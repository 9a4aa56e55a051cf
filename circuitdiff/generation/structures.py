"""Sample structures by unmasking them in order of confidence."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation.denoise import Constraint, Denoise, length_log_probabilities, token_log_probabilities


class Structures(NamedTuple):
    """Sampled structures."""

    tokens: Tensor  # (targets, samples, max_gates) int64: gates, then PAD
    scores: Tensor  # (targets, samples) log-probability along the path on which it was sampled


def sample_structures(
    denoise: Denoise,
    constraint: Constraint,
    num_samples: int,
    steps: int,
    generator: torch.Generator,
    temperature: float = 1.0,
) -> Structures:
    """Draw the number of entanglers, then unmask the entanglers, the surest first.

    Samples that still agree share one evaluation of the network.

    Args:
        denoise: the network.
        constraint: what structures must obey; a target that permits no length is an error of the caller.
        num_samples: a target.
        steps: evaluations of the network, after the one for the lengths.
        generator: of the device of `constraint`.
        temperature: of the entangler distribution; below 1 favours the likeliest.
    """
    positions = constraint.lengths.shape[1] - 1
    length_scores = length_log_probabilities(denoise, constraint)
    lengths = torch.multinomial(length_scores.exp(), num_samples, replacement=True, generator=generator)
    scores = torch.gather(length_scores, 1, lengths)
    tokens = torch.where(torch.arange(positions, device=lengths.device) < lengths[..., None], MASK, PAD)
    for step in range(steps):
        masked = tokens == MASK
        if not bool(masked.any()):
            break
        logits = denoise_distinct(denoise, tokens)
        clean = token_log_probabilities(logits / temperature, constraint.allowed[:, None, None])
        drawn = torch.multinomial(clean.exp().flatten(0, 2), 1, generator=generator).view_as(tokens)
        sureness = torch.gather(clean, 3, drawn[..., None])[..., 0]
        revealed = surest(sureness, masked, steps - step, generator)
        tokens = torch.where(revealed, drawn, tokens)
        scores = scores + (sureness * revealed).sum(-1)
    return Structures(tokens, scores)


def surest(sureness: Tensor, masked: Tensor, steps_left: int, generator: torch.Generator) -> Tensor:
    """Choose the share of masked positions to reveal now, by log-probability plus Gumbel noise that fades."""
    noise = torch.rand(sureness.shape, generator=generator, dtype=torch.float32, device=sureness.device).clamp_min(1e-9)
    gumbel = -(-noise.log()).log() * (1 - 1 / steps_left)
    order = (sureness + gumbel).masked_fill(~masked, -torch.inf).argsort(dim=-1, descending=True)
    rank = order.argsort(dim=-1)
    wanted = -(-masked.sum(-1, keepdim=True) // steps_left)  # rounded up
    return (rank < wanted) & masked


def denoise_distinct(denoise: Denoise, tokens: Tensor) -> Tensor:
    """Return logits (targets, samples, gates, vocabulary), evaluating equal structures of a target once."""
    targets, samples, positions = tokens.shape
    owner = torch.arange(targets, device=tokens.device).repeat_interleave(samples)
    rows = torch.cat((owner[:, None], tokens.flatten(0, 1)), dim=1)
    distinct, inverse = torch.unique(rows, dim=0, return_inverse=True)  # sorted, so grouped by target
    counts = torch.bincount(distinct[:, 0], minlength=targets)
    slot = torch.arange(len(distinct), device=tokens.device) - (counts.cumsum(0) - counts)[distinct[:, 0]]
    grouped = torch.zeros(targets, int(counts.max()), positions, dtype=tokens.dtype, device=tokens.device)
    grouped[distinct[:, 0], slot] = distinct[:, 1:]
    logits = denoise(grouped, None, None)[0]
    return logits[distinct[:, 0], slot][inverse].view(targets, samples, positions, -1)
