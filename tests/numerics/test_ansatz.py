"""Ansatz structures: exact rewriting to and from circuits."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import ansatz_gates, cyclic_sequence, num_angles, to_ansatz
from tests.planted import planted
from tests.strategies import circuits

ENTANGLERS = ("cz", "rzz", "iswap")
SINGLE_QUBIT = tuple(name for name, definition in GATES.items() if definition.num_qubits == 1)


def with_one_entangler(entangler: str) -> st.SearchStrategy[Circuit]:
    return circuits((*SINGLE_QUBIT, *[entangler] * 10), max_gates=15)


@pytest.mark.parametrize("entangler", ENTANGLERS)
@given(st.data())
def test_absorb_is_exact_and_keeps_every_entangler(entangler: str, data: st.DataObject) -> None:
    circuit = data.draw(with_one_entangler(entangler))
    ansatz = to_ansatz(circuit, entangler)
    entangling = [op for op in circuit.operations if op.name == entangler]
    assert ansatz.pairs == tuple((min(op.qubits), max(op.qubits)) for op in entangling)
    assert len(ansatz.theta) == num_angles(len(entangling), circuit.num_qubits, entangler)
    assert infidelity(circuit.unitary(), ansatz.circuit().unitary()) < 1e-13


@pytest.mark.parametrize("entangler", ENTANGLERS)
@pytest.mark.parametrize("seed", range(4))
def test_absorb_undoes_circuit(entangler: str, seed: int) -> None:
    ansatz = planted(4, 6, seed, entangler=entangler).solution
    again = to_ansatz(ansatz.circuit(), entangler)
    assert (again.pairs, again.num_qubits, again.entangler) == (ansatz.pairs, 4, entangler)
    assert infidelity(ansatz.circuit().unitary(), again.circuit().unitary()) < 1e-13


@pytest.mark.parametrize("entangler", ENTANGLERS)
def test_dressed_circuit_uses_each_angle_once_and_in_order(entangler: str) -> None:
    ansatz = planted(3, 4, 1, entangler=entangler).solution
    circuit = ansatz.circuit()
    assert [angle for op in circuit.operations for angle in op.params] == ansatz.theta.tolist()
    assert tuple((op.name, op.qubits) for op in circuit.operations) == ansatz_gates(ansatz.pairs, 3, entangler)
    assert circuit.gate_names == {"rz", "ry", "u", entangler}


@pytest.mark.parametrize("entangler", ENTANGLERS)
@given(st.sets(st.integers(0, 5)), st.integers(0, 9))
def test_dressed_without_leaves_out_those_entanglers_alone(entangler: str, dropped: set[int], seed: int) -> None:
    ansatz = planted(4, 6, seed, entangler=entangler).solution
    shorter = ansatz.without(dropped)
    assert shorter.pairs == tuple(pair for i, pair in enumerate(ansatz.pairs) if i not in dropped)
    operations = ansatz.circuit().operations
    gone = {[i for i, op in enumerate(operations) if op.name == entangler][k] for k in dropped}
    expected = Circuit(4, tuple(op for i, op in enumerate(operations) if i not in gone)).unitary()
    assert infidelity(expected, shorter.circuit().unitary()) < 1e-13


@pytest.mark.parametrize("beta", [0.0, 1e-12, 1e-10, 1e-8, pi - 1e-8, pi - 1e-10, pi - 1e-12, pi])
def test_absorb_is_exact_where_outer_angles_merge(beta: float) -> None:
    gates = [
        ("u", (0,), (beta, 0.7, -2.1)),
        ("u", (1,), (beta, 3.0, 0.2)),
        ("cz", (1, 0), ()),
        ("u", (0,), (beta, 1, 2)),
    ]
    circuit = Circuit.from_gates(2, gates)
    assert infidelity(circuit.unitary(), to_ansatz(circuit).circuit().unitary()) < 1e-14


def test_placed_in_turn_cycles_through_the_couplings() -> None:
    assert cyclic_sequence([(0, 1), (1, 2)], 5) == ((0, 1), (1, 2), (0, 1), (1, 2), (0, 1))
    assert cyclic_sequence([(0, 1)], 0) == ()
