"""What a state may come to by one more CZ: entropies and amplitudes against direct computation."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import apply_gate
from circuitdiff.features.lower_bounds import cuts, schmidt_values
from circuitdiff.numerics.state_disentangle import children, entropies


def generic(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    state = rng.normal(size=1 << n) + 1j * rng.normal(size=1 << n)
    return np.asarray(state / np.linalg.norm(state))


@pytest.mark.parametrize("n", [3, 5])
def test_entropies_are_those_of_the_schmidt_coefficients(n: int) -> None:
    state = generic(n, n)
    wanted = [-np.log((schmidt_values(state[:, None], cut) ** 4).sum()) for cut in cuts(n)]
    np.testing.assert_allclose(entropies(state), wanted, atol=1e-12)


def test_children_are_what_their_axes_and_cz_make_of_the_state() -> None:
    state, rng = generic(4, 1), np.random.default_rng(0)
    found = children(state, entropies(state), [(0, 1), (1, 3)], rng)
    assert {tuple(pair) for pair in found.pairs.tolist()} == {(0, 1), (1, 3)}
    for pair, axes, after, values in zip(found.pairs.tolist(), found.axes, found.states, found.entropies, strict=True):
        made = state[:, None]
        for q, axis in zip(pair, axes, strict=True):
            theta, phi = np.arccos(axis[2]), np.arctan2(axis[1], axis[0])
            made = apply_gate("u", (q,), (-theta, 0.0, -phi), made)
        made = apply_gate("cz", tuple(pair), (), made)[:, 0]
        assert abs(np.vdot(made, after)) == pytest.approx(1, abs=1e-12)
        np.testing.assert_allclose(values, entropies(after), atol=1e-12)


def test_a_bell_pair_is_taken_apart_by_one_cz() -> None:
    bell = np.array([1, 0, 0, 1], dtype=np.complex128) / np.sqrt(2)
    found = children(bell, entropies(bell), [(0, 1)], np.random.default_rng(0))
    assert found.entropies.sum(1).min() == pytest.approx(0, abs=1e-9)
    assert found.lengths[found.entropies.sum(1).argmin()] == pytest.approx([1, 1], abs=1e-6)
