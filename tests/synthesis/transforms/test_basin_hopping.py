"""Basin hopping: no basin_hopping loses the target, and a detour is found out of where shrinking alone stops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.numerics.multi_start import AnsatzFit, Budget, multi_start, random_start
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.transforms.basin_hopping import basin_hopping
from circuitdiff.synthesis.transforms.delete_entanglers import delete_entanglers
from tests.planted import assert_solves, planted

ENTANGLERS = ("cz", "rzz", "iswap")


def roundabout(length: int, seed: int, entangler: str = "cz") -> tuple[SynthesisProblem, AnsatzFit]:
    """A solution with entanglers in other places than where they are needed, shrunk as far as that goes."""
    problem, _ = planted(3, length, seed, entangler=entangler)
    rng = np.random.default_rng(seed)
    while True:
        pairs = tuple(problem.coupling.pairs[int(i)] for i in rng.integers(3, size=length + 5))
        fit = multi_start(problem.target, [random_start(pairs, 3, entangler, rng)], tol=problem.tol, budget=Budget())
        if fit is not None and fit.infidelity <= problem.tol:
            return problem, delete_entanglers(problem, fit, rng, Budget())


@pytest.mark.parametrize("entangler", ENTANGLERS)
def test_hops_end_at_a_solution_that_is_no_longer(entangler: str) -> None:
    problem, fit = roundabout(4, 1, entangler)
    found = basin_hopping(problem, fit, np.random.default_rng(0), Budget(), patience=2)
    assert_solves(problem, found)
    assert len(found.ansatz.pairs) <= len(fit.ansatz.pairs)


def test_hops_leave_where_shrinking_stops() -> None:
    ends = [
        (fit, basin_hopping(problem, fit, np.random.default_rng(0), Budget(2e10), patience=12))
        for problem, fit in (roundabout(5, seed) for seed in range(6))
    ]
    assert all(len(after.ansatz.pairs) <= len(before.ansatz.pairs) for before, after in ends)
    assert any(len(after.ansatz.pairs) < len(before.ansatz.pairs) for before, after in ends)


def test_nothing_is_done_where_nothing_may_be_spent_or_gained() -> None:
    problem, fit = roundabout(3, 0)
    rng = np.random.default_rng(0)
    assert basin_hopping(problem, fit, rng, Budget(0.0)) is fit
    assert basin_hopping(replace(problem, lower_bound=len(fit.ansatz.pairs)), fit, rng, Budget()) is fit
    assert basin_hopping(problem, fit, rng, Budget(), patience=0) is fit
