"""The control of the diffusion stage: entangler sequences drawn uniformly in the model's place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.proposers import UniformProposer
from circuitdiff.synthesis.stages.stage import bound_of, register_stage


class RandomStage:
    """Does with uniform draws what the diffusion stage does with the model's."""

    proposer = "random"

    def __init__(self, config: PipelineConfig) -> None:
        """Take what the pipeline says."""
        self.config = config
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits that begin with uniform draws."""
        proposer, bound = UniformProposer(self.proposer), bound_of(incumbent)
        yield from instantiate_proposals(problem, proposer, bound, self.config, rng, budget, self.stats)


@register_stage("random", "random")
def _stage(config: PipelineConfig, models: Models) -> RandomStage:
    return RandomStage(config)
