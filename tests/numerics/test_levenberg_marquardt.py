"""The descent: exact derivatives, quadratic convergence, blindness to the global phase."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.pauli import Pauli, apply_rotation
from circuitdiff.numerics.ansatz import GateSequence, ansatz_gates
from circuitdiff.numerics.levenberg_marquardt import MU_MAX, descend
from circuitdiff.numerics.pauli_kernels import overlap_matrix
from circuitdiff.numerics.pauli_program import build_program, rotation_pairs
from tests.strategies import circuits, haar

TINY_MU = 1e-12
"""Damping so small that a step is a Gauss-Newton step."""

ANGLED = tuple(name for name, definition in GATES.items() if definition.num_params)
MIXED = ("t", "h", "u", "cp", "crx", "ccx", "rzz", "ch", "dcz", "iswap")
"""Free and tied angles, Cliffords and fixed turns that are none."""


def descended(
    gates: GateSequence,
    num_qubits: int,
    target: NDArray[np.complex128],
    theta: NDArray[np.float64],
    *,
    mu: float = TINY_MU,
    steps: int = 1,
    tol: float = -1.0,
) -> tuple[NDArray[np.float64], float, float, int]:
    """The angles after some steps, with what `descend` returns; angles that are given stay as they are."""
    program = build_program(gates, num_qubits)
    end = theta.copy()
    cost, mu, taken = descend(
        np.ascontiguousarray(program.clifford.conj().T @ target), program.paulis, program.scale, program.offset,
        program.param, program.first_param, *rotation_pairs(num_qubits), num_qubits, end, mu, steps, tol,
    )  # fmt: skip
    return end, cost, mu, taken


def unitary_of(gates: GateSequence, num_qubits: int, theta: Sequence[float]) -> NDArray[np.complex128]:
    operations, used = [], 0
    for name, qubits in gates:
        count = GATES[name].num_params
        operations.append(Operation(name, qubits, tuple(theta[used : used + count])))
        used += count
    return Circuit(num_qubits, tuple(operations)).unitary()


def random_gates(num_qubits: int, names: Sequence[str], length: int, seed: int) -> tuple[GateSequence, int]:
    """Gates and their number of angles."""
    rng = np.random.default_rng(seed)
    chosen = [str(name) for name in rng.choice(names, length)]
    places = [tuple(int(q) for q in rng.permutation(num_qubits)[: GATES[name].num_qubits]) for name in chosen]
    return tuple(zip(chosen, places, strict=True)), sum(GATES[name].num_params for name in chosen)


@given(circuits(ANGLED, min_qubits=1, max_qubits=3), st.integers(0, 99))
def test_overlap_matrix_undoes_the_rotations_of_the_target(circuit: Circuit, seed: int) -> None:
    n = circuit.num_qubits
    target = haar(n, seed)
    program = build_program([(op.name, op.qubits) for op in circuit.operations], n)
    angles = np.random.default_rng(seed).uniform(-4, 4, len(program.paulis))
    out = np.empty((1 << n, 1 << n), dtype=np.complex128)
    trace = overlap_matrix(target, angles, program.paulis, n, out)
    rotated = np.eye(1 << n, dtype=np.complex128)
    for index, angle in zip(program.paulis, angles, strict=True):
        rotated = apply_rotation(Pauli(int(index) >> n, int(index) & ((1 << n) - 1)), float(angle), rotated)
    np.testing.assert_allclose(out, rotated.conj().T @ target, atol=1e-12)
    assert trace == pytest.approx(np.trace(out), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_descend_steps_against_the_gradient_of_the_infidelity(seed: int) -> None:
    """Under heavy damping a step is the gradient, scaled: compared with finite differences."""
    gates, count = random_gates(3, MIXED, 12, seed)
    theta = np.random.default_rng(seed).uniform(-3, 3, count)
    target = haar(3, seed)
    end, *_ = descended(gates, 3, target, theta, mu=1e5)
    gradient = np.array(
        [
            infidelity(target, unitary_of(gates, 3, theta + shift))
            - infidelity(target, unitary_of(gates, 3, theta - shift))
            for shift in 1e-5 * np.eye(count)
        ]
    )
    step = end - theta
    cosine = -step @ gradient / np.linalg.norm(step) / np.linalg.norm(gradient)
    assert cosine == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("names", [MIXED, ("u", "cz"), ("u", "iswap")])
def test_descend_converges_quadratically_near_a_solution(names: Sequence[str], seed: int) -> None:
    gates, count = random_gates(3, names, 10, seed)
    rng = np.random.default_rng(seed)
    planted = rng.uniform(-3, 3, count)
    target = unitary_of(gates, 3, planted)
    theta = planted + rng.normal(0, 0.03, count)
    errors = [infidelity(target, unitary_of(gates, 3, theta))]
    for _ in range(3):
        theta, cost, *_ = descended(gates, 3, target, theta)
        errors.append(cost)
        assert cost == pytest.approx(infidelity(target, unitary_of(gates, 3, theta)), abs=1e-14)
    # the infidelity is the square of the distance, so it falls from e to about e^2
    assert all(after < 30 * before**2 + 1e-14 for before, after in pairwise(errors))
    assert errors[-1] < 1e-14


def test_descend_handles_more_angles_than_fit_one_block_of_columns() -> None:
    rng = np.random.default_rng(0)
    pairs = tuple((int(a), int(a) + 1) for a in rng.integers(3, size=24))
    gates = ansatz_gates(pairs, 4)
    planted = rng.uniform(-3, 3, 108)
    target = unitary_of(gates, 4, planted)
    _, cost, _, taken = descended(gates, 4, target, planted + rng.normal(0, 0.03, 108), steps=8, tol=1e-15)
    assert cost < 1e-14
    assert taken <= 6


@given(st.integers(0, 2**32 - 1), st.floats(-7, 7))
def test_descend_does_not_see_the_global_phase_of_the_target(seed: int, phase: float) -> None:
    gates, count = random_gates(2, ("u", "cz", "cp"), 6, seed)
    theta = np.random.default_rng(seed).uniform(-3, 3, count)
    target = haar(2, seed)
    plain, cost, *_ = descended(gates, 2, target, theta, mu=0.1, steps=3)
    turned, same, *_ = descended(gates, 2, np.exp(1j * phase) * target, theta, mu=0.1, steps=3)
    np.testing.assert_allclose(plain, turned, atol=1e-9)
    assert cost == pytest.approx(same, abs=1e-12)


def test_descend_never_ends_worse_and_reports_the_infidelity_where_it_ends() -> None:
    gates, count = random_gates(3, MIXED, 15, 4)
    target = haar(3, 4)
    theta = np.random.default_rng(4).uniform(-3, 3, count)
    best = infidelity(target, unitary_of(gates, 3, theta))
    mu = 0.1
    for _ in range(40):
        theta, cost, mu, taken = descended(gates, 3, target, theta, mu=mu)
        assert cost <= best + 1e-14
        assert cost == pytest.approx(infidelity(target, unitary_of(gates, 3, theta)), abs=1e-13)
        assert taken == 1
        best = cost


def test_descend_stops_where_it_is_told_to() -> None:
    gates = ansatz_gates(((0, 1), (0, 1)), 2)
    planted = np.random.default_rng(1).uniform(-3, 3, 14)
    target = unitary_of(gates, 2, planted)
    end, cost, mu, taken = descended(gates, 2, target, planted, tol=1e-12, steps=10)
    assert (taken, mu) == (0, TINY_MU)
    assert cost <= 1e-12
    np.testing.assert_array_equal(end, planted)
    rough = planted + 0.3
    assert descended(gates, 2, target, rough, steps=2)[3] == 2
    assert descended(gates, 2, target, rough, steps=10, mu=2 * MU_MAX)[3] == 0
    *_, cost, _, taken = descended(gates, 2, target, rough, mu=0.1, steps=100, tol=1e-6)
    assert cost <= 1e-6
    assert taken < 100


def test_descend_survives_a_target_orthogonal_to_the_start() -> None:
    """At trace zero the phase is undefined and the infidelity is one."""
    target = np.ascontiguousarray(np.kron(GATES["z"].matrix(), np.eye(2)))
    start = np.zeros(6)
    end, cost, *_ = descended((("u", (0,)), ("u", (1,))), 2, target, start, mu=0.1, steps=5)
    assert np.isfinite(end).all()
    assert 0 <= cost <= 1
