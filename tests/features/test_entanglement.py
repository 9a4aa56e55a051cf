from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.features.entanglement import possible_ranks, schmidt_rank_vectors


def state(circuit: Circuit) -> torch.Tensor:
    return torch.from_numpy(circuit.unitary()[:, :1].T.copy())


@pytest.mark.parametrize(
    ("gates", "ranks"),
    [
        ([("h", (0,), ())], [1, 1, 1]),
        ([("h", (0,), ()), ("cx", (0, 2), ())], [2, 1, 2]),
        ([("h", (1,), ()), ("cx", (1, 2), ())], [1, 2, 2]),
        ([("h", (0,), ()), ("cx", (0, 1), ()), ("cx", (1, 2), ())], [2, 2, 2]),
    ],
)
def test_ranks_of_known_states(gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]], ranks: list[int]) -> None:
    assert schmidt_rank_vectors(state(Circuit.from_gates(3, gates))).tolist() == [ranks]


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_ranks_are_those_of_the_reduced_density_matrices(dtype: torch.dtype) -> None:
    rng = np.random.default_rng(0)
    for n in (2, 3, 5):
        psi = np.array([1.0])
        for _ in range(n):  # a product state, then one entangled pair
            psi = np.kron(psi, rng.normal(size=2) + 1j * rng.normal(size=2))
        psi /= np.linalg.norm(psi)
        entangled = psi.reshape((2,) * n).copy()
        entangled[0, ..., 0] *= -1
        entangled = entangled.ravel() / np.linalg.norm(entangled)
        for vector in (psi, entangled):
            expected = []
            for q in range(n):
                matrix = np.moveaxis(vector.reshape((2,) * n), n - 1 - q, 0).reshape(2, -1)
                expected.append(int(np.linalg.matrix_rank(matrix, tol=1e-3)))
            found = schmidt_rank_vectors(torch.from_numpy(vector[None]).to(dtype))
            assert found.tolist() == [expected]


def test_the_ranks_of_random_circuits_are_possible() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        gates = []
        for _ in range(6):
            a, b = (int(q) for q in rng.permutation(4)[:2])
            gates.append(("cx", (a, b), ()) if rng.random() < 0.5 else ("h", (a,), ()))
        assert possible_ranks(tuple(schmidt_rank_vectors(state(Circuit.from_gates(4, gates)))[0].tolist()))


def test_a_single_entangled_qubit_is_impossible() -> None:
    impossible = [r for r in product((1, 2), repeat=3) if not possible_ranks(r)]
    assert impossible == [(1, 1, 2), (1, 2, 1), (2, 1, 1)]
    assert not possible_ranks((2, 3))
