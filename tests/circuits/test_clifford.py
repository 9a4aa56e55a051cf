from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit.quantum_info import Clifford, Operator, random_clifford

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.clifford import as_pauli, clifford_tableau, is_clifford, local_diagonal_form, walsh_angles
from circuitdiff.circuits.pauli import Pauli, apply_pauli
from circuitdiff.circuits.unitaries import named


def kron(matrices: tuple[np.ndarray, ...]) -> np.ndarray:
    """Product of single-qubit matrices, the first on qubit 0."""
    total = np.ones((1, 1))
    for matrix in matrices:
        total = np.kron(matrix, total)
    return total


@settings(max_examples=25, deadline=None)
@given(num_qubits=st.integers(1, 4), seed=st.integers(0, 10_000))
def test_tableau_agrees_with_qiskit(num_qubits: int, seed: int) -> None:
    clifford: Clifford = random_clifford(num_qubits, seed=seed)
    tableau = clifford_tableau(np.exp(0.7j) * Operator(clifford).data)
    assert tableau is not None
    rows = [*tableau.x_images, *tableau.z_images]
    bits = [
        [*((p.x >> q) & 1 for q in range(num_qubits)), *((p.z >> q) & 1 for q in range(num_qubits)), int(sign < 0)]
        for p, sign in rows
    ]
    assert (np.array(bits, dtype=bool) == clifford.tableau).all()


@pytest.mark.parametrize("name", ["toffoli", "qft:3", "haar:2", "tfim:3", "ctrl_h"])
def test_others_are_no_cliffords(name: str) -> None:
    assert not is_clifford(named(name))


@pytest.mark.parametrize("sign", [1, -1])
def test_paulis_are_recognised_with_their_sign(sign: int) -> None:
    for code in range(64):
        pauli = Pauli(code >> 3, code & 7)
        assert as_pauli(sign * apply_pauli(pauli, np.eye(8, dtype=complex))) == (pauli, sign)


@settings(max_examples=40, deadline=None)
@given(num_qubits=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_diagonals_between_any_single_qubit_gates_are_taken_apart(num_qubits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = (tuple(named(f"haar:1?seed={rng.integers(10**9)}") for _ in range(num_qubits)) for _ in range(2))
    unitary = kron(after) @ np.diag(np.exp(1j * rng.uniform(-3, 3, 2**num_qubits))) @ kron(before)
    form = local_diagonal_form(unitary)
    assert form is not None
    rebuilt = kron(form.outer) @ np.diag(np.exp(1j * form.phases)) @ kron(form.inner)
    np.testing.assert_allclose(rebuilt, unitary, atol=1e-7)


@pytest.mark.parametrize("name", ["toffoli", "cnx:4", "tfim:5", "pauli:XXYZ", "ctrl_h"])
def test_known_operations_are_locally_diagonal(name: str) -> None:
    assert local_diagonal_form(named(name)) is not None


@pytest.mark.parametrize("name", ["fredkin", "qft:2", "ghz:3", "haar:3", "heisenberg:3"])
def test_others_are_not_locally_diagonal(name: str) -> None:
    assert local_diagonal_form(named(name)) is None


@settings(max_examples=25, deadline=None)
@given(num_qubits=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_walsh_angles_are_those_of_z_rotations(num_qubits: int, seed: int) -> None:
    phases = np.random.default_rng(seed).uniform(-3, 3, 2**num_qubits)
    states = np.arange(2**num_qubits)
    rebuilt = np.zeros(2**num_qubits)
    for mask, angle in enumerate(walsh_angles(phases)):
        signs = np.array([(-1) ** int(mask & state).bit_count() for state in states])
        rebuilt += -angle / 2 * signs
    np.testing.assert_allclose(rebuilt, phases, atol=1e-12)


def test_a_pauli_rotation_has_one_walsh_angle() -> None:
    circuit = Circuit.from_gates(2, [("rzz", (0, 1), (0.4,))])
    np.testing.assert_allclose(walsh_angles(np.angle(np.diag(circuit.unitary()))), [0, 0, 0, 0.4], atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    tilts=st.lists(st.floats(-12, -6).map(lambda exponent: 10**exponent), min_size=2, max_size=2),
    seed=st.integers(0, 99),
)
def test_diagonals_near_a_flip_are_taken_apart_without_a_warning(tilts: list[float], seed: int) -> None:
    flips = tuple(Circuit.from_gates(1, [("x", (0,), ()), ("ry", (0,), (tilt,))]).unitary() for tilt in tilts)
    unitary = kron(flips) @ np.diag(np.exp(1j * np.random.default_rng(seed).uniform(-3, 3, 4)))
    form = local_diagonal_form(unitary)
    assert form is not None
    rebuilt = kron(form.outer) @ np.diag(np.exp(1j * form.phases)) @ kron(form.inner)
    np.testing.assert_allclose(rebuilt, unitary, atol=1e-12)
