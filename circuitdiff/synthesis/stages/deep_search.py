"""Bottom-up search in one go, for targets that everything else leaves at a generic unitary's number of entanglers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.bottom_up_search import (
    SELECTION_NOISE,
    Search,
    bottom_up_search,
    bottom_up_search_backwards,
    search_with_rzz,
)
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

LINES: tuple[tuple[Search, int, float], ...] = (
    (bottom_up_search_backwards, 1, 0.0),
    (bottom_up_search, 1, SELECTION_NOISE),
    (bottom_up_search_backwards, 2, SELECTION_NOISE),
    (bottom_up_search, 3, SELECTION_NOISE),
)
"""From which end, how many circuits go on at each level, and with what noise: one line after another."""


class DeepSearchStage:
    """Grows with rzz, which turns into two CZ at the most, half as many levels as the incumbent has entanglers."""

    proposer = "search"

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield one circuit with fewer entanglers than the incumbent, where that has as many as a generic target."""
        bound = bound_of(incumbent)
        if bound < template_count(problem):
            return
        line_work = budget.work / len(LINES)
        for search, width, noise in LINES:
            part = budget.take(line_work)
            self.stats.tried += 1
            fit = search_with_rzz(search, problem, bound // 2, width, noise, rng, part)
            budget.settle(part)
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                yield Candidate.of_fit(fit, self.proposer)
                return


@register_stage("deep_search", "search")
def _stage(config: PipelineConfig, models: Models) -> DeepSearchStage:
    return DeepSearchStage()
