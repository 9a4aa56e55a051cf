"""The peel stage: targets too deep for search, taken apart from both ends until what is left falls apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.circuits.gates import GATES
from circuitdiff.features.tensor_factors import Factor, separable_factors
from circuitdiff.numerics.ansatz import Ansatz, to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.pair_blocks import resynthesise_pairs
from circuitdiff.synthesis.analytic.two_qubit import one_qubit_circuit, two_qubit_circuit
from circuitdiff.synthesis.generic_ansatz import EXTRAS, instantiate_template, template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.peeling import Beam, Node
from circuitdiff.synthesis.stages.proposers import UniformProposer
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

BLOCK_QUBITS = 3
"""Largest factor of what is left that is compiled by itself; targets must have more qubits."""

ENTANGLERS = ("cz", "rzz")
"""Entanglers of which one does what a CZ does."""

SPLIT = 0.1
"""Second Schmidt coefficient below which what is left counts as a product: the descent makes up for the difference."""

SPLIT_BLOCK = 0.01
"""The same where a factor has to be compiled first."""

WIDTHS = (1, 2, 2, 1)
"""Nodes that the beams keep at each number of entanglers: a short line first."""

BEAMS = 3
"""Parts of the work, each the most that one beam may spend."""

PATIENCE = 2
"""Beams in a row without a shorter solution, after one, after which none is expected."""

INCUMBENT_PATIENCE = 8
"""The same where the circuit that is known has come from elsewhere."""

SHORT = 0.5
"""Part of the entanglers that generic targets take, below which a circuit says that its target has structure."""

GENERIC_BEAMS = 2
"""Beams for which a target looks like one without structure, after which no further one is begun."""

DESCENT: Rounds = ((40, 1.0),)
PROMISING = 5e-2
"""Infidelity after a descent below which entanglers are put in to close the gap."""

RETRY = 0.7
"""Part of the entanglement of a node that led nowhere, below which another of the same beam is tried."""

REPAIR_STARTS = 6
REPAIR_PATIENCE = 3
"""Times in a row that entanglers are put in without bringing the circuit closer."""

REPAIR_NOISE = 0.1
REPAIR: Rounds = ((20, 0.34), (50, 0.0))
NEARLY = 1e-4
LONG_DESCENT: Rounds = ((150, 1.0),)
"""Steps from an infidelity below which a circuit probably is a solution, to which steps are slow."""

REPAIR_GAIN = 0.8
"""Factor by which entanglers that are put in must lower the infidelity to stay."""


class PeelStage:
    """Runs one beam after another, finishes what falls apart, and shortens it."""

    proposer = "peel"

    def __init__(self, config: PipelineConfig) -> None:
        """Take what the pipeline says."""
        self.config = config
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits; patience is unlimited until one is known that is far from generic."""
        bound, generic = bound_of(incumbent), 0
        patience = INCUMBENT_PATIENCE if bound < SHORT * template_count(problem) else float("inf")
        if problem.num_qubits <= BLOCK_QUBITS or problem.entangler not in ENTANGLERS:
            return
        beam_work = budget.work / BEAMS
        for number in count():
            if budget.spent or bound <= problem.lower_bound or patience <= 0 or generic >= GENERIC_BEAMS:
                return
            patience -= 1
            self.stats.tried += 1
            part = budget.take(beam_work)
            beam = Beam(problem.target, problem.coupling, WIDTHS[number % len(WIDTHS)], rng, part)
            fit = self._first_fit(problem, beam, bound, rng, part)
            budget.settle(part)
            generic += beam.is_generic
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound, patience = len(fit.ansatz.pairs), PATIENCE
                yield Candidate.of_fit(fit, self.proposer)

    def _first_fit(
        self, problem: SynthesisProblem, beam: Beam, bound: int, rng: np.random.Generator, budget: Budget
    ) -> AnsatzFit | None:
        """Return the first solution that a beam's nodes lead to; None where there is none."""
        failed = float("inf")
        for node in beam.nodes(bound - 1):
            start = self._start(problem, node, rng, budget) if node.entanglement < RETRY * failed else None
            if start is None:
                continue
            fit = multi_start(problem.target, [start], tol=problem.tol, budget=budget, rounds=DESCENT)
            if fit is not None and problem.tol < fit.infidelity < PROMISING:
                fit = repaired(problem, fit, bound, rng, budget)
            if fit is not None and fit.infidelity <= problem.tol:
                return fit
            failed = node.entanglement
        return None

    def _start(self, problem: SynthesisProblem, node: Node, rng: np.random.Generator, budget: Budget) -> Ansatz | None:
        """Compile what is left where it falls apart, and put the whole together; close to the target, not on it."""
        middle: list[Operation] = []
        for qubits, unitary in _factors(node.operator):
            coupling = problem.coupling.restricted(qubits)
            circuit = None if coupling is None else self._block(problem, unitary, coupling, rng, budget)
            if circuit is None:
                return None
            middle += circuit.permuted(qubits, problem.num_qubits).operations
        if not middle:
            return None
        merged = resynthesise_pairs(translate_basis(node.whole(tuple(middle)), U_CZ), U_CZ)
        return to_ansatz(translate_basis(merged, problem.ansatz_gates), problem.entangler)

    def _block(
        self,
        problem: SynthesisProblem,
        unitary: NDArray[np.complex128],
        coupling: Coupling,
        rng: np.random.Generator,
        budget: Budget,
    ) -> Circuit | None:
        """Compile a factor of what is left."""
        if coupling.num_qubits == 1:
            return one_qubit_circuit(unitary, U_CZ)
        if coupling.num_qubits == 2:
            return two_qubit_circuit(unitary, U_CZ)
        block = replace(problem, target=np.ascontiguousarray(unitary), coupling=coupling, lower_bound=0, entangler="cz")
        part = budget.take(self.config.window_work)
        fits = (instantiate_template(block, rng, part, extra) for extra in EXTRAS)
        fit = next((fit for fit in fits if fit is not None), None)
        circuits = [] if fit is None else [fit.ansatz.circuit()]
        bound = bound_of(None) if fit is None else len(fit.ansatz.pairs)
        draws = UniformProposer(self.proposer)
        found = instantiate_proposals(block, draws, bound, self.config, rng, part, ProposerStats())
        circuits += [candidate.circuit for candidate in found]
        budget.settle(part)
        return circuits[-1] if circuits else None


