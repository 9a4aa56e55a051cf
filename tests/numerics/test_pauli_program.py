"""Rotation programs against the circuits they stand for."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.pauli import Pauli, apply_pauli, apply_rotation
from circuitdiff.numerics.ansatz import ansatz_gates, num_angles
from circuitdiff.numerics.pauli_program import Program, build_program, rotation_pairs
from tests.strategies import circuits, haar

CLIFFORD = ("id", "x", "y", "z", "h", "s", "sdg", "sx", "sxdg", "cx", "cy", "cz", "swap", "iswap", "ecr")


def program_of(circuit: Circuit) -> tuple[Program, NDArray[np.float64]]:
    """The program of a circuit's gates, and the circuit's angles in its order."""
    theta = np.array([angle for op in circuit.operations for angle in op.params])
    return build_program([(op.name, op.qubits) for op in circuit.operations], circuit.num_qubits), theta


def run(program: Program, theta: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Multiply a program out, one rotation after another."""
    unitary = np.eye(1 << program.num_qubits, dtype=np.complex128)
    for index, scale, offset, param in zip(program.paulis, program.scale, program.offset, program.param, strict=True):
        angle = offset + (scale * theta[param] if param >= 0 else 0.0)
        unitary = apply_rotation(pauli_of(index, program.num_qubits), angle, unitary)
    return program.clifford @ unitary


def pauli_of(index: int, num_qubits: int) -> Pauli:
    return Pauli(int(index) >> num_qubits, int(index) & ((1 << num_qubits) - 1))


@given(circuits(tuple(GATES), max_gates=12))
def test_program_reproduces_a_circuit_of_any_gates(circuit: Circuit) -> None:
    program, theta = program_of(circuit)
    assert program.num_params == len(theta)
    assert infidelity(circuit.unitary(), run(program, theta)) < 1e-13


@pytest.mark.parametrize("name", GATES)
def test_program_reproduces_each_gate_between_cliffords(name: str) -> None:
    """Also gates whose angle turns several Paulis (cp, crx) and whose fixed turns are no Cliffords (t, ch, ccx)."""
    size = GATES[name].num_qubits
    rng = np.random.default_rng(3)
    gates = [("h", (q,), ()) for q in range(3)] + [("cx", (0, 2), ()), ("sx", (1,), ()), ("iswap", (1, 2), ())]
    for _ in range(2):
        gates.append((name, tuple(rng.permutation(3)[:size]), rng.uniform(-3, 3, GATES[name].num_params)))
    circuit = Circuit.from_gates(3, [*gates, ("ecr", (2, 0), ())])
    program, theta = program_of(circuit)
    assert infidelity(circuit.unitary(), run(program, theta)) < 1e-13


@given(circuits(CLIFFORD, max_gates=12))
def test_program_of_a_clifford_has_no_rotations_left(circuit: Circuit) -> None:
    program, theta = program_of(circuit)
    assert len(program.paulis) == len(theta) == 0
    assert infidelity(circuit.unitary(), program.clifford) < 1e-13


@given(circuits(tuple(GATES), max_gates=12))
def test_program_first_param_is_the_lowest_from_each_rotation_on(circuit: Circuit) -> None:
    program, _ = program_of(circuit)
    for j in range(len(program.param)):
        later = [p for p in program.param[j:] if p >= 0]
        assert program.first_param[j] == min(later, default=program.num_params)


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_program_of_a_dressed_structure_has_one_rotation_an_angle(entangler: str) -> None:
    pairs = ((0, 1), (1, 3), (0, 2), (0, 1))
    program = build_program(ansatz_gates(pairs, 4, entangler), 4)
    assert sorted(program.param) == list(range(num_angles(4, 4, entangler)))
    np.testing.assert_array_equal(abs(program.scale), 1)
    np.testing.assert_array_equal(program.offset, 0)


def test_program_of_no_gates_is_the_identity() -> None:
    program = build_program([], 2)
    assert program.num_params == len(program.paulis) == 0
    np.testing.assert_array_equal(program.clifford, np.eye(4))


@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_rotation_pairs_turn_pauli_coordinates_as_the_rotation_does(num_qubits: int) -> None:
    pairs, signs = rotation_pairs(num_qubits)
    matrix = haar(num_qubits, seed=1)
    hermitian = matrix + matrix.conj().T
    angle = 0.83
    c, s = np.cos(angle), np.sin(angle)
    for index in range(1, 4**num_qubits):
        rotation = apply_rotation(pauli_of(index, num_qubits), angle, np.eye(1 << num_qubits, dtype=np.complex128))
        turned = coordinates(hermitian, num_qubits)
        for (a, b), sign in zip(pairs[index], signs[index], strict=True):
            turned[a], turned[b] = c * turned[a] - s * sign * turned[b], s * sign * turned[a] + c * turned[b]
        expected = coordinates(rotation.conj().T @ hermitian @ rotation, num_qubits)
        np.testing.assert_allclose(turned, expected, atol=1e-12)


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 4])
def test_rotation_pairs_hold_every_anticommuting_pauli_once(num_qubits: int) -> None:
    pairs, signs = rotation_pairs(num_qubits)
    assert pairs.shape == (4**num_qubits, 4**num_qubits // 4, 2)
    assert set(np.unique(signs[1:])) <= {-1.0, 1.0}
    for index in range(1, 4**num_qubits):
        pauli = pauli_of(index, num_qubits)
        anti = [i for i in range(4**num_qubits) if not pauli.commutes(pauli_of(i, num_qubits))]
        assert sorted(pairs[index].ravel().tolist()) == anti


def coordinates(matrix: NDArray[np.complex128], num_qubits: int) -> NDArray[np.float64]:
    """(4^n,) real coefficients of a Hermitian matrix in Pauli strings, in the order of their indices."""
    strings = product(range(1 << num_qubits), repeat=2)
    traces = [np.trace(apply_pauli(Pauli(x, z), matrix)) for x, z in strings]
    return np.real(traces) / (1 << num_qubits)
