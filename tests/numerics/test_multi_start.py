"""Races of starting points, and the budgets that they run on."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic

import numpy as np
import pytest

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, num_angles
from circuitdiff.numerics.multi_start import ROUNDS, AnsatzFit, Budget, multi_start, random_start, step_work
from tests.planted import assert_solves, planted, task_of
from tests.strategies import haar

UNSOLVABLE = task_of(haar(3, 5))


def near(ansatz: Ansatz, noise: float, seed: int = 0) -> Ansatz:
    rng = np.random.default_rng(seed)
    theta = ansatz.theta + rng.normal(0, noise, len(ansatz.theta))
    return Ansatz(ansatz.num_qubits, ansatz.pairs, theta, ansatz.entangler)


def random_starts(pairs: EntanglerSequence, count: int, seed: int = 0, num_qubits: int = 3) -> list[Ansatz]:
    rng = np.random.default_rng(seed)
    return [random_start(pairs, num_qubits, "cz", rng) for _ in range(count)]


def raced(starts: list[Ansatz], budget: Budget | None = None) -> AnsatzFit | None:
    return multi_start(UNSOLVABLE.target, starts, tol=1e-10, budget=budget or Budget())


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
@pytest.mark.parametrize("seed", range(4))
def test_race_finds_a_planted_solution(entangler: str, seed: int) -> None:
    task, solution = planted(3, 3, seed, entangler=entangler)
    rng = np.random.default_rng(seed)
    starts = (random_start(solution.pairs, 3, entangler, rng) for _ in range(40))
    fit = multi_start(task.target, starts, tol=task.tol, budget=Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert fit.ansatz.pairs == solution.pairs


@pytest.mark.parametrize("tol", [1e-3, 1e-6, 1e-10])
def test_race_polishes_its_winner_whatever_the_tolerance(tol: float) -> None:
    task, solution = planted(3, 5, 1)
    rounds = ((1, 1.0),) * 20
    fit = multi_start(task.target, [near(solution, 0.1)], tol=tol, budget=Budget(), rounds=rounds)
    assert fit is not None
    assert fit.infidelity < 1e-14


@pytest.mark.parametrize("length", [4, 6, 8, 10])
def test_race_comes_back_from_a_start_a_tenth_of_a_radian_off(length: int) -> None:
    task, solution = planted(3, length, length)
    assert_solves(task, multi_start(task.target, [near(solution, 0.1)], tol=task.tol, budget=Budget()))


def test_race_tells_structures_apart() -> None:
    task, solution = planted(4, 4, 2)
    wrong = [pairs for pairs in (((0, 1),), ((2, 3),) * 4, solution.pairs[::-1]) if pairs != solution.pairs]
    starts = [start for pairs in wrong for start in random_starts(pairs, 2, num_qubits=4)]
    fit = multi_start(task.target, [*starts, near(solution, 0.1)], tol=task.tol, budget=Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert fit.ansatz.pairs == solution.pairs


def test_race_returns_the_best_where_none_arrives() -> None:
    starts = random_starts(((0, 1), (1, 2), (0, 2)), 8)
    fit = raced(starts)
    assert fit is not None
    assert fit.infidelity > 1e-3
    assert fit.infidelity == pytest.approx(infidelity(UNSOLVABLE.target, fit.ansatz.circuit().unitary()), abs=1e-12)
    assert fit.infidelity < min(infidelity(UNSOLVABLE.target, start.circuit().unitary()) for start in starts)


def test_race_without_starts_has_no_winner() -> None:
    assert raced([]) is None


def test_race_leaves_its_starts_as_they_are() -> None:
    starts = random_starts(((0, 1), (1, 2)), 3)
    before = [start.theta.copy() for start in starts]
    raced(starts)
    np.testing.assert_array_equal([start.theta for start in starts], before)


def test_race_is_the_same_for_equal_starts() -> None:
    first, second = (raced(random_starts(((0, 1), (1, 2), (0, 2)), 6, seed=3)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.infidelity == second.infidelity
    np.testing.assert_array_equal(first.ansatz.theta, second.ansatz.theta)


def test_race_draws_no_further_starts_after_a_winner() -> None:
    task, solution = planted(3, 5, 1)

    def starts() -> Iterator[Ansatz]:
        yield near(solution, 0.01)
        pytest.fail("a start was drawn after the multi_start was won")

    assert_solves(task, multi_start(task.target, starts(), tol=task.tol, budget=Budget()))


def test_race_drops_starts_from_heat_to_heat() -> None:
    starts = random_starts(((0, 1), (1, 2), (0, 2)), 10)
    budget = Budget(1e12)
    raced(starts, budget)
    angles = num_angles(3, 3)
    first, second, third, last = (steps for steps, _ in ROUNDS)
    steps = 10 * first + 5 * second + 2 * third + 1 * last
    assert 10 * first * step_work(angles, 64) < 1e12 - budget.work <= steps * step_work(angles, 64)


def test_race_ends_with_its_work() -> None:
    starts = random_starts(((0, 1), (1, 2), (0, 2)), 100)
    one_heat = ROUNDS[0][0] * step_work(len(starts[0].theta), 64)
    budget = Budget(2.5 * one_heat)
    consumed = iter(starts)
    assert multi_start(UNSOLVABLE.target, consumed, tol=1e-10, budget=budget) is not None
    assert budget.spent
    assert len(list(consumed)) == 97
    assert budget.work == pytest.approx(-0.5 * one_heat)


def test_race_ends_at_its_deadline_after_one_start() -> None:
    consumed = iter(random_starts(((0, 1), (1, 2), (0, 2)), 100))
    fit = multi_start(UNSOLVABLE.target, consumed, tol=1e-10, budget=Budget(deadline=monotonic() - 1))
    assert fit is not None
    assert len(list(consumed)) == 99


def test_race_takes_a_winner_that_meets_an_exhausted_budget() -> None:
    task, solution = planted(3, 4, 0)
    assert_solves(task, multi_start(task.target, [near(solution, 0.02)], tol=task.tol, budget=Budget(1.0)))


def test_budget_parts_give_back_what_they_leave() -> None:
    budget = Budget(10.0, deadline=123.0)
    part = budget.take(4.0)
    assert (part.work, part.deadline, budget.work) == (4.0, 123.0, 6.0)
    part.work -= 1.5
    budget.settle(part)
    assert budget.work == 8.5
    greedy = budget.take(100.0)
    assert (greedy.work, budget.work) == (8.5, 0.0)
    greedy.work -= 9.0
    budget.settle(greedy)
    assert budget.work == -0.5
    assert budget.spent


def test_budget_without_limit_stays_without() -> None:
    budget = Budget()
    for part in (budget.take(5.0), budget.take(float("inf"))):
        part.work -= 1.0
        budget.settle(part)
    assert budget.work == float("inf")
    assert not budget.spent


def test_random_start_draws_from_the_whole_circle() -> None:
    start = random_start(((0, 1),) * 200, 2, "rzz", np.random.default_rng(0))
    assert len(start.theta) == num_angles(200, 2, "rzz")
    assert 0 <= start.theta.min() < 0.1
    assert 2 * np.pi - 0.1 < start.theta.max() <= 2 * np.pi
