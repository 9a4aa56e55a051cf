"""The symmetry stage: a target that commutes with a Pauli string falls in two, which takes fewer than its template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.shannon import Solver
from circuitdiff.synthesis.analytic.symmetry import Matrix, pauli_symmetries, symmetric_circuit
from circuitdiff.synthesis.generic_ansatz import EXTRAS, instantiate_template, template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

SYMMETRIES = 3
"""Pauli strings that are tried, those on fewest qubits first."""


class SymmetryStage:
    """Writes what commutes with a Pauli string in a Clifford frame, and leaves out what is superfluous."""

    proposer = "template"

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits, where nothing shorter than the template is known."""
        bound = bound_of(incumbent)
        if bound < template_count(problem) or not problem.coupling.is_complete:
            return
        for _, string in zip(range(SYMMETRIES), pauli_symmetries(problem.target), strict=False):
            if budget.spent:
                return
            self.stats.tried += 1
            circuit = symmetric_circuit(problem.target, string, _solver(problem, rng, budget))
            fit = None if circuit is None else _fit(problem, circuit)
            if fit is None or fit.infidelity > problem.tol:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound = len(fit.ansatz.pairs)
                yield Candidate.of_fit(fit, self.proposer)


def _solver(problem: SynthesisProblem, rng: np.random.Generator, budget: Budget) -> Solver:
    def solve(unitary: Matrix, coupling: Coupling) -> Circuit | None:
        block = replace(problem, target=np.ascontiguousarray(unitary), coupling=coupling, lower_bound=0)
        fits = (instantiate_template(block, rng, budget, extra) for extra in EXTRAS)
        return next((fit.ansatz.circuit() for fit in fits if fit is not None), None)

    return solve


def _fit(problem: SynthesisProblem, circuit: Circuit) -> AnsatzFit:
    ansatz = to_ansatz(translate_basis(circuit, problem.ansatz_gates), problem.entangler)
    return AnsatzFit(ansatz, infidelity(problem.target, ansatz.circuit().unitary()))


@register_stage("symmetry", "template")
def _stage(config: PipelineConfig, models: Models) -> SymmetryStage:
    return SymmetryStage()
