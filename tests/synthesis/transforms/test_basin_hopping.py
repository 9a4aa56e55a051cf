"""Basin hopping: no hop loses the target, and a detour is found out of where shrinking alone stops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.numerics.multi_start import Budget, Fit, race, random_start
from circuitdiff.synthesis.problem import Task
from circuitdiff.synthesis.transforms.basin_hopping import hop
from circuitdiff.synthesis.transforms.delete_entanglers import shrink
from tests.planted import assert_solves, planted

ENTANGLERS = ("cz", "rzz", "iswap")


def roundabout(length: int, seed: int, entangler: str = "cz") -> tuple[Task, Fit]:
    """A solution with entanglers in other places than where they are needed, shrunk as far as that goes."""
    task, _ = planted(3, length, seed, entangler=entangler)
    rng = np.random.default_rng(seed)
    while True:
        pairs = tuple(task.coupling.pairs[int(i)] for i in rng.integers(3, size=length + 5))
        fit = race(task.target, [random_start(pairs, 3, entangler, rng)], tol=task.tol, budget=Budget())
        if fit is not None and fit.infidelity <= task.tol:
            return task, shrink(task, fit, rng, Budget())


@pytest.mark.parametrize("entangler", ENTANGLERS)
def test_hops_end_at_a_solution_that_is_no_longer(entangler: str) -> None:
    task, fit = roundabout(4, 1, entangler)
    found = hop(task, fit, np.random.default_rng(0), Budget(), patience=2)
    assert_solves(task, found)
    assert len(found.dressed.pairs) <= len(fit.dressed.pairs)


def test_hops_leave_where_shrinking_stops() -> None:
    ends = [
        (fit, hop(task, fit, np.random.default_rng(0), Budget(2e10), patience=12))
        for task, fit in (roundabout(5, seed) for seed in range(6))
    ]
    assert all(len(after.dressed.pairs) <= len(before.dressed.pairs) for before, after in ends)
    assert any(len(after.dressed.pairs) < len(before.dressed.pairs) for before, after in ends)


def test_nothing_is_done_where_nothing_may_be_spent_or_gained() -> None:
    task, fit = roundabout(3, 0)
    rng = np.random.default_rng(0)
    assert hop(task, fit, rng, Budget(0.0)) is fit
    assert hop(replace(task, lower_bound=len(fit.dressed.pairs)), fit, rng, Budget()) is fit
    assert hop(task, fit, rng, Budget(), patience=0) is fit
