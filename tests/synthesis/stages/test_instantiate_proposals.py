"""From proposed structures to solutions, with a source that says what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, cyclic_sequence
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.pipeline import PRESETS, PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import (
    ANGLES_FROM,
    MAX_STARTS,
    instantiate_proposals,
    num_starts,
)
from tests.planted import assert_solves, planted, task_of
from tests.strategies import haar

EFFORT = replace(PRESETS["fast"], samples=7, starts=2.0, rounds=2, patience=0)


class Told:
    """Proposes given structures, those that are short enough, and given starts; remembers what it was asked."""

    name = "told"
    model_name = None

    def __init__(self, *proposals: EntanglerSequence, starts: Sequence[Ansatz] = ()) -> None:
        self.proposals, self.informed = proposals, list(starts)
        self.asked: list[tuple[int, int, bool]] = []
        self.asked_for_starts: list[EntanglerSequence] = []

    def sequences(
        self, problem: SynthesisProblem, longest: int, count: int, rng: np.random.Generator, *, broad: bool
    ) -> list[EntanglerSequence]:
        self.asked.append((longest, count, broad))
        return [pairs for pairs in self.proposals if len(pairs) <= longest]

    def starts(
        self, problem: SynthesisProblem, structures: Sequence[EntanglerSequence], rng: np.random.Generator
    ) -> list[Ansatz]:
        self.asked_for_starts += structures
        return [start for start in self.informed if start.pairs in structures]


def pursued(
    problem: SynthesisProblem, source: Told, bound: int, *, effort: PipelineConfig = EFFORT, work: float = 1e10
) -> tuple[list[Candidate], ProposerStats]:
    tally = ProposerStats()
    rng = np.random.default_rng(0)
    return list(instantiate_proposals(problem, source, bound, effort, rng, Budget(work), tally)), tally


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_pursue_instantiates_the_structure_that_fits(entangler: str) -> None:
    problem, solution = planted(3, 3, 3, entangler=entangler)
    source = Told(((0, 1),) * 3, solution.pairs, ((0, 2), (1, 2), (0, 2)))
    found, tally = pursued(replace(problem, lower_bound=3), source, 8)
    assert [x.count for x in found] == [3]
    assert_solves(problem, found[0])
    assert found[0].source == "told"
    assert (tally.solved, tally.best_two_qubit_count) == (1, 3)


def test_pursue_solutions_are_shorter_than_the_bound_and_ever_shorter() -> None:
    problem, solution = planted(3, 3, 0)
    longer = (*solution.pairs, (0, 1), (0, 2), (1, 2), (0, 1))
    source = Told(longer, solution.pairs)
    found, tally = pursued(problem, source, 8, effort=replace(EFFORT, rounds=4))
    counts = [x.count for x in found]
    assert counts == sorted(set(counts), reverse=True)
    assert counts[-1] <= 3
    for x in found:
        assert_solves(problem, x)
    assert tally.best_two_qubit_count == counts[-1]
    assert tally.solved == len(found)
    longest = [longest for longest, *_ in source.asked]
    assert longest[0] == 7
    assert all(count == 7 for _, count, _ in source.asked)
    assert longest[-1] == counts[-1] - 1


def test_pursue_shrinks_what_solves() -> None:
    """Twelve entanglers solve it at once, and only as many as it needs are kept."""
    problem, _ = planted(3, 2, 1)
    found, _ = pursued(problem, Told(cyclic_sequence(problem.coupling.pairs, 14)), 20)
    assert_solves(problem, found[0])
    assert found[0].count < 14


def test_pursue_keeps_nothing_outside_the_tolerance() -> None:
    problem = task_of(haar(3, 0))
    source = Told(((0, 1), (1, 2)), ((0, 1), (0, 2), (1, 2)))
    found, tally = pursued(problem, source, 10)
    assert found == []
    assert (tally.solved, tally.best_two_qubit_count) == (0, None)
    assert tally.tried == 2 * EFFORT.rounds
    assert [broad for *_, broad in source.asked] == [False, True]


def test_pursue_asks_again_as_often_as_the_effort_allows() -> None:
    source = Told()
    found, tally = pursued(task_of(haar(3, 0)), source, 10, effort=replace(EFFORT, rounds=4))
    assert (found, tally) == ([], ProposerStats())
    assert len(source.asked) == 4


def test_pursue_tries_as_many_structures_of_a_length_as_the_effort_allows() -> None:
    many = [((0, 1), (1, 2), (0, 2)), ((0, 2), (1, 2), (0, 1)), ((1, 2), (0, 1), (1, 2)), ((0, 1),), ((0, 2),)]
    effort = replace(EFFORT, sequences=2, rounds=1)
    _, tally = pursued(task_of(haar(3, 0)), Told(*many), 10, effort=effort)
    assert tally.tried == 2 + 2


def test_pursue_merges_proposals_that_each_miss_an_entangler() -> None:
    problem, solution = planted(3, 4, 0)
    missing = [solution.pairs[:i] + solution.pairs[i + 1 :] for i in (0, 3)]
    alone, _ = pursued(problem, Told(*missing), 8)
    merged, tally = pursued(problem, Told(*missing), 8, effort=replace(EFFORT, patience=3))
    assert alone == []
    assert_solves(problem, merged[-1])
    assert merged[-1].count <= 7
    assert tally.tried > len(missing)


def test_pursue_asks_nothing_at_the_lower_bound_or_without_budget() -> None:
    problem = replace(task_of(haar(3, 0)), lower_bound=5)
    for source, bound, work in ((Told(), 5, 1e10), (Told(), 9, 0.0)):
        assert pursued(problem, source, bound, work=work) == ([], ProposerStats())
        assert source.asked == []


def test_pursue_ends_with_its_budget() -> None:
    source = Told(*(((0, 1), (1, 2)) * k for k in (1, 2, 3)))
    budget = Budget(3e7)
    rng = np.random.default_rng(0)
    effort = replace(EFFORT, rounds=1000)
    assert list(instantiate_proposals(task_of(haar(3, 0)), source, 10, effort, rng, budget, ProposerStats())) == []
    assert budget.spent
    assert budget.work > -1e7


def test_pursue_begins_hard_structures_at_the_sources_angles() -> None:
    """Eight entanglers hardly ever converge from random angles."""
    problem, solution = planted(3, 8, 4)
    near = replace(solution, theta=solution.theta + np.random.default_rng(0).normal(0, 0.1, len(solution.theta)))
    source = Told(solution.pairs, starts=[near])
    found, _ = pursued(replace(problem, lower_bound=8), source, 9)
    assert_solves(problem, found[0])
    assert source.asked_for_starts == [solution.pairs]


def test_pursue_does_not_ask_for_angles_of_easy_structures() -> None:
    short = ((0, 1), (1, 2)) * (ANGLES_FROM // 2 - 1)
    source = Told(short)
    pursued(task_of(haar(3, 0)), source, 10)
    assert source.asked_for_starts == []


def test_num_starts_grows_with_the_length_up_to_a_limit() -> None:
    counts = [num_starts(length) for length in range(13)]
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[-1] == MAX_STARTS
    assert [num_starts(length, 2.0) for length in (0, 12)] == [1, 2 * MAX_STARTS]
    assert num_starts(12, 0.01) == 1
