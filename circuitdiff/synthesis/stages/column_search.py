"""Search for states and isometries: bottom-up, then layered ansaetze of every length, all of them shortened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.bottom_up_search import SELECTION_NOISE, bottom_up_search
from circuitdiff.synthesis.stages.layered import layered_solution
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

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
            if attempt % 2:
                fit = layered_solution(problem, bound, rng, budget, self.stats)
            else:
                self.stats.tried += 1
                width, noise = WIDTHS[min(attempt // 2, len(WIDTHS) - 1)], SELECTION_NOISE * (attempt > 0)
                fit = bottom_up_search(problem, bound, width, noise, rng, budget)
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound = len(fit.ansatz.pairs)
                yield Candidate.of_fit(fit, self.proposer)


@register_stage("column_search", "search")
def _stage(config: PipelineConfig, models: Models) -> ColumnSearchStage:
    return ColumnSearchStage()
