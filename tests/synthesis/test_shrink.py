"""Removal of entanglers: planted redundancy goes, the target stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.synthesis.instantiate import Budget, Fit, race
from circuitdiff.synthesis.shrink import remove, shrink
from circuitdiff.synthesis.structure import Pairs, absorb
from circuitdiff.synthesis.task import Task
from tests.planted import assert_solves, planted

RNG = np.random.default_rng(0)
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


def test_remove_refuses_an_entangler_that_is_needed() -> None:
    task, solution = planted(3, 3, 1)
    fit = Fit(solution, 0.0)
    assert [remove(task, fit, (index,), RNG, Budget()) for index in range(3)] == [None] * 3


def test_remove_takes_several_at_once() -> None:
    task, fit = with_redundancy(4, 2)
    pairs = fit.dressed.pairs
    found = [remove(task, fit, (i, i + 1), RNG, Budget()) for i in range(5) if pairs[i] == pairs[i + 1] == (0, 2)]
    shorter = [fit for fit in found if fit is not None]
    assert shorter
    assert_solves(task, shorter[0])
    assert len(shorter[0].dressed.pairs) == 4
