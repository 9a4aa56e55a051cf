"""Three-qubit windows of a larger circuit, each rewritten with fewer entanglers where the model knows how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation, phase_free_key
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.features.lower_bounds import cx_lower_bound
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, multi_start
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.estimate import EntanglerEstimate
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import ANALYTIC, INPUT, Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.stage import register_stage

SIZE = 3
LEAST_ENTANGLERS = 3

Rewrite = Callable[[SynthesisProblem, int, Budget], Circuit | None]
"""Finds a circuit for a small problem with fewer entanglers than a bound, or None."""


@dataclass(frozen=True)
class Window:
    """Operations, by index, that can be made contiguous and act on ``qubits`` alone."""

    qubits: tuple[int, ...]
    indices: tuple[int, ...]


class EditStage:
    """Rewrites three-qubit windows of the incumbent with the model, on larger registers."""

    proposer = "edit"

    def __init__(self, config: PipelineConfig, models: Models) -> None:
        """Take what the pipeline says and the checkpoints."""
        self.config, self.models = config, models
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits, where an earlier stage has found one to begin with."""
        if incumbent is None or incumbent.source in (ANALYTIC, INPUT):
            return
        if problem.num_qubits <= SIZE:
            return
        model = self.models.ansatz_proposer(SIZE)
        if model is None:
            return

        def rewrite(window: SynthesisProblem, bound: int, budget: Budget) -> Circuit | None:
            if EntanglerEstimate(window, self.models, self.config.hopeless).is_hopeless(bound):
                return None
            part = budget.take(self.config.window_work)
            found = list(instantiate_proposals(window, model, bound, self.config, rng, part, self.stats))
            budget.settle(part)
            return found[-1].circuit if found else None

        for fit in edit(problem, translate_basis(incumbent.circuit, problem.ansatz_gates), rewrite, budget):
            yield Candidate.of_fit(fit, self.proposer, model.model_name)


@register_stage("edit", "edit")
def _stage(config: PipelineConfig, models: Models) -> EditStage:
    return EditStage(config, models)


def edit(problem: SynthesisProblem, circuit: Circuit, rewrite: Rewrite, budget: Budget) -> Iterator[AnsatzFit]:
    """Yield ever shorter solutions, rewriting one window after another until none can be shortened."""
    settled: set[bytes] = set()
    improved = True
    while improved:
        improved = False
        for window in windows(circuit, problem.coupling):
            if budget.spent:
                return
            key = phase_free_key(_block(circuit, window).unitary(), 6)
            if key in settled:
                continue
            settled.add(key)
            shorter = _rewritten(problem, circuit, window, rewrite, budget)
            if shorter is not None:
                circuit, improved = shorter.ansatz.circuit(), True
                yield shorter
                break


def windows(circuit: Circuit, coupling: Coupling) -> list[Window]:
    """Return the maximal windows, those with most entanglers first."""
    found: dict[tuple[int, ...], Window] = {}
    for qubits in combinations(range(circuit.num_qubits), SIZE):
        if coupling.restricted(qubits) is None:
            continue
        for start, operation in enumerate(circuit.operations):
            if len(operation.qubits) == 2 and set(operation.qubits) <= set(qubits):
                indices = _collect(circuit, qubits, start)
                found.setdefault(indices, Window(qubits, indices))
    wide = [w for w in found.values() if _entanglers(circuit, w) >= LEAST_ENTANGLERS]
    inside = [w for w in wide if not any(w is not v and set(w.indices) < set(v.indices) for v in wide)]
    return sorted(inside, key=lambda w: -_entanglers(circuit, w))


def _collect(circuit: Circuit, qubits: tuple[int, ...], start: int) -> tuple[int, ...]:
    """Take operations from ``start`` on while they lie inside and nothing outside has come between."""
    free, taken = set(qubits), []
    for index, operation in enumerate(circuit.operations[start:], start):
        touched = set(operation.qubits)
        if touched <= free:
            taken.append(index)
        else:
            free -= touched
        if not free:
            break
    return tuple(taken)


def _entanglers(circuit: Circuit, window: Window) -> int:
    return sum(len(circuit.operations[i].qubits) == 2 for i in window.indices)


def _block(circuit: Circuit, window: Window) -> Circuit:
    places = {q: i for i, q in enumerate(window.qubits)}
    operations = (circuit.operations[i] for i in window.indices)
    moved = tuple(op._replace(qubits=tuple(places[q] for q in op.qubits)) for op in operations)
    return Circuit(len(window.qubits), moved)


def _rewritten(
    problem: SynthesisProblem, circuit: Circuit, window: Window, rewrite: Rewrite, budget: Budget
) -> AnsatzFit | None:
    coupling = problem.coupling.restricted(window.qubits)
    if coupling is None:
        return None
    unitary = _block(circuit, window).unitary()
    bound = cx_lower_bound(unitary, coupling) if problem.entangler == "cz" else 0
    shorter = rewrite(
        SynthesisProblem(unitary, coupling, problem.entangler, problem.tol, bound), _entanglers(circuit, window), budget
    )
    if shorter is None:
        return None
    first, taken = window.indices[0], set(window.indices)
    block = shorter.permuted(window.qubits, circuit.num_qubits).operations
    rest: tuple[Operation, ...] = tuple(op for i, op in enumerate(circuit.operations) if i > first and i not in taken)
    whole = Circuit(circuit.num_qubits, (*circuit.operations[:first], *block, *rest))
    fit = multi_start(
        problem.target, [to_ansatz(whole, problem.entangler)], tol=problem.tol, budget=budget, rounds=((20, 0.0),)
    )
    return fit if fit is not None and fit.infidelity <= problem.tol else None
