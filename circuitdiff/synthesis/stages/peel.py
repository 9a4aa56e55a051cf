"""The peel stage: targets too deep for search, taken apart from both ends until what is left falls apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.features.tensor_factors import Factor, separable_factors
from circuitdiff.numerics.ansatz import Dressed, absorb
from circuitdiff.numerics.multi_start import Budget, Fit, Heats, race
from circuitdiff.synthesis.analytic.basis_translation import lower_to_gate_set
from circuitdiff.synthesis.analytic.pair_blocks import resynthesise_pairs
from circuitdiff.synthesis.analytic.two_qubit import one_qubit_circuit, two_qubit_circuit
from circuitdiff.synthesis.presets import Effort
from circuitdiff.synthesis.problem import Solution, Tally, Task
from circuitdiff.synthesis.stages.instantiate_proposals import pursue
from circuitdiff.synthesis.stages.peeling import Beam, Node
from circuitdiff.synthesis.stages.proposers import BlindSource
from circuitdiff.synthesis.stages.template import EXTRAS, template, template_count
from circuitdiff.synthesis.transforms.basin_hopping import shortened

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

DESCENT: Heats = ((40, 1.0),)
PROMISING = 5e-2
"""Infidelity after a descent below which entanglers are put in to close the gap."""

RETRY = 0.7
"""Part of the entanglement of a node that led nowhere, below which another of the same beam is tried."""

REPAIR_STARTS = 6
REPAIR_PATIENCE = 3
"""Times in a row that entanglers are put in without bringing the circuit closer."""

REPAIR_NOISE = 0.1
REPAIR: Heats = ((20, 0.34), (50, 0.0))
NEARLY = 1e-4
LONG_DESCENT: Heats = ((150, 1.0),)
"""Steps from an infidelity below which a circuit probably is a solution, to which steps are slow."""

REPAIR_GAIN = 0.8
"""Factor by which entanglers that are put in must lower the infidelity to stay."""


_U_CZ = GateSet("u,cz", ("u", "cz"))


@dataclass(frozen=True)
class PeelStage:
    """Runs one beam after another, finishes what falls apart, and shortens it."""

    effort: Effort
    tally: Tally

    def run(self, task: Task, bound: int, budget: Budget, rng: np.random.Generator) -> Iterator[Solution]:
        """Yield ever shorter circuits of fewer than ``bound`` entanglers; before the first, patience is unlimited."""
        futile = -1
        if task.num_qubits <= BLOCK_QUBITS or task.entangler not in ENTANGLERS:
            return
        beam_work = budget.work / BEAMS
        for number in count():
            if budget.spent or bound <= task.lower_bound or futile >= PATIENCE:
                return
            futile += futile >= 0
            self.tally.tried += 1
            part = budget.take(beam_work)
            beam = Beam(task.target, task.coupling, WIDTHS[number % len(WIDTHS)], rng, part)
            fit = self._first_fit(task, beam, bound, rng, part)
            budget.settle(part)
            if fit is None:
                continue
            fit = shortened(task, fit, bound, rng, budget)
            self.tally.record(len(fit.dressed.pairs))
            if len(fit.dressed.pairs) < bound:
                bound, futile = len(fit.dressed.pairs), 0
                yield Solution(fit.dressed, fit.infidelity, "peel")

    def _first_fit(self, task: Task, beam: Beam, bound: int, rng: np.random.Generator, budget: Budget) -> Fit | None:
        """Return the first solution that a beam's nodes lead to; None where there is none."""
        failed = float("inf")
        for node in beam.nodes(bound - 1):
            start = self._start(task, node, rng, budget) if node.entanglement < RETRY * failed else None
            if start is None:
                continue
            fit = race(task.target, [start], tol=task.tol, budget=budget, heats=DESCENT)
            if fit is not None and task.tol < fit.infidelity < PROMISING:
                fit = repaired(task, fit, bound, rng, budget)
            if fit is not None and fit.infidelity <= task.tol:
                return fit
            failed = node.entanglement
        return None

    def _start(self, task: Task, node: Node, rng: np.random.Generator, budget: Budget) -> Dressed | None:
        """Compile what is left where it falls apart, and put the whole together; close to the target, not on it."""
        middle: list[Operation] = []
        for qubits, unitary in _factors(node.operator):
            coupling = task.coupling.restricted(qubits)
            circuit = None if coupling is None else self._block(task, unitary, coupling, rng, budget)
            if circuit is None:
                return None
            middle += circuit.permuted(qubits, task.num_qubits).operations
        if not middle:
            return None
        merged = resynthesise_pairs(lower_to_gate_set(node.whole(tuple(middle)), _U_CZ), _U_CZ)
        own = GateSet("working", ("u", task.entangler))
        return absorb(lower_to_gate_set(merged, own), task.entangler)

    def _block(
        self,
        task: Task,
        unitary: NDArray[np.complex128],
        coupling: Coupling,
        rng: np.random.Generator,
        budget: Budget,
    ) -> Circuit | None:
        """Compile a factor of what is left."""
        if coupling.num_qubits == 1:
            return one_qubit_circuit(unitary, _U_CZ)
        if coupling.num_qubits == 2:
            return two_qubit_circuit(unitary, _U_CZ)
        block = replace(task, target=np.ascontiguousarray(unitary), coupling=coupling, lower_bound=0, entangler="cz")
        part = budget.take(self.effort.diffusion_work[BLOCK_QUBITS])
        fits = (template(block, rng, part, extra) for extra in EXTRAS)
        fit = next((fit for fit in fits if fit is not None), None)
        circuits = [] if fit is None else [fit.dressed.circuit()]
        bound = template_count(block) if fit is None else len(fit.dressed.pairs)
        draws = BlindSource("peel")
        found = pursue(block, draws, bound, self.effort, self.effort.samples, rng, part, Tally())
        circuits += [solution.dressed.circuit() for solution in found]
        budget.settle(part)
        return circuits[-1] if circuits else None


