"""Masked (absorbing) diffusion of tokens.

Forward: at time t each token has become MASK with probability t, independently (the linear schedule
``alpha_t = 1 - t``). Reverse: a network predicts the clean token at every masked position. The negative ELBO is then
the cross-entropy at masked positions weighted by 1/t (Sahoo et al., arXiv 2406.07524; Shi et al., arXiv 2406.04329);
its equal with less variance divides by the number of masked positions instead.
"""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK


def stratified_times(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Draw times (rows, columns) in (0, 1], each row one from every one of `columns` equal intervals."""
    device = generator.device
    offset = torch.rand(rows, columns, generator=generator, dtype=torch.float32, device=device)
    return 1 - (torch.arange(columns, device=device) + offset) / columns


def mask_tokens(tokens: Tensor, time: Tensor, eligible: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Run the forward process.

    Args:
        tokens: (..., gates) int64, clean.
        time: (...) in [0, 1].
        eligible: (..., gates) bool, positions that may be masked; the others stay known.
        generator: of the device of `tokens`.

    Returns:
        The noisy tokens and where they are masked.
    """
    draw = torch.rand(tokens.shape, generator=generator, dtype=torch.float32, device=tokens.device)
    masked = (draw < time[..., None]) & eligible
    return torch.where(masked, torch.full_like(tokens, MASK), tokens), masked


def masked_cross_entropy(logits: Tensor, tokens: Tensor, masked: Tensor) -> Tensor:
    """Return the cross-entropy in nats a masked position, averaged over the circuits that have one.

    Args:
        logits: (..., gates, vocabulary).
        tokens: (..., gates) int64, clean.
        masked: (..., gates) bool.
    """
    entropy = torch.nn.functional.cross_entropy(logits.flatten(0, -2), tokens.flatten(), reduction="none")
    entropy = entropy.view(tokens.shape) * masked
    count = masked.sum(-1)
    return (entropy.sum(-1) / count.clamp_min(1)).sum() / (count > 0).sum().clamp_min(1)
