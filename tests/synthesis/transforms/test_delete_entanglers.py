"""Removal of entanglers: planted redundancy goes, the target stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.numerics.ansatz import Pairs, absorb
from circuitdiff.numerics.multi_start import Budget, Fit, race
from circuitdiff.synthesis.problem import Task
from circuitdiff.synthesis.transforms.delete_entanglers import shorter, shrink
from tests.planted import assert_solves, planted, task_of

ENTANGLERS = ("cz", "rzz", "iswap")


def with_redundancy(length: int, seed: int, entangler: str = "cz") -> tuple[Task, Fit]:
    """A solution with two more entanglers in it than its target needs, one of them the other's inverse."""
    task, solution = planted(3, length, seed, entangler=entangler)
    rng = np.random.default_rng(seed)
    place = int(rng.integers(length)) * 5
    extra = Circuit(3, (Operation(entangler, (0, 2), (0.6,) * (entangler == "rzz")),))
    operations = solution.circuit().operations
    padded = (*operations[:place], *extra.operations, *extra.inverse().operations, *operations[place:])
    fit = race(task.target, [absorb(Circuit(3, padded), entangler)], tol=task.tol, budget=Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert len(fit.dressed.pairs) == length + 2
    return task, fit


def is_subsequence(short: Pairs, long: Pairs) -> bool:
    rest = iter(long)
    return all(pair in rest for pair in short)


@pytest.mark.parametrize("entangler", ENTANGLERS)
@pytest.mark.parametrize("seed", range(3))
def test_shrink_takes_planted_redundancy_out_within_the_tolerance(entangler: str, seed: int) -> None:
    task, fit = with_redundancy(3, seed, entangler)
    shorter = shrink(task, fit, np.random.default_rng(seed), Budget())
    assert_solves(task, shorter)
    assert len(shorter.dressed.pairs) <= 3
    assert is_subsequence(shorter.dressed.pairs, fit.dressed.pairs)


def test_shrink_stops_at_the_lower_bound() -> None:
    task, fit = with_redundancy(3, 0)
    shorter = shrink(replace(task, lower_bound=4), fit, np.random.default_rng(0), Budget())
    assert len(shorter.dressed.pairs) == 4
    assert_solves(task, shorter)


def test_shrink_keeps_what_it_has_when_nothing_may_be_spent() -> None:
    task, fit = with_redundancy(3, 0)
    assert shrink(task, fit, np.random.default_rng(0), Budget(0.0)) is fit


@pytest.mark.parametrize("seed", range(3))
def test_what_is_needed_stays(seed: int) -> None:
    task, solution = planted(3, 3, 1)
    assert shorter(task, Fit(solution, 0.0), np.random.default_rng(seed), Budget()) is None


def test_inverses_go_together_where_neither_goes_alone() -> None:
    cnots = Circuit.from_gates(3, [("cz", (0, 1), ()), ("cz", (1, 2), ()), ("cz", (1, 2), ())])
    task = replace(task_of(cnots.unitary()), lower_bound=0)
    found = shorter(replace(task, lower_bound=1), Fit(absorb(cnots), 0.0), np.random.default_rng(0), Budget())
    assert_solves(task, found)
    assert found is not None
    assert found.dressed.pairs == ((0, 1),)
