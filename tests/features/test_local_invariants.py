"""Invariants do not see gates on single qubits, and see everything else."""

from itertools import pairwise

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.features.local_invariants import local_invariants, orders, relabelled


def _random_circuit(num_qubits: int, count: int, rng: np.random.Generator) -> Circuit:
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(count):
        pair = tuple(map(int, rng.permutation(num_qubits)[:2]))
        gates += [("cx", pair, ()), *(("u", (q,), tuple(rng.uniform(0, 6, 3))) for q in pair)]
    return Circuit.from_gates(num_qubits, gates)


def _dressed(circuit: Circuit, rng: np.random.Generator) -> Circuit:
    n = circuit.num_qubits
    first, last = (Circuit.from_gates(n, [("u", (q,), tuple(rng.uniform(0, 6, 3))) for q in range(n)]) for _ in "ab")
    return Circuit(n, (*first.operations, *circuit.operations, *last.operations))


def test_invariants_are_free_of_single_qubit_gates_alone() -> None:
    rng = np.random.default_rng(0)
    for n in (2, 3, 4):
        circuits = [_random_circuit(n, count, rng) for count in (1, 2, 3, 5)]
        plain = local_invariants(np.stack([circuit.unitary() for circuit in circuits]))
        dressed = local_invariants(np.stack([_dressed(circuit, rng).unitary() for circuit in circuits]))
        np.testing.assert_allclose(plain, dressed, atol=1e-10)
        for first, second in pairwise(plain):
            assert np.abs(first - second).max() > 1e-3


def test_invariants_of_permuted_circuits_are_permuted() -> None:
    rng = np.random.default_rng(1)
    circuit = _random_circuit(3, 5, rng)
    given = local_invariants(circuit.unitary()[None])
    for order in orders(3):  # its qubit k comes to lie on order[k]
        moved = local_invariants(circuit.permuted(order, 3).unitary()[None])
        np.testing.assert_allclose(relabelled(moved, order), given, atol=1e-10)
