"""The stage ``blocks``: a circuit that was given for a target is rewritten block by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.resynthesis.blocks import BlockOptions
from circuitdiff.resynthesis.cache import BlockCache
from circuitdiff.resynthesis.narrow import EASY_SIZE
from circuitdiff.resynthesis.replacement import Place, Rewritten
from circuitdiff.resynthesis.sweeps import Sweeps
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage

HOPELESS = 3
"""How many times the incumbent's count a given circuit may have: sweeps rarely save two thirds."""

TIME_SHARE = 0.5
"""Part of the time that is left, for the stages after this one see the target rather than the circuit."""


class BlocksStage:
    """Rewrites blocks of three qubits, where a target came as a circuit of more."""

    proposer = "blocks"

    def __init__(self, config: PipelineConfig, models: Models) -> None:
        """Take what the pipeline says and the checkpoints."""
        self.config, self.models = config, models
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield the rewritten circuit where it is shorter than the incumbent."""
        given = problem.given
        bound = bound_of(incumbent)
        if given is None or problem.num_qubits <= EASY_SIZE or given.two_qubit_count > HOPELESS * bound:
            return
        self.stats.tried += 1
        options = BlockOptions(
            gate_set=",".join(problem.gate_set.gates),
            effort=self.config.effort,
            tol=problem.tol,
            seed=int(rng.integers(2**63)),
            model=self.models.name,
            proposers=None if self.config.proposers is None else tuple(sorted(self.config.proposers)),
        )
        coupled = None if problem.coupling.is_complete else frozenset(problem.coupling.pairs)
        sweeps = Sweeps(options, BlockCache(None), Place(coupled), EASY_SIZE, budget.deadline)
        found = sweeps.until(TIME_SHARE).swept(Rewritten(given.operations, given.global_phase))
        operations = tuple(step for step in found.steps if isinstance(step, Operation))
        circuit = Circuit(problem.num_qubits, operations)
        missed = infidelity(problem.target, circuit.unitary())
        if circuit.two_qubit_count < bound and missed <= problem.tol:
            self.stats.record(circuit.two_qubit_count)
            yield Candidate(circuit, missed, self.proposer, self.models.name)


@register_stage("blocks", "blocks")
def _stage(config: PipelineConfig, models: Models) -> BlocksStage:
    return BlocksStage(config, models)
