from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.single_qubit import Matrix, times, turn
from circuitdiff.synthesis.clifford_t.nearest import Candidate, nearest_operators, nearest_states
from circuitdiff.synthesis.clifford_t.operators import (
    EIGHTH,
    bloch,
    cliffords,
    matrix_of,
    multiply,
    products,
    quaternion,
)
from circuitdiff.synthesis.clifford_t.sequences import infidelity_of, product, residual, rz_names, up_to_rz, whole


def random_gate(rng: np.random.Generator) -> Matrix:
    a, b, c = rng.uniform(0, 2 * np.pi, 3)
    return times(turn("Z", a), times(turn("Y", b), turn("Z", c)))


def value(candidate: Candidate) -> np.ndarray:
    q = cliffords()[candidate.clifford]
    for pauli in reversed(candidate.paulis):
        q = multiply(EIGHTH[pauli], q)
    return q


def test_quaternions_and_matrices_agree() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        a, b = random_gate(rng), random_gate(rng)
        together = matrix_of(multiply(quaternion(a), quaternion(b)))
        assert infidelity_of(times(a, b), together) < 1e-15


def test_operators_are_counted_as_the_normal_form_says() -> None:
    for length in range(1, 6):
        q = multiply(products(length).quaternions[:, None], cliffords()[None]).reshape(-1, 4)
        overlaps = np.abs(q @ q.T)
        assert len(q) == 72 * 2 ** (length - 1)
        assert int((overlaps > 1 - 1e-9).sum()) == len(q)  # each equals itself alone


def test_products_of_gates_are_found_with_no_more_t() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        names = tuple(str(name) for name in rng.choice(["h", "s", "t"], 14))
        found = nearest_operators(quaternion(product(names)), 0.0, max_t=names.count("t"))[-1]
        assert found.infidelity < 1e-15


@pytest.mark.parametrize("seed", range(3))
def test_nearest_is_nearest_and_its_error_is_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target, direction = rng.normal(size=4), rng.normal(size=3)
    target, direction = target / np.linalg.norm(target), direction / np.linalg.norm(direction)
    everything = np.concatenate(
        [multiply(products(k).quaternions[:, None], cliffords()[None]).reshape(-1, 4) for k in range(7)]
    )
    operator, state = nearest_operators(target, 0.0, max_t=6)[-1], nearest_states(direction, 0.0, max_t=6)[-1]
    assert operator.infidelity == pytest.approx(1 - np.abs(everything @ target).max(), abs=1e-12)
    assert operator.infidelity == pytest.approx(1 - abs(float(value(operator) @ target)), abs=1e-12)
    nearest = float((bloch(everything) @ direction).max())
    assert float(bloch(value(state)) @ direction) == pytest.approx(nearest, abs=1e-12)


def test_meeting_in_the_middle_is_as_good_as_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    target = np.array([0.3, -0.5, 0.1, 0.2]) / np.linalg.norm([0.3, -0.5, 0.1, 0.2])
    direct = nearest_operators(target, 0.0, max_t=8), nearest_states(bloch(target), 0.0, max_t=10)
    monkeypatch.setattr("circuitdiff.synthesis.clifford_t.nearest.OPERATOR_TABLE", (4,))
    monkeypatch.setattr("circuitdiff.synthesis.clifford_t.nearest.STATE_TABLE", (5,))
    halves = nearest_operators(target, 0.0, max_t=8), nearest_states(bloch(target), 0.0, max_t=10)
    for one, other in zip(direct, halves, strict=True):
        np.testing.assert_allclose([c.infidelity for c in one], [c.infidelity for c in other], atol=1e-12)


@pytest.mark.parametrize("goal", [1e-2, 1e-5, 1e-9])
def test_sequences_are_within_the_goal(goal: float) -> None:
    rng = np.random.default_rng(2)
    for deadline in (float("inf"), 0.0):  # the tables, and the quick way
        gate = random_gate(rng)
        found = whole(gate, goal, deadline)[-1]
        assert infidelity_of(gate, product(found.names)) == pytest.approx(found.infidelity, rel=1e-3, abs=1e-16)
        assert found.infidelity <= goal
        partial = up_to_rz(gate, goal, deadline)[-1]
        made = product(partial.names)
        assert infidelity_of(gate, times(turn("Z", residual(gate, made)), made)) <= goal


def test_a_whole_gate_takes_no_more_t_than_one_rotation() -> None:
    rng = np.random.default_rng(3)
    for angle in rng.uniform(0, 2 * np.pi, 5):
        rotation = rz_names(float(angle), float(np.sqrt(2e-5)))
        found = whole(turn("Z", float(angle)), 1e-5)[-1]
        assert found.t_count <= sum(name in ("t", "tdg") for name in rotation)


def test_without_time_the_smallest_table_is_looked_through() -> None:
    gate = random_gate(np.random.default_rng(5))
    state = nearest_states(bloch(quaternion(gate)), 1e-9, deadline=0.0)[-1]
    operator = nearest_operators(quaternion(gate), 1e-9, deadline=0.0)[-1]
    assert max(state.t_count, operator.t_count) <= 10
    assert max(state.infidelity, operator.infidelity) < 0.02
