"""Flow matching of angles on the circle.

The path from noise x0 (uniform) to data x1 is the shorter arc: ``x_s = x0 + s wrap(x1 - x0)``, s from 0 to 1, at
constant velocity ``wrap(x1 - x0)``, which the network regresses (Lipman et al., arXiv 2210.02747; on manifolds Chen and
Lipman, arXiv 2302.03660).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def wrap(angle: Tensor) -> Tensor:
    """Bring angles to [-pi, pi)."""
    return torch.remainder(angle + math.pi, 2 * math.pi) - math.pi


def uniform_angles(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw angles from [0, 2 pi)."""
    return 2 * math.pi * torch.rand(shape, generator=generator, dtype=torch.float32, device=generator.device)


def noisy_angles(clean: Tensor, noise: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
    """Return the point of the path at `time` and its velocity.

    Args:
        clean: (..., gates, params) radians.
        noise: the same shape.
        time: (...) in [0, 1].
    """
    velocity = wrap(clean - noise)
    return noise + time[..., None, None] * velocity, velocity


def flow_loss(predicted: Tensor, velocity: Tensor, present: Tensor) -> Tensor:
    """Return the mean squared error of velocities over the angles that exist, in units of pi^2.

    Args:
        predicted: (..., gates, params).
        velocity: the same shape.
        present: the same shape, bool.
    """
    error = ((predicted - velocity) / math.pi).square() * present
    return error.sum() / present.sum().clamp_min(1)
