from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

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
