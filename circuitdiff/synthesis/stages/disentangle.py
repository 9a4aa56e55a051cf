"""The disentangle stage: a state is undone entangler by entangler, each taken where it lowers entanglement most.

What a CZ between two qubits does to their purities depends on their reduced state alone.  With Bloch vectors ``a`` and
``b``, correlations ``T`` and the axes ``u`` and ``v`` that are turned into Z before the CZ, the squared lengths of the
Bloch vectors add up to ``|Tv|^2 + |T'u|^2 - 2 (u'Tv)^2 + (a.u)^2 + (b.v)^2``, a quadratic form in each axis: leading
eigenvectors in turn maximise it.  What is found is the inverse of a circuit, all of whose angles are then instantiated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, apply_gate
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.features.lower_bounds import cuts, schmidt_values
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import Budget, Fit, Rounds, multi_start
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

Vector = NDArray[np.float64]
State = NDArray[np.complex128]

WIDTHS = (1, 4, 12, 30)
"""States that go on at a level, in one search after another."""

NOISE = 0.1
"""Relative noise on the entanglement by which they are chosen, from the second search on."""

SWEEPS = 8
RANDOM_AXES = 4
CHOICES = 3
"""Pairs of axes of one pair of qubits that are looked at further."""

REFITTED = 2
"""States of a level whose circuits are instantiated."""

REFIT: Rounds = ((30, 0.0),)
PROMISING = 1e-3
FINISH: Rounds = ((100, 0.0),)
SHAKE = 0.05
STEP_WORK = 40.0
"""Nominal multiply-adds for each amplitude and pair of qubits of a state."""

_PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]]])
_CZ = GateSet("u,cz", ("u", "cz"))


@dataclass(frozen=True)
class Node:
    """What is left of a state after some gates, and those gates in time order."""

    state: State
    undone: tuple[Operation, ...]
    entanglement: float

    @property
    def count(self) -> int:
        """Number of entanglers."""
        return sum(len(op.qubits) == 2 for op in self.undone)


class DisentangleStage:
    """Beam searches of growing width; isometries are left to other stages."""

    proposer = "disentangle"

    def __init__(self) -> None:
        """Begin with nothing tried."""
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits, of fewer entanglers than a generic state needs, until the budget is spent."""
        if problem.num_inputs or problem.entangler != "cz":
            return
        bound = min(bound_of(incumbent), template_count(problem) + 1)
        for attempt in count():
            if budget.spent or bound <= problem.lower_bound:
                return
            self.stats.tried += 1
            width = WIDTHS[min(attempt, len(WIDTHS) - 1)]
            fit = self._searched(problem, bound, width, NOISE * (attempt > 0), budget, rng)
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound = len(fit.ansatz.pairs)
                yield Candidate.of_fit(fit, self.proposer)

    def _searched(
        self, problem: SynthesisProblem, bound: int, width: int, noise: float, budget: Budget, rng: np.random.Generator
    ) -> Fit | None:
        """Return the first circuit of fewer than ``bound`` entanglers that a beam comes to."""
        state = np.ascontiguousarray(problem.target)
        beam = [Node(state, (), entanglement(state))]
        for _ in range(bound - 1):
            children: dict[float, Node] = {}
            for node in beam:
                for child in _children(node, problem, rng):
                    children.setdefault(float(f"{child.entanglement:.6e}"), child)
                budget.work -= STEP_WORK * len(problem.coupling.pairs) * state.size * (1 << problem.num_qubits - 1)
            if not children or budget.spent:
                return None
            weights = {key: key * np.exp(noise * rng.normal()) for key in children}
            beam = [children[key] for key in sorted(children, key=weights.__getitem__)[:width]]
            for node in beam[:REFITTED]:
                fit = _refitted(node, problem, budget, rng)
                if fit is not None:
                    return fit
        return None


def entanglement(state: State) -> float:
    """Return the sum over all cuts of ``-log`` of the purity of a (2^n, 1) state's one side."""
    n = state.shape[0].bit_length() - 1
    return float(sum(-np.log((schmidt_values(state, cut) ** 4).sum()) for cut in cuts(n)))


