"""The low-rank stage: qubits are freed from a state one after the other, where two of them hold no more than one can.

If the reduced state of two qubits has rank two, a gate on them brings all of it onto one: two CZ free the other.
Matrix product states of bond dimension two end so after ``2 n - 3`` CZ (Schoen et al., quant-ph/0501096), W states too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, apply_matrix
from circuitdiff.circuits.coupling import Coupling, all_to_all
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.features.lower_bounds import SCHMIDT_TOL
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import Budget, Rounds, multi_start
from circuitdiff.synthesis.analytic.columns import completed
from circuitdiff.synthesis.analytic.unitary import analytic_circuit
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

State = NDArray[np.complex128]

ORDERS = 4
"""Orders in which the qubits are freed, drawn one after the other."""

ROUNDS: Rounds = ((30, 0.0),)


class LowRankStage:
    """Frees qubits exactly and shortens what comes of it; isometries are left to other stages."""

    proposer = "disentangle"

    def __init__(self) -> None:
        """Begin with no tries."""
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits, until an order of the qubits comes to an end before all are free."""
        if problem.num_inputs or problem.entangler != "cz":
            return
        bound = bound_of(incumbent)
        for _ in range(ORDERS):
            if budget.spent or bound <= problem.lower_bound:
                return
            self.stats.tried += 1
            circuit = freeing_circuit(problem.target[:, 0], problem.coupling, rng)
            if circuit is None:
                return
            fit = multi_start(problem.target, [to_ansatz(circuit)], tol=problem.tol, budget=budget, rounds=ROUNDS)
            if fit is None or fit.infidelity > problem.tol:
                return
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound = len(fit.ansatz.pairs)
                yield Candidate.of_fit(fit, self.proposer)


def freeing_circuit(state: State, coupling: Coupling, rng: np.random.Generator) -> Circuit | None:
    """Return a circuit of ``u`` and ``cz`` that prepares a state of (2^n,) amplitudes up to a phase, qubit by qubit.

    None where at some point no two coupled qubits have a reduced state of rank two or less.
    """
    n = coupling.num_qubits
    active = set(range(n))
    undone: list[Operation] = []
    while active:
        step = _next(state, active, coupling, rng)
        if step is None:
            return None
        qubits, vectors = step
        part = analytic_circuit(completed(vectors), U_CZ, all_to_all(len(qubits)))
        state = apply_matrix(part.unitary().conj().T, qubits, state)
        placed = [Operation(op.name, tuple(qubits[q] for q in op.qubits), op.params) for op in part.operations]
        undone = [*placed, *undone]
        active -= set(qubits[vectors.shape[1].bit_length() - 1 :])
    return Circuit(n, tuple(undone))


def _next(
    state: State, active: set[int], coupling: Coupling, rng: np.random.Generator
) -> tuple[tuple[int, ...], NDArray[np.complex128]] | None:
    """Return qubits, those that stay first, and the (2^k, 1 or 2) vectors that hold their reduced state."""
    pairs = [pair for pair in coupling.pairs if active.issuperset(pair)]
    degrees = {q: sum(q in pair for pair in pairs) for q in active}
    ordered = [(kept, freed) for a, b in pairs for kept, freed in ((a, b), (b, a))]
    weights = {pair: degrees[pair[1]] + rng.random() for pair in ordered}
    for qubits in (*((q,) for q in sorted(active)), *sorted(ordered, key=weights.__getitem__)):
        left, values, _ = np.linalg.svd(_rows(state, qubits), full_matrices=False)
        rank = int((values > SCHMIDT_TOL).sum())
        if rank <= len(qubits):
            return qubits, left[:, :rank]
    return None


def _rows(state: State, qubits: tuple[int, ...]) -> NDArray[np.complex128]:
    """Return amplitudes as a matrix whose rows are the states of some qubits, the first of them the lowest bit."""
    n = state.size.bit_length() - 1
    axes = [n - 1 - q for q in reversed(qubits)]
    return np.moveaxis(state.reshape((2,) * n), axes, range(len(axes))).reshape(1 << len(qubits), -1)


@register_stage("low_rank", "disentangle")
def _stage(config: PipelineConfig, models: Models) -> LowRankStage:
    return LowRankStage()
