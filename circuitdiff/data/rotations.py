"""Single-qubit gates as unit quaternions, in batch.

The quaternion (w, x, y, z) stands for ``w I - i (x X + y Y + z Z)``: an element of SU(2), so a gate up to its phase.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

IDENTITY = (1.0, 0.0, 0.0, 0.0)
PAULI_X = (0.0, 1.0, 0.0, 0.0)
PAULI_Z = (0.0, 0.0, 0.0, 1.0)


def compose(later: Tensor, earlier: Tensor) -> Tensor:
    """Return the gate that applies `earlier`, then `later`; both (..., 4)."""
    w1, x1, y1, z1 = later.unbind(-1)
    w2, x2, y2, z2 = earlier.unbind(-1)
    return torch.stack(
        (
            w1 * w2 - x1 * x2 - y1 * y2 - z1 * z2,
            w1 * x2 + x1 * w2 + y1 * z2 - z1 * y2,
            w1 * y2 - x1 * z2 + y1 * w2 + z1 * x2,
            w1 * z2 + x1 * y2 - y1 * x2 + z1 * w2,
        ),
        dim=-1,
    )


def rotation(axis: Tensor, angle: Tensor) -> Tensor:
    """Return ``exp(-i angle/2 P)``; axis (...) int64, 0..2 for X, Y, Z, and angle (...) in radians, to (..., 4)."""
    direction = torch.nn.functional.one_hot(axis, 3).to(angle.dtype)
    return torch.cat((torch.cos(angle / 2)[..., None], torch.sin(angle / 2)[..., None] * direction), dim=-1)


def rotate_z(angle: Tensor) -> Tensor:
    """Return ``Rz(angle)``, (...) to (..., 4)."""
    return rotation(torch.full_like(angle, 2, dtype=torch.long), angle)


def from_euler(alpha: Tensor, beta: Tensor, gamma: Tensor) -> Tensor:
    """Return ``Rz(alpha) Ry(beta) Rz(gamma)``; the inverse of `to_euler`."""
    half_sum, half_difference = (alpha + gamma) / 2, (alpha - gamma) / 2
    cos, sin = torch.cos(beta / 2), torch.sin(beta / 2)
    parts = (
        cos * torch.cos(half_sum),
        -sin * torch.sin(half_difference),
        sin * torch.cos(half_difference),
        cos * torch.sin(half_sum),
    )
    return torch.stack(parts, dim=-1)


def to_euler(gate: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return (alpha, beta, gamma), beta in [0, pi], of ``Rz(alpha) Ry(beta) Rz(gamma)``.

    At beta = 0 only alpha + gamma, and at beta = pi only alpha - gamma, mean anything.
    """
    w, x, y, z = gate.unbind(-1)
    beta = 2 * torch.atan2(torch.hypot(x, y), torch.hypot(w, z))
    half_sum, half_difference = torch.atan2(z, w), torch.atan2(-x, y)
    return half_sum + half_difference, beta, half_sum - half_difference


def haar(shape: tuple[int, ...], generator: torch.Generator, device: torch.device | str = "cpu") -> Tensor:
    """Draw gates from the Haar measure, (*shape, 4) float64."""
    normal = torch.randn(*shape, 4, generator=generator, dtype=torch.float64, device=device)
    return torch.nn.functional.normalize(normal, dim=-1)


def positive_angle(angle: Tensor, tolerance: float) -> Tensor:
    """Bring angles to [0, 2 pi), those within `tolerance` below 2 pi to 0."""
    wrapped = torch.remainder(angle, 2 * math.pi)
    return torch.where(wrapped > 2 * math.pi - tolerance, torch.zeros_like(wrapped), wrapped)
