"""Circuits and their unitaries, against Qiskit's."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qiskit import QuantumCircuit
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.quantum_info import Operator

from circuitdiff.circuits.circuit import Circuit, Operation, apply_gate, infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from tests.strategies import circuits, haar

QISKIT = get_standard_gate_name_mapping()


def in_qiskit(circuit: Circuit) -> QuantumCircuit:
    theirs = QuantumCircuit(circuit.num_qubits, global_phase=circuit.global_phase)
    for name, qubits, params in circuit.operations:
        theirs.append(QISKIT[name].base_class(*params), qubits)
    return theirs


@given(circuits())
def test_circuit_unitary_is_qiskits_with_its_phase(circuit: Circuit) -> None:
    np.testing.assert_allclose(circuit.unitary(), Operator(in_qiskit(circuit)).data, atol=1e-12)


@given(circuits())
def test_circuit_counts_and_depth_are_qiskits(circuit: Circuit) -> None:
    theirs = in_qiskit(circuit)
    assert circuit.num_gates == theirs.size()
    assert circuit.two_qubit_count == theirs.num_nonlocal_gates()
    assert circuit.depth == theirs.depth()
    assert circuit.gate_names == set(theirs.count_ops())


@given(circuits(), st.floats(-10, 10))
def test_circuit_can_be_brought_into_phase(circuit: Circuit, phase: float) -> None:
    shifted = Circuit(circuit.num_qubits, circuit.operations, phase)
    np.testing.assert_allclose(shifted.in_phase_with(circuit.unitary()).unitary(), circuit.unitary(), atol=1e-12)


@given(circuits(tuple(GATES)))
def test_circuit_inverse_undoes_it_with_its_phase(circuit: Circuit) -> None:
    identity = circuit.inverse().unitary() @ circuit.unitary()
    np.testing.assert_allclose(identity, np.eye(1 << circuit.num_qubits), atol=1e-12)


@given(circuits(), st.data())
def test_circuit_permuted_renames_qubits_on_a_register_that_may_grow(circuit: Circuit, data: st.DataObject) -> None:
    size = circuit.num_qubits + data.draw(st.integers(0, 1))
    places = data.draw(st.permutations(range(size)))[: circuit.num_qubits]
    theirs = QuantumCircuit(size).compose(in_qiskit(circuit), places)
    moved = circuit.permuted(places, size)
    assert moved.num_qubits == size
    np.testing.assert_allclose(moved.unitary(), Operator(theirs).data, atol=1e-12)


@given(circuits(("dcz", "u", "cx", "t"), min_qubits=2))
def test_circuit_expand_replaces_the_models_gate_alone(circuit: Circuit) -> None:
    expanded = circuit.expand()
    assert "dcz" not in expanded.gate_names
    assert expanded.two_qubit_count == circuit.two_qubit_count
    assert expanded.num_gates == circuit.num_gates + 4 * sum(op.name == "dcz" for op in circuit.operations)
    np.testing.assert_allclose(expanded.unitary(), circuit.unitary(), atol=1e-12)


def test_circuit_expand_leaves_other_circuits_alone() -> None:
    circuit = Circuit.from_gates(2, [("h", [0], []), ("cx", [1, 0], [])], 0.5)
    assert circuit.expand() == circuit


def test_circuit_pairs_are_all_that_share_an_operation() -> None:
    circuit = Circuit.from_gates(5, [("cx", (3, 1), ()), ("ccx", (0, 2, 1), ()), ("h", (4,), ())])
    assert circuit.pairs == {(1, 3), (0, 2), (0, 1), (1, 2)}


def test_circuit_without_operations_is_its_global_phase() -> None:
    circuit = Circuit(2, global_phase=0.7)
    np.testing.assert_allclose(circuit.unitary(), np.exp(0.7j) * np.eye(4))
    assert (circuit.num_gates, circuit.two_qubit_count, circuit.depth, circuit.pairs) == (0, 0, 0, frozenset())


def test_circuit_from_gates_makes_plain_numbers() -> None:
    circuit = Circuit.from_gates(2, [("rzz", np.array([1, 0]), np.array([0.5]))])
    assert circuit.operations == (Operation("rzz", (1, 0), (0.5,)),)
    assert [type(q) for q in circuit.operations[0].qubits] == [int, int]
    assert type(circuit.operations[0].params[0]) is float


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("foo", (0,), ()), "unknown gate 'foo'"),
        (("cx", (0,), ()), "gate cx acts on 2 qubits, got 1"),
        (("rz", (0,), ()), "gate rz takes 1 parameters, got 0"),
        (("u", (0,), (1, 2)), "gate u takes 3 parameters, got 2"),
        (("cx", (1, 1), ()), r"gate cx repeats a qubit: \(1, 1\)"),
        (("cx", (0, 2), ()), r"gate cx on qubits \(0, 2\) does not fit a register of 2"),
        (("x", (-1,), ()), r"gate x on qubits \(-1,\) does not fit a register of 2"),
        (("rz", (0,), (nan,)), "gate rz has a parameter that is not finite"),
        (("rz", (0,), (inf,)), "gate rz has a parameter that is not finite"),
    ],
)
def test_circuit_from_gates_refuses_what_does_not_fit(operation: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Circuit.from_gates(2, [operation])


@given(circuits(max_gates=1, min_qubits=3), st.integers(1, 9))
def test_apply_gate_acts_on_any_number_of_columns(circuit: Circuit, columns: int) -> None:
    matrix = np.random.default_rng(columns).normal(size=(1 << circuit.num_qubits, columns)).astype(np.complex128)
    for name, qubits, params in circuit.operations:
        expected = Circuit(circuit.num_qubits, circuit.operations).unitary() @ matrix
        np.testing.assert_allclose(apply_gate(name, qubits, params, matrix), expected, atol=1e-12)


@given(st.integers(1, 4), st.integers(0, 99), st.floats(-7, 7))
def test_infidelity_ignores_the_global_phase_alone(num_qubits: int, seed: int, phase: float) -> None:
    target = haar(num_qubits, seed)
    assert 0 <= infidelity(target, np.exp(1j * phase) * target) < 1e-14
    other = haar(num_qubits, seed + 100)
    expected = 1 - abs(np.trace(target.conj().T @ other)) / 2**num_qubits
    assert infidelity(target, other) == pytest.approx(expected, abs=1e-14)
    assert infidelity(other, target) == pytest.approx(expected, abs=1e-14)
    assert infidelity(target, other) > 1e-3


def test_infidelity_of_orthogonal_unitaries_is_one() -> None:
    assert infidelity(GATES["x"].matrix(), GATES["z"].matrix()) == pytest.approx(1.0)


def test_a_circuit_on_its_used_qubits_is_put_back_by_naming_them() -> None:
    circuit = Circuit.from_gates(5, [("cx", (4, 1), ()), ("rz", (1,), (0.3,)), ("ccx", (1, 4, 3), ())])
    small, used = circuit.on_used_qubits()
    assert (small.num_qubits, used) == (3, (1, 3, 4))
    assert small.permuted(used, 5) == circuit
    assert Circuit(4, ()).on_used_qubits() == (Circuit(0, ()), ())
