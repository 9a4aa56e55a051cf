"""The flow of the angle mode."""

from __future__ import annotations

import math

import torch

from circuitdiff.diffusion.circle import flow_loss, noisy_angles, uniform_angles, wrap


def draw(seed: int) -> torch.Tensor:
    return uniform_angles((50, 3, 4), torch.Generator().manual_seed(seed))


def test_path_runs_from_noise_to_data_along_the_shorter_arc() -> None:
    clean, noise = draw(0), draw(1)
    start, velocity = noisy_angles(clean, noise, torch.zeros(50))
    end, _ = noisy_angles(clean, noise, torch.ones(50))
    torch.testing.assert_close(start, noise)
    torch.testing.assert_close(wrap(end - clean).abs().clamp_min(1e-4), torch.full_like(clean, 1e-4))
    assert velocity.abs().max() <= math.pi


def test_data_is_reached_from_any_point_at_the_true_velocity() -> None:
    clean, noise = draw(2), draw(3)
    point, velocity = noisy_angles(clean, noise, torch.full((50,), 0.4))
    torch.testing.assert_close(wrap(point + 0.6 * velocity - clean).abs().clamp_min(1e-4), torch.full_like(clean, 1e-4))


def test_uniform_angles_fill_the_circle_evenly() -> None:
    angles = uniform_angles((40_000,), torch.Generator().manual_seed(0))
    assert angles.min() >= 0
    assert angles.max() < 2 * math.pi
    assert abs(torch.exp(1j * angles).mean()) < 0.02


def test_flow_loss_ignores_absent_angles() -> None:
    velocity = torch.zeros(1, 2, 4)
    predicted = torch.zeros(1, 2, 4)
    predicted[..., 2:] = 100.0
    present = torch.tensor([True, True, False, False]).expand(1, 2, 4)
    assert flow_loss(predicted, velocity, present) == 0
    assert flow_loss(predicted + math.pi, velocity, present) == 1