def _children(node: Node, problem: SynthesisProblem, rng: np.random.Generator) -> Iterator[Node]:
    last = set(node.undone[-1].qubits) if node.undone else set()
    for pair in problem.coupling.pairs:
        if set(pair) == last:
            continue
        for u, v in disentangling_axes(correlations(node.state, pair), rng):
            turned = [Operation("u", (q,), _to_z(axis)) for q, axis in zip(pair, (u, v), strict=True)]
            operations = (*turned, Operation("cz", pair))
            state = node.state
            for name, qubits, params in operations:
                state = apply_gate(name, qubits, params, state)
            yield Node(state, (*node.undone, *operations), entanglement(state))


def correlations(state: State, pair: tuple[int, int]) -> NDArray[np.float64]:
    """Return the (4, 4) expectation values of ``P x Q`` on two qubits, Paulis in the order X, Y, Z, 1."""
    n = state.shape[0].bit_length() - 1
    tensor = np.moveaxis(state.reshape((2,) * n), [n - 1 - q for q in pair], [0, 1]).reshape(4, -1)
    reduced = (tensor @ tensor.conj().T).reshape(2, 2, 2, 2)
    return np.asarray(np.einsum("acbd,pba,qdc->pq", reduced, _PAULIS, _PAULIS).real)


def disentangling_axes(values: NDArray[np.float64], rng: np.random.Generator) -> list[tuple[Vector, Vector]]:
    """Return the best pairs of axes to turn into Z before a CZ, as (3,) unit vectors, different in what they reach."""
    T, a, b = values[:3, :3], values[:3, 3], values[3, :3]
    starts = np.concatenate((np.eye(3), rng.normal(size=(RANDOM_AXES, 3))))
    found: dict[float, tuple[Vector, Vector]] = {}
    for start in starts:
        v = start / np.linalg.norm(start)
        for _ in range(SWEEPS):
            Tv = T @ v
            u = np.linalg.eigh(T @ T.T - 2 * np.outer(Tv, Tv) + np.outer(a, a))[1][:, -1]
            Tu = T.T @ u
            v = np.linalg.eigh(T.T @ T - 2 * np.outer(Tu, Tu) + np.outer(b, b))[1][:, -1]
        reached = (T @ v) @ (T @ v) + (T.T @ u) @ (T.T @ u) - 2 * (u @ T @ v) ** 2 + (a @ u) ** 2 + (b @ v) ** 2
        found.setdefault(round(float(reached), 6), (u, v))
    return [found[value] for value in sorted(found, reverse=True)[:CHOICES]]


def _to_z(axis: Vector) -> tuple[float, float, float]:
    """Return the angles of a ``u`` gate that turns an axis of the Bloch sphere into Z."""
    theta, phi = np.arccos(np.clip(axis[2], -1, 1)), np.arctan2(axis[1], axis[0])
    return (-float(theta), 0.0, -float(phi))


def _refitted(node: Node, problem: SynthesisProblem, budget: Budget, rng: np.random.Generator) -> Fit | None:
    """Instantiate the inverse of what undoes the state, followed by single-qubit gates; None where it misses."""
    n = problem.num_qubits
    closing = tuple(Operation("u", (q,), _to_z(_bloch(node.state, q))) for q in range(n))
    circuit = translate_basis(Circuit(n, (*node.undone, *closing)).inverse(), _CZ)
    start = to_ansatz(circuit)
    fit = multi_start(problem.target, [start], tol=problem.tol, budget=budget, rounds=REFIT)
    if fit is not None and problem.tol < fit.infidelity < PROMISING:
        fit = multi_start(
            problem.target,
            [fit.ansatz.perturbed(SHAKE, rng), fit.ansatz],
            tol=problem.tol,
            budget=budget,
            rounds=FINISH,
        )
    return fit if fit is not None and fit.infidelity <= problem.tol else None


def _bloch(state: State, qubit: int) -> Vector:
    """Return the direction of a qubit's Bloch vector."""
    other = 0 if qubit else 1
    vector = correlations(state, (qubit, other))[:3, 3]
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-12 else np.array([0.0, 0.0, 1.0])


@register_stage("disentangle", "disentangle")
def _stage(config: PipelineConfig, models: Models) -> DisentangleStage:
    return DisentangleStage()
