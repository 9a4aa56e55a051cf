"""The diffusion stages: what the model draws is instantiated, recombined and shortened."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.proposers import Proposer
from circuitdiff.synthesis.stages.stage import bound_of, register_stage

SEQUENCES_ALONE = 3
"""Qubits up to which sequences reach whatever circuits of named gates do."""


class DiffusionStage:
    """Asks for entangler sequences, or on more than three qubits for circuits of named gates.

    States have a model of their own, isometries none.
    """

    proposer = "diffusion"

    def __init__(self, config: PipelineConfig, models: Models) -> None:
        """Take what the pipeline says and the checkpoints."""
        self.config, self.models = config, models
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits that begin with the model's proposals."""
        proposer = self._proposer(problem)
        if proposer is not None:
            bound = bound_of(incumbent)
            yield from instantiate_proposals(problem, proposer, bound, self.config, rng, budget, self.stats)

    def _proposer(self, problem: SynthesisProblem) -> Proposer | None:
        if problem.num_inputs == 0:
            return self.models.state_proposer(problem.num_qubits)
        if problem.num_inputs < problem.num_qubits:
            return None
        if problem.num_qubits <= SEQUENCES_ALONE:
            return self.models.ansatz_proposer(problem.num_qubits)
        drawing = self.models.gate_sequence_proposer(problem.num_qubits)
        return drawing if drawing is None or self.config.effort == "fast" else drawing.searching()


class EarlyDiffusionStage(DiffusionStage):
    """Asks the model of entangler sequences before anything else is tried, where it covers the register."""

    def _proposer(self, problem: SynthesisProblem) -> Proposer | None:
        return self.models.ansatz_proposer(problem.num_qubits) if problem.is_unitary else None


@register_stage("diffusion", "diffusion")
def _stage(config: PipelineConfig, models: Models) -> DiffusionStage:
    return DiffusionStage(config, models)


@register_stage("early_diffusion", "diffusion")
def _early_stage(config: PipelineConfig, models: Models) -> EarlyDiffusionStage:
    return EarlyDiffusionStage(config, models)
