from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.quantum_info import Operator, random_clifford
from qiskit.synthesis import synth_clifford_bm

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.clifford import clifford_tableau, local_diagonal_form
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.unitaries import named
from circuitdiff.synthesis.analytic.clifford_network import clifford_circuit
from circuitdiff.synthesis.analytic.phase_network import diagonal_circuit

QUARTER = np.pi / 2


def entanglers(circuit: Circuit, *, angled: bool = False) -> int:
    """Number of CX-class gates, or of gates when rzz of any angle is one."""
    joint = [op for op in circuit.operations if len(op.qubits) == 2]
    assert angled or all(op.name == "cx" or abs(abs(op.params[0]) - QUARTER) < 1e-6 for op in joint)
    return len(joint)


def phases_of(name: str) -> np.ndarray:
    form = local_diagonal_form(named(name))
    assert form is not None
    return form.phases


@settings(max_examples=25, deadline=None)
@given(
    num_qubits=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    line=st.booleans(),
    angled=st.booleans(),
    share=st.floats(0, 1),
)
def test_diagonals_are_exact_on_the_coupling_map(
    num_qubits: int, seed: int, line: bool, angled: bool, share: float
) -> None:
    rng = np.random.default_rng(seed)
    coupling = parse_coupling("line" if line else "all", num_qubits)
    phases = rng.uniform(-3, 3, 2**num_qubits) * (rng.random(2**num_qubits) < share)
    circuit = diagonal_circuit(phases, coupling, angled=angled)
    assert coupling.allows(circuit.pairs)
    np.testing.assert_allclose(circuit.unitary(), np.diag(np.exp(1j * phases)), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "coupling", "count"),
    [
        ("toffoli", "all", 6),
        ("toffoli", "line", 8),
        ("cnx:4", "all", 14),
        ("cnx:2", "all", 1),
        ("pauli:XXYZ", "all", 6),
        ("pauli:XXYZ", "line", 6),
        ("tfim:4", "line", 6),
        ("tfim:5", "all", 8),
        ("ctrl_h", "all", 1),
    ],
)
def test_known_diagonals_take_known_numbers(name: str, coupling: str, count: int) -> None:
    phases = phases_of(name)
    circuit = diagonal_circuit(phases, parse_coupling(coupling, len(phases).bit_length() - 1))
    assert entanglers(circuit) == count


def test_rotations_of_pairs_are_single_gates_where_the_device_has_them() -> None:
    circuit = diagonal_circuit(phases_of("tfim:4"), parse_coupling("line", 4), angled=True)
    assert entanglers(circuit, angled=True) == 3


def test_full_turns_of_single_states_are_used() -> None:
    phases = np.zeros(8)
    phases[5] = 2 * np.pi
    assert diagonal_circuit(phases, parse_coupling("all", 3)).two_qubit_count == 0


@settings(max_examples=20, deadline=None)
@given(num_qubits=st.integers(2, 4), seed=st.integers(0, 10_000), line=st.booleans())
def test_cliffords_are_exact_on_the_coupling_map(num_qubits: int, seed: int, line: bool) -> None:
    unitary = np.exp(0.3j) * Operator(random_clifford(num_qubits, seed=seed)).data
    tableau = clifford_tableau(unitary)
    assert tableau is not None
    coupling = parse_coupling("line" if line else "all", num_qubits)
    circuit = clifford_circuit(unitary, tableau, coupling, longest=40)
    assert circuit is not None
    assert coupling.allows(circuit.pairs)
    assert infidelity(unitary, circuit.unitary()) < 1e-12
    np.testing.assert_allclose(circuit.unitary(), unitary, atol=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_cliffords_on_three_qubits_are_optimal(seed: int) -> None:
    clifford = random_clifford(3, seed=seed)
    unitary = Operator(clifford).data
    tableau = clifford_tableau(unitary)
    assert tableau is not None
    circuit = clifford_circuit(unitary, tableau, parse_coupling("all", 3), longest=40)
    assert circuit is not None
    assert circuit.two_qubit_count == synth_clifford_bm(clifford).count_ops().get("cx", 0)


def test_a_clifford_search_gives_up_at_its_limit() -> None:
    unitary = named("ghz:4")
    tableau = clifford_tableau(unitary)
    assert tableau is not None
    assert clifford_circuit(unitary, tableau, parse_coupling("line", 4), longest=2) is None
    found = clifford_circuit(unitary, tableau, parse_coupling("line", 4), longest=3)
    assert found is not None
    assert found.two_qubit_count == 3
