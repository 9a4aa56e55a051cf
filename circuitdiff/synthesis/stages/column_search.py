"""Search for states and isometries: bottom-up, then layered ansaetze of every length, all of them shortened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.bottom_up_search import SELECTION_NOISE, bottom_up_search
from circuitdiff.synthesis.stages.layered import layered_solution
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

SHARE = 0.25
"""Part of what is left of the work that one attempt may spend."""

WIDTHS = (1, 2, 3, 5)
"""Circuits that go on at a level, in one search after another."""


class ColumnSearchStage:
    """Bottom-up searches of growing width in turn with layered ansaetze; what solves is shortened."""

    proposer = "search"

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits until the budget is spent."""
        bound = bound_of(incumbent)
        for attempt in count():
            if budget.spent or bound <= problem.lower_bound:
                return
            part = budget.take(budget.work * SHARE)
            if attempt % 2:
                fit = layered_solution(problem, _shorter_lengths(problem, bound), rng, part, self.stats)
            else:
                self.stats.tried += 1
                width, noise = WIDTHS[min(attempt // 2, len(WIDTHS) - 1)], SELECTION_NOISE * (attempt > 0)
                fit = bottom_up_search(problem, bound, width, noise, rng, part)
            budget.settle(part)
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound = len(fit.ansatz.pairs)
                yield Candidate.of_fit(fit, self.proposer)


def _shorter_lengths(problem: SynthesisProblem, bound: int) -> range:
    """Return lengths of fewer entanglers than are known, and than reach any target."""
    longest = min(bound, template_count(problem)) - 1
    return range(min(max(problem.lower_bound, problem.num_qubits - 1), longest), longest + 1)


@register_stage("column_search", "search")
def _stage(config: PipelineConfig, models: Models) -> ColumnSearchStage:
    return ColumnSearchStage()
