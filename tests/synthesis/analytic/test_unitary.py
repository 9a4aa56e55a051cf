from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.random import random_clifford_circuit
from qiskit.quantum_info import Operator

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.synthesis.analytic import unitary as analytic
from circuitdiff.synthesis.analytic.qiskit_synthesis import qiskit_circuits
from tests.strategies import haar


@pytest.mark.parametrize("gate_set", ["u,cx", "ibm-ecr", "ion"])
def test_candidates_that_are_only_near_are_polished(gate_set: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Optimisation passes round rotations of 1e-5 away, and on some targets that adds up to more than rounding."""

    def rounded(U: np.ndarray, coupling: Coupling, seeds: int) -> Iterator[Circuit]:
        for circuit in qiskit_circuits(U, coupling, seeds):
            operations = (op._replace(params=tuple(np.round(op.params, 5))) for op in circuit.operations)
            yield replace(circuit, operations=tuple(operations))

    target, coupling = haar(3, 0), parse_coupling("all", 3)
    (near,) = rounded(target, coupling, 1)
    assert infidelity(target, near.unitary()) > 10 * analytic.EXACT
    monkeypatch.setattr(analytic, "qiskit_circuits", rounded)
    circuit = analytic.analytic_circuit(target, parse_gate_set(gate_set), coupling)
    assert infidelity(target, circuit.unitary()) < analytic.EXACT
    assert circuit.two_qubit_count <= 2 * near.two_qubit_count


@pytest.mark.parametrize("seed", range(6))
def test_qiskit_without_its_stage_plugins_gives_what_transpile_gives(seed: int) -> None:
    num_qubits = 2 + seed % 3
    operator = Operator(random_clifford_circuit(num_qubits, 12, seed=seed)).data if seed % 2 else haar(num_qubits, seed)
    circuit = QuantumCircuit(num_qubits)
    circuit.unitary(operator, range(num_qubits))
    expected = transpile(circuit, basis_gates=["u", "cx"], optimization_level=3)
    (found,) = qiskit_circuits(operator, parse_coupling("all", num_qubits), 1)
    assert found.to_qiskit() == expected
