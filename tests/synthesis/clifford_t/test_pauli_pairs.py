from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.synthesis.clifford_t.pauli_pairs import pair_rotations
from circuitdiff.synthesis.clifford_t.phase_folding import fold_phases
from circuitdiff.synthesis.clifford_t.plan import estimate, plan

GATES = (("h", 1, 0), ("s", 1, 0), ("t", 1, 0), ("cx", 2, 0), ("rz", 1, 1), ("rx", 1, 1))


def random_circuit(seed: int, num_qubits: int = 4, num_gates: int = 40) -> Circuit:
    rng = np.random.default_rng(seed)
    gates = []
    for name, width, count in (GATES[i] for i in rng.integers(len(GATES), size=num_gates)):
        qubits = tuple(map(int, rng.permutation(num_qubits)[:width]))
        gates.append((name, qubits, tuple(rng.uniform(-3, 3, count))))
    return Circuit.from_gates(num_qubits, gates)


def ansatz(num_qubits: int, layers: int) -> Circuit:
    """Return rotations about Y between ladders of CX, as in variational algorithms."""
    rng = np.random.default_rng(0)
    gates = []
    for _ in range(layers):
        gates += [("ry", (q,), (float(rng.uniform(-3, 3)),)) for q in range(num_qubits)]
        gates += [("cx", (q, q + 1), ()) for q in reversed(range(num_qubits - 1))]
    return Circuit.from_gates(num_qubits, gates)


@pytest.mark.parametrize("seed", range(12))
def test_the_operation_stays_the_same(seed: int) -> None:
    circuit = random_circuit(seed)
    assert infidelity(circuit.unitary(), pair_rotations(fold_phases(circuit), None).unitary()) < 1e-12


def test_rotations_of_successive_layers_share_their_approximation() -> None:
    circuit = fold_phases(ansatz(8, 2))
    alone, paired = (estimate(plan(form, 1e-4), 1e-4) for form in (circuit, pair_rotations(circuit, None)))
    assert paired < 0.7 * alone


def test_pairs_that_are_not_coupled_stay_free_of_gates() -> None:
    line = frozenset((q, q + 1) for q in range(7))
    assert pair_rotations(fold_phases(ansatz(8, 3)), line).pairs <= line


def test_t_gates_alone_are_left_where_they_are() -> None:
    circuit = fold_phases(
        Circuit.from_gates(3, [("t", (0,), ()), ("cx", (0, 1), ()), ("h", (0,), ()), ("t", (0,), ())])
    )
    assert pair_rotations(circuit, None).two_qubit_count == circuit.two_qubit_count
