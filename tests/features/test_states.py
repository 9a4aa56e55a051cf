"""What a network is shown of states."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch
from torch import Tensor

from circuitdiff.features.states import cut_sides, num_features, sides_within, state_features


def random_states(count: int, n: int, seed: int = 0) -> Tensor:
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(count, 1 << n)) + 1j * rng.normal(size=(count, 1 << n))
    return torch.from_numpy(states / np.linalg.norm(states, axis=1, keepdims=True))


def random_local(n: int, rng: np.random.Generator) -> Tensor:
    whole = np.ones((1, 1))
    for _ in range(n):
        gate, _ = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))
        whole = np.kron(gate, whole)
    return torch.from_numpy(whole)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_every_cut_has_one_side_and_features_are_of_order_one(n: int) -> None:
    sides = cut_sides(n)
    complements = {tuple(q for q in range(n) if q not in side) for side in sides}
    assert len(sides) == 2 ** (n - 1) - 1
    assert not complements & set(sides)
    features = state_features(random_states(8, n))
    assert features.shape == (8, len(sides), num_features(n))
    assert features.abs().max() < 10


@pytest.mark.parametrize("n", [3, 4])
def test_gates_on_single_qubits_and_phases_change_nothing(n: int) -> None:
    states, rng = random_states(4, n), np.random.default_rng(1)
    turned = 1j * (random_local(n, rng) @ states[..., None])[..., 0]
    assert torch.allclose(state_features(turned), state_features(states), atol=1e-5)


@pytest.mark.parametrize("order", [*permutations(range(3)), (3, 1, 0, 2)])
def test_permuted_qubits_permute_the_sides(order: tuple[int, ...]) -> None:
    n = len(order)
    states = random_states(3, n)
    # Qubit q of the moved state is qubit order[q]; axis 1 + q of the reshaped state is qubit n - 1 - q.
    axes = [1 + n - 1 - order[n - 1 - place] for place in range(n)]
    moved = states.reshape([3] + [2] * n).permute([0, *axes]).reshape(3, -1)
    there, here = state_features(moved), state_features(states)
    for row, side in enumerate(cut_sides(n)):
        image = tuple(sorted(order[q] for q in side))
        other = tuple(q for q in range(n) if q not in image)
        at = cut_sides(n).index(image if image in cut_sides(n) else other)
        spectrum = slice(0, 2 * (1 << n // 2))
        assert torch.allclose(there[:, row, spectrum], here[:, at, spectrum], atol=1e-5)
        if image in cut_sides(n):
            assert torch.allclose(there[:, row], here[:, at], atol=1e-5)


def test_known_states_show_their_spectra() -> None:
    ghz = torch.zeros(1, 8, dtype=torch.complex128)
    ghz[0, 0] = ghz[0, 7] = 0.5**0.5
    spectrum = state_features(ghz)[0, :, :2] / 4
    assert torch.allclose(spectrum, torch.full((3, 2), 0.5))
    zero = torch.eye(1, 16, dtype=torch.complex128)
    assert torch.allclose(state_features(zero)[0, :, 0], torch.tensor(4.0))


def test_sides_with_absent_qubits_are_left_out() -> None:
    present = sides_within(torch.tensor([2, 3, 4]), 4)
    assert [[side for side, here in zip(cut_sides(4), row, strict=True) if here] for row in present.tolist()] == [
        [(0,), (1,), (0, 1)],
        [(0,), (1,), (2,), (0, 1), (0, 2)],
        list(cut_sides(4)),
    ]
