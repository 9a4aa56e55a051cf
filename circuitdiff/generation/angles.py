"""Sample angles of given structures, by integrating the flow on the circle."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.diffusion.circle import uniform_angles
from circuitdiff.generation.denoise import Denoise


def sample_angles(denoise: Denoise, tokens: Tensor, steps: int, generator: torch.Generator) -> Tensor:
    """Integrate the flow from uniform noise with Euler steps.

    Args:
        denoise: the network.
        tokens: (targets, circuits, gates) int64, complete: all positions of the skeleton.
        steps: evaluations of the network.
        generator: of the device of `tokens`.

    Returns:
        (targets, circuits, gates, MAX_PARAMS) radians in [0, 2 pi); what a gate has no use for is arbitrary.
    """
    angles = uniform_angles((*tokens.shape, MAX_PARAMS), generator)
    for step in range(steps):
        time = torch.full(tokens.shape[:2], step / steps, dtype=torch.float32, device=tokens.device)
        angles = angles + denoise(tokens, angles, time)[1] / steps
    return torch.remainder(angles, 2 * math.pi)