@register_stage("peel", "peel")
def _stage(config: PipelineConfig, models: Models) -> PeelStage:
    return PeelStage(config)


def _factors(operator: NDArray[np.complex128]) -> list[Factor]:
    """Return the tensor factors of what is nearly a product, none where one is too large to be compiled by itself."""
    for tol, largest in ((SPLIT, 2), (SPLIT_BLOCK, BLOCK_QUBITS)):
        factors = separable_factors(operator, tol)
        if max(len(qubits) for qubits, _ in factors) <= largest:
            return factors
    return []


def repaired(
    problem: SynthesisProblem, fit: AnsatzFit, bound: int, rng: np.random.Generator, budget: Budget
) -> AnsatzFit:
    """Put entanglers in where that brings a circuit closer to the target, until it is one."""
    futile = 0
    while futile < REPAIR_PATIENCE and fit.infidelity > problem.tol and not budget.spent:
        if len(fit.ansatz.pairs) + 2 >= bound:
            break
        futile += 1
        starts = [_with_more(problem, fit.ansatz, number % 2 == 0, rng) for number in range(REPAIR_STARTS)]
        found = multi_start(problem.target, starts, tol=problem.tol, budget=budget, rounds=REPAIR)
        if found is not None and problem.tol < found.infidelity < NEARLY:
            found = multi_start(problem.target, [found.ansatz], tol=problem.tol, budget=budget, rounds=LONG_DESCENT)
        if found is not None and found.infidelity < REPAIR_GAIN * fit.infidelity:
            fit, futile = found, 0
    return fit


def _with_more(problem: SynthesisProblem, ansatz: Ansatz, inverses: bool, rng: np.random.Generator) -> Ansatz:
    """Put one or two entanglers in at random places, or one and its inverse, and move all angles a little."""
    operations = list(ansatz.circuit().operations)
    for copies in (2,) if inverses else (1,) * int(rng.integers(1, 3)):
        pair = problem.coupling.pairs[int(rng.integers(len(problem.coupling.pairs)))]
        new = Operation(problem.entangler, pair, (0.0,) * GATES[problem.entangler].num_params)
        place = int(rng.integers(len(operations) + 1))
        operations[place:place] = [new] * copies
    return to_ansatz(Circuit(problem.num_qubits, tuple(operations)), problem.entangler).perturbed(REPAIR_NOISE, rng)
