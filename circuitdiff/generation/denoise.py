"""What samplers call: a denoiser bound to its condition, guided or not."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

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


def denoise_distinct(denoise: Denoise, tokens: Tensor) -> Tensor:
    """Return logits (targets, circuits, gates, vocabulary), evaluating equal circuits of a target once."""
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
