"""The template of blocks: a target is cut into unitaries on fewer qubits, and each gets its own template."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.analytic.shannon import shannon
from circuitdiff.synthesis.generic_ansatz import EXTRAS, template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage

BLOCK_QUBITS = 3
"""Size of the blocks into which targets are cut at first."""


@register_stage("block_template", "template")
def _stage(config: PipelineConfig, models: Models) -> BlockTemplateStage:
    return BlockTemplateStage()


class BlockTemplateStage:
    """Cuts the target into unitaries on fewer qubits and makes each by its template, where its own is out of reach."""

    proposer = "template"

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield circuits made of ever larger blocks, as long as time allows."""
        if bound_of(incumbent) <= template_count(problem) + max(EXTRAS):
            return
        for block_qubits in range(BLOCK_QUBITS, problem.num_qubits):
            if budget.spent:
                return
            self.stats.tried += 1
            fit = shannon(problem, block_qubits, rng, budget)
            if fit is not None and fit.infidelity <= problem.tol:
                self.stats.record(len(fit.ansatz.pairs))
                if len(fit.ansatz.pairs) < bound_of(incumbent):
                    yield Candidate.of_fit(fit, self.proposer)
