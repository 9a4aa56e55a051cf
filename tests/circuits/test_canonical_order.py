from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.canonical_order import canonical_order, reduce_trivial
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES

GATE_NAMES = [name for name in GATES if name != "dcz"]


def random_circuit(seed: int, num_gates: int = 12, names: list[str] | None = None) -> Circuit:
    rng = np.random.default_rng(seed)
    gates = []
    for name in rng.choice(names or GATE_NAMES, size=num_gates):
        qubits = rng.permutation(4)[: GATES[name].num_qubits]
        gates.append((str(name), qubits, rng.uniform(-3, 3, GATES[name].num_params)))
    return Circuit.from_gates(4, gates, global_phase=0.3)


def shuffled(circuit: Circuit, rng: np.random.Generator) -> Circuit:
    """Exchange neighbours on disjoint qubits at random."""
    operations = list(circuit.operations)
    for i in rng.integers(len(operations) - 1, size=200):
        if not set(operations[i].qubits) & set(operations[i + 1].qubits):
            operations[i], operations[i + 1] = operations[i + 1], operations[i]
    return Circuit(circuit.num_qubits, tuple(operations), circuit.global_phase)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_canonical_order_is_one_for_all_orders_of_a_circuit(seed: int) -> None:
    circuit = random_circuit(seed)
    ordered = canonical_order(circuit)
    assert canonical_order(shuffled(circuit, np.random.default_rng(seed))) == ordered
    assert canonical_order(ordered) == ordered
    np.testing.assert_allclose(ordered.unitary(), circuit.unitary(), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_reduction_keeps_unitary_and_phase_and_never_adds(seed: int) -> None:
    circuit = random_circuit(seed, 20, ["h", "cx", "cz", "s", "sdg", "rz", "swap", "id", "cp", "iswap"])
    reduced = reduce_trivial(circuit)
    assert reduced.num_gates <= circuit.num_gates
    np.testing.assert_allclose(reduced.unitary(), circuit.unitary(), atol=1e-12)


@pytest.mark.parametrize("name", [name for name in GATE_NAMES if len(GATES[name].inverse_parts) == 1 and name != "u"])
def test_a_gate_and_its_inverse_cancel(name: str) -> None:
    qubits = tuple(range(GATES[name].num_qubits))
    circuit = Circuit.from_gates(3, [(name, qubits, (0.4,) * GATES[name].num_params)])
    both = Circuit(3, circuit.operations + circuit.inverse().operations)
    assert reduce_trivial(both).operations == ()


def test_cancelling_goes_on_inwards() -> None:
    gates = ["h", "s", "cx", "cx", "sdg", "h"]
    circuit = Circuit.from_gates(2, [(name, range(GATES[name].num_qubits), ()) for name in gates])
    assert reduce_trivial(circuit).operations == ()


def test_a_gate_between_keeps_its_neighbours_apart() -> None:
    circuit = Circuit.from_gates(2, [("cx", (0, 1), ()), ("h", (1,), ()), ("cx", (0, 1), ())])
    assert reduce_trivial(circuit) == circuit


def test_full_turns_leave_a_phase() -> None:
    circuit = Circuit.from_gates(1, [("rz", (0,), (np.pi,)), ("rz", (0,), (np.pi,))])
    reduced = reduce_trivial(circuit)
    assert reduced.operations == ()
    np.testing.assert_allclose(reduced.unitary(), circuit.unitary(), atol=1e-12)
