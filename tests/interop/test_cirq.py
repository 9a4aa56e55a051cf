from __future__ import annotations

import cirq
import numpy as np
import pytest
import sympy

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.unitary_io import reverse_qubits
from circuitdiff.errors import InputError
from circuitdiff.interop import from_cirq, from_cirq_json, to_cirq, to_cirq_json

Q = cirq.LineQubit.range(4)


def test_export_has_the_unitary_that_cirq_computes(gate_circuit: Circuit) -> None:
    computed = to_cirq(gate_circuit).unitary(qubit_order=Q)
    np.testing.assert_allclose(reverse_qubits(computed), gate_circuit.unitary(), atol=1e-9)


def test_round_trip_keeps_unitary_and_phase(gate_circuit: Circuit) -> None:
    back = from_cirq(to_cirq(gate_circuit))
    np.testing.assert_allclose(back.unitary(), gate_circuit.unitary(), atol=1e-9)


@pytest.mark.parametrize("name", [name for name in GATES if name not in ("dcz", "u")])
def test_gates_keep_their_names(name: str) -> None:
    params = (0.3,) * GATES[name].num_params
    circuit = Circuit.from_gates(GATES[name].num_qubits, [(name, range(GATES[name].num_qubits), params)])
    back = from_cirq(to_cirq(circuit))
    assert back.operations[0].name == name
    assert back.operations[0].params == pytest.approx(params)


def test_json_round_trip_keeps_unitary_and_phase(gate_circuit: Circuit) -> None:
    back = from_cirq_json(to_cirq_json(gate_circuit))
    np.testing.assert_allclose(back.unitary(), gate_circuit.unitary(), atol=1e-9)


def test_idle_qubits_keep_their_place() -> None:
    circuit = Circuit.from_gates(4, [("rx", (2,), (0.3,))])
    np.testing.assert_allclose(from_cirq(to_cirq(circuit)).unitary(), circuit.unitary(), atol=1e-12)


@pytest.mark.parametrize(
    "operation",
    [
        cirq.QuantumFourierTransformGate(3).on(Q[2], Q[0], Q[3]),
        cirq.FSimGate(0.3, 0.5).on(Q[3], Q[1]),
        cirq.PhasedXPowGate(phase_exponent=0.3, exponent=0.7).on(Q[1]),
        cirq.ISWAP(Q[0], Q[2]) ** 0.3,
        cirq.CNOT(Q[0], Q[2]) ** 0.4,
        cirq.SWAP(Q[3], Q[2]) ** 0.5,
        cirq.CSWAP(Q[3], Q[0], Q[1]),
        cirq.X(Q[2]).controlled_by(Q[0], Q[3], control_values=[0, 1]),
        cirq.CCXPowGate(exponent=0.5).on(Q[3], Q[0], Q[1]),
        cirq.X(Q[2]).controlled_by(Q[0], Q[1], Q[3]),
        cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=1)).on(Q[1]),
        cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=1)).on(Q[2], Q[0]),
        cirq.MatrixGate(cirq.testing.random_unitary(8, random_state=1)).on(Q[2], Q[0], Q[3]),
        cirq.CircuitOperation(cirq.FrozenCircuit(cirq.X(Q[0]) ** 0.2, cirq.CZ(Q[0], Q[2]) ** 0.1)),
        cirq.PauliStringPhasor(cirq.X(Q[0]) * cirq.Y(Q[2]) * cirq.Z(Q[3]), exponent_neg=0.3),
        cirq.Y(Q[1]).with_tags("kept"),
        cirq.global_phase_operation(1j),
    ],
    ids=lambda operation: type(operation.gate or operation).__name__,
)
def test_gates_outside_the_library_are_taken_apart(operation: cirq.Operation) -> None:
    given = cirq.Circuit([cirq.rx(0.1 * (i + 1)).on(q) for i, q in enumerate(Q)], operation, cirq.T(Q[1]))
    converted = from_cirq(given)
    assert converted.gate_names <= GATES.keys()
    np.testing.assert_allclose(converted.unitary(), reverse_qubits(given.unitary(qubit_order=Q)), atol=1e-7)


def test_qubit_order_decides_the_indices() -> None:
    a, b = cirq.NamedQubit.range(2, prefix="wire")
    given = cirq.Circuit(cirq.CNOT(a, b))
    assert from_cirq(given).operations[0].qubits == (0, 1)
    assert from_cirq(given, qubit_order=[b, a]).operations[0].qubits == (1, 0)
    with pytest.raises(InputError, match="leaves out"):
        from_cirq(given, qubit_order=[a])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (cirq.Circuit(cirq.measure(Q[0], key="result")), "result"),
        (cirq.Circuit(cirq.reset(Q[0])), "not unitary"),
        (cirq.Circuit(cirq.depolarize(0.1).on(Q[0])), "depolarize"),
        (cirq.Circuit(cirq.rx(sympy.Symbol("alpha")).on(Q[0])), "alpha"),
        (cirq.Circuit(cirq.X(Q[0]).with_classical_controls("result")), "measurements"),
        (cirq.Circuit(cirq.IdentityGate(qid_shape=(3,)).on(cirq.LineQid(0, 3))), "qudits"),
    ],
)
def test_what_is_no_unitary_is_refused_by_name(given: cirq.Circuit, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_cirq(given)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cirq_type": "Nothing"}', '{"cirq_type": "_PauliX"}', "1"])
def test_json_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        from_cirq_json(text)
    assert "\n" not in str(refused.value)
