"""Unitaries computed together are those computed one by one."""

import numpy as np

from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound, multi_qubit_lower_bounds


def _random_circuit(num_qubits: int, num_gates: int, rng: np.random.Generator) -> Circuit:
    names = [name for name, gate in GATES.items() if gate.num_qubits <= num_qubits]
    gates = []
    for name in rng.choice(names, num_gates):
        qubits = rng.permutation(num_qubits)[: GATES[name].num_qubits]
        gates.append((str(name), qubits, rng.uniform(-7, 7, GATES[name].num_params)))
    return Circuit.from_gates(num_qubits, gates, float(rng.uniform(-3, 3)))


def test_batched_unitaries_are_those_of_each_circuit() -> None:
    rng = np.random.default_rng(0)
    circuits = [_random_circuit(int(rng.integers(1, 6)), int(rng.integers(0, 40)), rng) for _ in range(60)]
    for circuit, unitary in zip(circuits, batched_unitaries(circuits), strict=True):
        np.testing.assert_allclose(unitary, circuit.unitary(), atol=1e-12)


def test_lower_bounds_of_many_are_those_of_each() -> None:
    rng = np.random.default_rng(1)
    for names in ("u,cx", "u,rzz"):
        for num_qubits in (2, 3, 4):
            coupling, gate_set = all_to_all(num_qubits), parse_gate_set(names)
            unitaries = np.stack([_random_circuit(num_qubits, 6, rng).unitary() for _ in range(20)])
            expected = [multi_qubit_lower_bound(unitary, coupling, gate_set) for unitary in unitaries]
            assert multi_qubit_lower_bounds(unitaries, coupling, gate_set) == expected
