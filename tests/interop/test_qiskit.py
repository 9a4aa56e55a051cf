from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import (
    CXGate,
    GlobalPhaseGate,
    MCXGate,
    PauliEvolutionGate,
    PermutationGate,
    QFTGate,
    RZXGate,
    UnitaryGate,
    XGate,
)
from qiskit.quantum_info import Operator, Pauli, random_unitary

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.interop import from_qiskit, to_qiskit


def test_export_has_the_unitary_that_qiskit_computes(gate_circuit: Circuit) -> None:
    np.testing.assert_allclose(Operator(to_qiskit(gate_circuit)).data, gate_circuit.unitary(), atol=1e-12)


def test_round_trip_keeps_every_operation(gate_circuit: Circuit) -> None:
    back = from_qiskit(to_qiskit(gate_circuit))
    assert back.operations == gate_circuit.operations
    assert back.global_phase == pytest.approx(gate_circuit.global_phase % (2 * np.pi))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_circuits_come_back_as_they_were(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [name for name in GATES if name != "dcz"]
    gates = []
    for name in rng.choice(names, size=8):
        qubits = rng.permutation(4)[: GATES[name].num_qubits]
        gates.append((str(name), qubits, rng.uniform(-7, 7, GATES[name].num_params)))
    circuit = Circuit.from_gates(4, gates)
    assert from_qiskit(to_qiskit(circuit)).operations == circuit.operations


@pytest.mark.filterwarnings("ignore:splu", "ignore:spsolve")  # of scipy, in Qiskit's matrix of an evolution
@pytest.mark.parametrize(
    ("gate", "qubits"),
    [
        (MCXGate(3), (3, 0, 2, 1)),
        (QFTGate(3), (2, 0, 1)),
        (PermutationGate([2, 0, 1]), (0, 3, 1)),
        (PauliEvolutionGate(Pauli("XYZ"), time=0.4), (0, 1, 3)),
        (RZXGate(0.3), (3, 1)),
        (CXGate(ctrl_state=0), (2, 0)),
        (XGate().control(2, ctrl_state=1), (2, 0, 1)),
        (UnitaryGate(random_unitary(2, seed=1)), (2,)),
        (UnitaryGate(random_unitary(4, seed=1)), (2, 0)),
        (UnitaryGate(random_unitary(8, seed=1)), (3, 0, 2)),
        (QFTGate(2).control(1, annotated=True), (1, 3, 0)),
        (GlobalPhaseGate(0.7), ()),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_gates_outside_the_library_are_taken_apart(gate: object, qubits: tuple[int, ...]) -> None:
    given_circuit = QuantumCircuit(4, global_phase=0.2)
    given_circuit.rx(0.3, 0)
    given_circuit.append(gate, qubits)
    given_circuit.ry(0.4, 3)
    converted = from_qiskit(given_circuit)
    assert converted.gate_names <= GATES.keys()
    np.testing.assert_allclose(converted.unitary(), Operator(given_circuit).data, atol=1e-9)


def test_a_nearly_special_unitary_is_not_rounded() -> None:
    nearly = GATES["rzz"].matrix((np.pi / 2 + 4e-5,))
    given_circuit = QuantumCircuit(2)
    given_circuit.unitary(nearly, [0, 1])
    np.testing.assert_allclose(from_qiskit(given_circuit).unitary(), nearly, atol=1e-10)


def test_transpiled_circuits_count_physical_qubits() -> None:
    given_circuit = QuantumCircuit(3)
    given_circuit.h(0)
    given_circuit.cx(0, 2)
    routed = transpile(given_circuit, coupling_map=[[0, 1], [1, 2]], basis_gates=["u", "cx"], seed_transpiler=1)
    np.testing.assert_allclose(from_qiskit(routed).unitary(), Operator(routed).data, atol=1e-12)


def test_barriers_and_delays_are_left_out() -> None:
    given_circuit = QuantumCircuit(2)
    given_circuit.barrier()
    given_circuit.delay(10, 0)
    given_circuit.cx(1, 0)
    assert from_qiskit(given_circuit) == Circuit.from_gates(2, [("cx", (1, 0), ())])


def with_measurement() -> QuantumCircuit:
    given_circuit = QuantumCircuit(1, 1)
    given_circuit.measure(0, 0)
    return given_circuit


def with_reset() -> QuantumCircuit:
    given_circuit = QuantumCircuit(2)
    given_circuit.reset(1)
    return given_circuit


def with_condition() -> QuantumCircuit:
    given_circuit = QuantumCircuit(1, 1)
    with given_circuit.if_test((0, True)):
        given_circuit.x(0)
    return given_circuit


def with_parameter() -> QuantumCircuit:
    given_circuit = QuantumCircuit(1)
    given_circuit.rx(Parameter("alpha"), 0)
    return given_circuit


def with_initialize() -> QuantumCircuit:
    given_circuit = QuantumCircuit(1)
    given_circuit.initialize([0, 1], 0)
    return given_circuit


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (with_measurement, "measure"),
        (with_reset, "'reset' on qubit 1"),
        (with_condition, "if_else"),
        (with_parameter, "alpha"),
        (with_initialize, "initialize"),
    ],
)
def test_what_is_no_unitary_is_refused_by_name(make: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_qiskit(make())  # type: ignore[operator]


def test_a_gate_without_meaning_is_refused_by_name() -> None:
    from qiskit.circuit import Gate

    given_circuit = QuantumCircuit(2)
    given_circuit.append(Gate("mystery", 2, []), [0, 1])
    with pytest.raises(InputError, match="mystery"):
        from_qiskit(given_circuit)
