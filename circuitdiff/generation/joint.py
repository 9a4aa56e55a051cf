"""Sample structures and angles together, both noises falling at once."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.diffusion.circle import uniform_angles
from circuitdiff.generation.denoise import Constraint, Denoise, length_log_probabilities, token_log_probabilities


def sample_jointly(
    denoise: Denoise,
    constraint: Constraint,
    layout: Layout,
    num_samples: int,
    steps: int,
    generator: torch.Generator,
    temperature: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Draw the number of entanglers, then unmask entanglers and integrate the flow of the angles in the same steps.

    Each masked position is unmasked with the chance that keeps the masked share at ``1 - time``; what is left, at the
    last step. Arguments are those of `sample_structures`.

    Returns:
        Tokens (targets, samples, gates) int64, and angles (targets, samples, gates, MAX_PARAMS) in [0, 2 pi).
    """
    positions, device = layout.max_gates, constraint.lengths.device
    length_scores = length_log_probabilities(denoise, constraint)
    lengths = torch.multinomial(length_scores.exp(), num_samples, replacement=True, generator=generator)
    opened = torch.where(torch.arange(positions, device=device) < lengths[..., None], MASK, PAD)
    closing = torch.tensor(layout.final_tokens, device=device).expand(*opened.shape[:2], -1)
    tokens = torch.cat((opened, closing), dim=-1)
    angles = uniform_angles((*tokens.shape, MAX_PARAMS), generator)
    for step in range(steps):
        time = torch.full(tokens.shape[:2], step / steps, dtype=torch.float32, device=device)
        logits, velocity = denoise(tokens, angles, time)
        clean = token_log_probabilities(logits / temperature, constraint.allowed[:, None, None])
        drawn = torch.multinomial(clean.exp().flatten(0, 2), 1, generator=generator).view_as(tokens)
        chance = torch.rand(tokens.shape, generator=generator, dtype=torch.float32, device=device)
        revealed = (tokens == MASK) & (chance < 1 / (steps - step))
        tokens = torch.where(revealed, drawn, tokens)
        angles = angles + velocity / steps
    return tokens, torch.remainder(angles, 2 * math.pi)
