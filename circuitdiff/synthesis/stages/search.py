"""The search stage: circuits without a model, for registers that no model covers and targets that it misses."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle
from typing import NamedTuple

import numpy as np

from circuitdiff.numerics.multi_start import AnsatzFit, Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import ANALYTIC, INPUT, Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.bottom_up_search import (
    SELECTION_NOISE,
    Search,
    bottom_up_search,
    bottom_up_search_backwards,
    search_with_rzz,
)
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.layered import layered_lengths, layered_solution
from circuitdiff.synthesis.stages.proposers import UniformProposer
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

UNIFORM_QUBITS = 3
"""Largest register on which entangler sequences are drawn as a whole; beyond, they are grown."""

HARD_COUNT = 7
"""Entanglers from which on uniform draws are too few, and sequences are grown on small registers too."""

SLICES = 4
"""Parts into which the work is divided, so that no line takes all of it."""

WIDEST = 5
"""Most circuits that go on at a level."""


class _Line(NamedTuple):
    """A bottom-up search from one end, with rzz in place of CZ or not; without a search, layered ansaetze."""

    search: Search | None
    as_rzz: bool = False


LINES = (
    _Line(bottom_up_search, as_rzz=True),
    _Line(bottom_up_search_backwards, as_rzz=True),
    _Line(None),
    _Line(bottom_up_search),
    _Line(bottom_up_search_backwards),
    _Line(None),
)
"""What takes turns: narrow and exact in the first cycle, wider and noisier in every further one."""


class SearchStage:
    """Uniform draws on small registers, then bottom-up search from both ends in turn with layered ansaetze."""

    proposer = "search"

    def __init__(self, config: PipelineConfig) -> None:
        """Take what the pipeline says."""
        self.config = config
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits until the budget is spent."""
        bound = bound_of(incumbent)
        if problem.num_qubits <= UNIFORM_QUBITS:
            solved = incumbent is not None and incumbent.source not in (ANALYTIC, INPUT)
            draws = UniformProposer(self.proposer, longest_only=solved)
            part = budget.take(budget.work / 2)
            for candidate in instantiate_proposals(problem, draws, bound, self.config, rng, part, self.stats):
                bound = candidate.count
                yield candidate
            budget.settle(part)
        if problem.num_qubits > UNIFORM_QUBITS or bound >= HARD_COUNT:
            yield from search(problem, bound, rng, budget, self.stats)


def search(
    problem: SynthesisProblem, bound: int, rng: np.random.Generator, budget: Budget, stats: ProposerStats
) -> Iterator[Candidate]:
    """Yield ever shorter circuits of fewer than ``bound`` entanglers, from the lines in turn."""
    slice_work = budget.work / SLICES
    for attempt, line in zip(count(), cycle(LINES)):
        if budget.spent or bound <= problem.lower_bound:
            return
        part = budget.take(slice_work)
        fit = _follow(line, attempt // len(LINES), problem, bound, rng, part, stats)
        budget.settle(part)
        if fit is None:
            continue
        fit = shorten(problem, fit, bound, rng, budget)
        stats.record(len(fit.ansatz.pairs))
        if len(fit.ansatz.pairs) < bound:
            bound = len(fit.ansatz.pairs)
            yield Candidate.of_fit(fit, "search")


def _follow(
    line: _Line,
    repetition: int,
    problem: SynthesisProblem,
    bound: int,
    rng: np.random.Generator,
    budget: Budget,
    stats: ProposerStats,
) -> AnsatzFit | None:
    if line.search is None:
        return layered_solution(problem, layered_lengths(problem, bound), rng, budget, stats)
    stats.tried += 1
    width, noise = min(1 + repetition, WIDEST), SELECTION_NOISE * (repetition > 0)
    if line.as_rzz and repetition == 0:
        return search_with_rzz(line.search, problem, bound, width, noise, rng, budget)
    return line.search(problem, bound, width, noise, rng, budget)


@register_stage("search", "search")
def _stage(config: PipelineConfig, models: Models) -> SearchStage:
    return SearchStage(config)