def _factors(operator: NDArray[np.complex128]) -> list[Factor]:
    """Return the tensor factors of what is nearly a product, none where one is too large to be compiled by itself."""
    for tol, largest in ((SPLIT, 2), (SPLIT_BLOCK, BLOCK_QUBITS)):
        factors = separable_factors(operator, tol)
        if max(len(qubits) for qubits, _ in factors) <= largest:
            return factors
    return []


def repaired(task: Task, fit: Fit, bound: int, rng: np.random.Generator, budget: Budget) -> Fit:
    """Put entanglers in where that brings a circuit closer to the target, until it is one."""
    futile = 0
    while futile < REPAIR_PATIENCE and fit.infidelity > task.tol and not budget.spent:
        if len(fit.dressed.pairs) + 2 >= bound:
            break
        futile += 1
        starts = [_with_more(task, fit.dressed, number % 2 == 0, rng) for number in range(REPAIR_STARTS)]
        found = race(task.target, starts, tol=task.tol, budget=budget, heats=REPAIR)
        if found is not None and task.tol < found.infidelity < NEARLY:
            found = race(task.target, [found.dressed], tol=task.tol, budget=budget, heats=LONG_DESCENT)
        if found is not None and found.infidelity < REPAIR_GAIN * fit.infidelity:
            fit, futile = found, 0
    return fit


def _with_more(task: Task, dressed: Dressed, inverses: bool, rng: np.random.Generator) -> Dressed:
    """Put one or two entanglers in at random places, or one and its inverse, and move all angles a little."""
    operations = list(dressed.circuit().operations)
    for copies in (2,) if inverses else (1,) * int(rng.integers(1, 3)):
        pair = task.coupling.pairs[int(rng.integers(len(task.coupling.pairs)))]
        new = Operation(task.entangler, pair, (0.0,) * GATES[task.entangler].num_params)
        place = int(rng.integers(len(operations) + 1))
        operations[place:place] = [new] * copies
    return absorb(Circuit(task.num_qubits, tuple(operations)), task.entangler).shaken(REPAIR_NOISE, rng)
