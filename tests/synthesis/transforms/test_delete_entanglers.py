"""Removal of entanglers: planted redundancy goes, the target stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.numerics.ansatz import EntanglerSequence, to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, multi_start
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.transforms.delete_entanglers import delete_entanglers, shorter
from tests.planted import assert_solves, planted, task_of

ENTANGLERS = ("cz", "rzz", "iswap")


def with_redundancy(length: int, seed: int, entangler: str = "cz") -> tuple[SynthesisProblem, AnsatzFit]:
    """A solution with two more entanglers in it than its target needs, one of them the other's inverse."""
    problem, solution = planted(3, length, seed, entangler=entangler)
    rng = np.random.default_rng(seed)
    place = int(rng.integers(length)) * 5
    extra = Circuit(3, (Operation(entangler, (0, 2), (0.6,) * (entangler == "rzz")),))
    operations = solution.circuit().operations
    padded = (*operations[:place], *extra.operations, *extra.inverse().operations, *operations[place:])
    fit = multi_start(problem.target, [to_ansatz(Circuit(3, padded), entangler)], tol=problem.tol, budget=Budget())
    assert_solves(problem, fit)
    assert fit is not None
    assert len(fit.ansatz.pairs) == length + 2
    return problem, fit


def is_subsequence(short: EntanglerSequence, long: EntanglerSequence) -> bool:
    rest = iter(long)
    return all(pair in rest for pair in short)


@pytest.mark.parametrize("entangler", ENTANGLERS)
@pytest.mark.parametrize("seed", range(3))
def test_shrink_takes_planted_redundancy_out_within_the_tolerance(entangler: str, seed: int) -> None:
    problem, fit = with_redundancy(3, seed, entangler)
    shorter = delete_entanglers(problem, fit, np.random.default_rng(seed), Budget())
    assert_solves(problem, shorter)
    assert len(shorter.ansatz.pairs) <= 3
    assert is_subsequence(shorter.ansatz.pairs, fit.ansatz.pairs)


def test_shrink_stops_at_the_lower_bound() -> None:
    problem, fit = with_redundancy(3, 0)
    shorter = delete_entanglers(replace(problem, lower_bound=4), fit, np.random.default_rng(0), Budget())
    assert len(shorter.ansatz.pairs) == 4
    assert_solves(problem, shorter)


def test_shrink_keeps_what_it_has_when_nothing_may_be_spent() -> None:
    problem, fit = with_redundancy(3, 0)
    assert delete_entanglers(problem, fit, np.random.default_rng(0), Budget(0.0)) is fit


@pytest.mark.parametrize("seed", range(3))
def test_what_is_needed_stays(seed: int) -> None:
    problem, solution = planted(3, 3, 1)
    assert shorter(problem, AnsatzFit(solution, 0.0), np.random.default_rng(seed), Budget()) is None


def test_inverses_go_together_where_neither_goes_alone() -> None:
    cnots = Circuit.from_gates(3, [("cz", (0, 1), ()), ("cz", (1, 2), ()), ("cz", (1, 2), ())])
    problem = replace(task_of(cnots.unitary()), lower_bound=0)
    found = shorter(
        replace(problem, lower_bound=1), AnsatzFit(to_ansatz(cnots), 0.0), np.random.default_rng(0), Budget()
    )
    assert_solves(problem, found)
    assert found is not None
    assert found.ansatz.pairs == ((0, 1),)
