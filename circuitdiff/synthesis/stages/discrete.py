"""Exact circuits of gates without angles beyond the reach of search from both ends.

The model searches residuals, and what it leaves that is short is looked up.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.numerics.threads import single_threaded
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.synthesis.analytic.discrete_search import short_circuit
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import register_stage

logger = logging.getLogger(__name__)


class DiscreteStage:
    """Asks the model of gate sequences, again and again under a smaller bound."""

    proposer = "diffusion"

    def __init__(self, config: PipelineConfig, models: Models) -> None:
        """Take what the pipeline says and the checkpoints."""
        self.config, self.models = config, models
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield exact circuits, each with fewer gates on two qubits or more than the one before."""
        model = self.models.gate_model(problem.num_qubits, problem.gate_set)
        if model is None:
            return
        import torch

        from circuitdiff.generation import Sampling

        most: int | None = None
        seed = int(rng.integers(2**62))
        while not budget.spent and most != -1:
            with single_threaded():
                drawn = model.search(
                    problem.target,
                    CircuitSpec(gates=problem.gate_set.gates, coupling=problem.coupling.text, max_two_qubit_gates=most),
                    sampling=Sampling(num_samples=self.config.discrete_samples),
                    close=lambda left: short_circuit(left, problem.gate_set, problem.coupling, budget.deadline),
                    tol=problem.tol,
                    generator=torch.Generator(model.model.token_bias.device).manual_seed(seed),
                    deadline=budget.deadline,
                )
            self.stats.tried += len(drawn)
            reached = ((circuit, infidelity(problem.target, circuit.unitary())) for circuit in dict.fromkeys(drawn))
            exact = [(circuit, missed) for circuit, missed in reached if missed <= problem.tol]
            logger.info("the model found %d circuits in %d draws", len(exact), len(drawn))
            if not exact:
                return
            best, missed = min(exact, key=lambda found: (found[0].two_qubit_count, found[0].num_gates))
            self.stats.record(best.two_qubit_count)
            yield Candidate(best, missed, self.proposer, model.name)
            most = best.two_qubit_count - 1


@register_stage("discrete", "diffusion")
def _stage(config: PipelineConfig, models: Models) -> DiscreteStage:
    return DiscreteStage(config, models)
