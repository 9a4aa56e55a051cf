"""The judge: what it measures and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import all_to_all, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.spec.device import Device
from circuitdiff.synthesis.verify import verify
from tests.strategies import QISKIT_GATES, circuits, haar


@given(circuits())
def test_verify_measures_the_infidelity_to_the_target(circuit: Circuit) -> None:
    device = Device(GateSet("everything", QISKIT_GATES), all_to_all(circuit.num_qubits))
    phase = np.exp(0.3j)
    assert verify(circuit, phase * circuit.unitary(), device) < 1e-13
    other = haar(circuit.num_qubits, 1)
    assert verify(circuit, other, device) == infidelity(other, circuit.unitary())


def test_verify_refuses_a_gate_that_the_device_lacks() -> None:
    circuit = Circuit.from_gates(2, [("h", (0,), ()), ("cz", (0, 1), ()), ("cx", (0, 1), ())])
    with pytest.raises(RuntimeError, match=r"uses cz, h, not in gate set u,cx"):
        verify(circuit, circuit.unitary(), Device(parse_gate_set("u,cx"), all_to_all(2)))


@pytest.mark.parametrize("operation", [("cx", (2, 0), ()), ("ccx", (0, 1, 2), ()), ("swap", (0, 2), ())])
def test_verify_refuses_a_coupling_that_the_device_lacks(operation: tuple) -> None:
    circuit = Circuit.from_gates(3, [("cx", (0, 1), ()), operation])
    with pytest.raises(RuntimeError, match=r"couples \[\(0, 2\)\], not on the coupling map line"):
        verify(circuit, circuit.unitary(), Device(parse_gate_set("cx,ccx,swap"), parse_coupling("line", 3)))
