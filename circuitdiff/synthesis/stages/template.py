"""The template stage: as many entanglers as a generic target needs, its angles found numerically."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.interruption import is_over
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.generic_ansatz import EXTRAS, instantiate_template, template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage

LEAST_SHARE = 0.5
"""Part of the work that each number gets in any case: where one misses, an entangler more is often enough at once."""


class TemplateStage:
    """Instantiates the template with one number after another of entanglers beyond its own."""

    proposer = "template"

    def __init__(self, extras: tuple[int, ...]) -> None:
        """Take the numbers of entanglers beyond the bound, in the order in which they are tried."""
        self.extras = extras
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield the template's circuit for every number that is fewer than the incumbent's."""
        bound = bound_of(incumbent)
        least = LEAST_SHARE * budget.work
        for extra in self.extras:
            if template_count(problem) + extra >= bound or is_over(budget.deadline):
                continue
            self.stats.tried += 1
            budget.work = max(budget.work, least)
            fit = instantiate_template(problem, rng, budget, extra)
            if fit is not None:
                bound = len(fit.ansatz.pairs)
                self.stats.record(bound)
                yield Candidate.of_fit(fit, self.proposer)


@register_stage("template", "template")
def _template_stage(config: PipelineConfig, models: Models) -> TemplateStage:
    return TemplateStage(EXTRAS)


@register_stage("late_template", "template")
def _late_template_stage(config: PipelineConfig, models: Models) -> TemplateStage:
    return TemplateStage((*EXTRAS[::-1], 0))
