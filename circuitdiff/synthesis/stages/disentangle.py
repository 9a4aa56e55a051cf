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
from circuitdiff.features.lower_bounds import SCHMIDT_TOL, Cut, cut_matrix, cuts, schmidt_values
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

Key = tuple[float, ...]
Vector = NDArray[np.float64]
State = NDArray[np.complex128]

WIDTHS = (1, 4, 12, 30)
"""States that go on at a level, in one search after another."""

NOISE = 0.1
"""Relative noise on the entanglement by which they are chosen, from the second search on."""

SWEEPS = 8
RANDOM_AXES = 4
CHOICES = 5
"""Pairs of axes of one pair of qubits that are looked at further."""

PATIENCE = 4
"""Searches in a row without a shorter circuit after which none is expected."""

REFITTED = 6
"""States of a level whose circuits are instantiated."""

REFIT: Rounds = ((30, 0.0),)
PROMISING = 1e-3
FINISH: Rounds = ((100, 0.0),)
SHAKE = 0.05
NODE_WORK, CUT_WORK = 4e6, 1e5
"""Nominal multiply-adds for what a state may come to, and for each pair of qubits and cut of it."""

_PAULIS = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]]])
_PAULI_PAIRS = np.array([np.kron(p, q).ravel() for p in _PAULIS for q in _PAULIS])
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

    def __init__(self, *, only_special: bool = False) -> None:
        """Say whether states whose Schmidt spectra are like a generic state's are passed over."""
        self.only_special = only_special
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits, of fewer entanglers than a generic state needs, until the budget is spent."""
        if problem.num_inputs or problem.entangler != "cz":
            return
        if self.only_special and not has_special_spectra(problem.target):
            return
        bound = min(bound_of(incumbent), template_count(problem) + 1)
        latest = 0
        for attempt in count():
            if budget.spent or bound <= problem.lower_bound or attempt > latest + PATIENCE:
                return
            self.stats.tried += 1
            width = WIDTHS[min(attempt, len(WIDTHS) - 1)]
            fit = self._searched(problem, bound, width, NOISE * (attempt > 0), budget, rng)
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound, latest = len(fit.ansatz.pairs), attempt
                yield Candidate.of_fit(fit, self.proposer)

    def _searched(
        self, problem: SynthesisProblem, bound: int, width: int, noise: float, budget: Budget, rng: np.random.Generator
    ) -> AnsatzFit | None:
        """Return the first circuit of fewer than ``bound`` entanglers that a beam comes to."""
        state = np.ascontiguousarray(problem.target)
        beam = [Node(state, (), entanglement(state))]
        for _ in range(bound - 1):
            children: dict[Key, Node] = {}
            for node in beam:
                for child in _children(node, problem, rng):
                    children.setdefault(_key(child, problem), child)
                budget.work -= NODE_WORK + CUT_WORK * len(problem.coupling.pairs) * state.size
                if budget.spent:
                    return None
            if not children:
                return None
            weights = {key: child.entanglement * np.exp(noise * rng.normal()) for key, child in children.items()}
            beam = [children[key] for key in sorted(children, key=weights.__getitem__)[:width]]
            for node in beam[:REFITTED]:
                fit = _refitted(node, problem, budget, rng)
                if fit is not None:
                    return fit
        return None


def has_special_spectra(state: State) -> bool:
    """Tell whether some cut has Schmidt coefficients that are zero or equal, as no generic state has."""
    for cut in cuts(state.shape[0].bit_length() - 1):
        values = schmidt_values(state, cut)
        if values[-1] < SCHMIDT_TOL or np.diff(-values).min() < SCHMIDT_TOL:
            return True
    return False


def _key(node: Node, problem: SynthesisProblem) -> Key:
    """Return what tells circuits apart that differ in more than the names of qubits which are all coupled."""
    lengths = [round(float(np.linalg.norm(_bloch_vector(node.state, q))), 5) for q in range(problem.num_qubits)]
    return float(f"{node.entanglement:.6e}"), *(sorted(lengths) if problem.coupling.is_complete else lengths)


def entanglement(state: State) -> float:
    """Return the sum over all cuts of ``-log`` of the purity of a (2^n, 1) state's one side."""
    n = state.shape[0].bit_length() - 1
    return float(sum(_renyi_entropy(state, cut) for cut in cuts(n)))


def _renyi_entropy(state: State, cut: Cut) -> float:
    matrix = cut_matrix(state, cut)
    matrix = matrix if matrix.shape[0] < matrix.shape[1] else matrix.T
    gram = matrix @ matrix.conj().T
    return -float(np.log(np.vdot(gram, gram).real))


def _children(node: Node, problem: SynthesisProblem, rng: np.random.Generator) -> Iterator[Node]:
    """Yield what every pair of qubits, but the last one again, may come to by one more CZ."""
    last = set(node.undone[-1].qubits) if node.undone else set()
    pairs = [pair for pair in problem.coupling.pairs if set(pair) != last]
    values = np.stack([correlations(node.state, pair) for pair in pairs])
    for pair, axes in zip(pairs, disentangling_axes(values, rng), strict=True):
        crossed = [cut for cut in cuts(problem.num_qubits) if (pair[0] in cut) != (pair[1] in cut)]
        before = sum(_renyi_entropy(node.state, cut) for cut in crossed)
        for u, v in axes:
            turned = [Operation("u", (q,), _to_z(axis)) for q, axis in zip(pair, (u, v), strict=True)]
            operations = (*turned, Operation("cz", pair))
            state = node.state
            for name, qubits, params in operations:
                state = apply_gate(name, qubits, params, state)
            after = sum(_renyi_entropy(state, cut) for cut in crossed)
            yield Node(state, (*node.undone, *operations), max(0.0, node.entanglement + after - before))


def correlations(state: State, pair: tuple[int, int]) -> NDArray[np.float64]:
    """Return the (4, 4) expectation values of ``P x Q`` on two qubits, Paulis in the order X, Y, Z, 1."""
    n = state.shape[0].bit_length() - 1
    tensor = np.moveaxis(state.reshape((2,) * n), [n - 1 - q for q in pair], [0, 1]).reshape(4, -1)
    reduced = tensor @ tensor.conj().T  # rows and columns (first qubit, second qubit)
    return np.asarray((_PAULI_PAIRS @ reduced.T.ravel()).real.reshape(4, 4))


def disentangling_axes(values: NDArray[np.float64], rng: np.random.Generator) -> list[list[tuple[Vector, Vector]]]:
    """Return for each of (p, 4, 4) correlations the best pairs of axes, different in what they reach.

    An axis is a (3,) unit vector that is to be turned into Z before a CZ.  Beside local maxima the principal axes of
    the correlations are looked at: the best way is not always up.
    """
    p = len(values)
    v = np.concatenate((np.broadcast_to(np.eye(3), (p, 3, 3)), rng.normal(size=(p, RANDOM_AXES, 3))), axis=1)
    v /= np.linalg.norm(v, axis=2, keepdims=True)  # (pairs, starts, 3)
    T, a, b = values[:, None, :3, :3], values[:, None, :3, 3], values[:, None, 3, :3]
    back = T.swapaxes(2, 3)
    for _ in range(SWEEPS):
        u = _leading(T @ back, T @ v[..., None], a)
        v = _leading(back @ T, back @ u[..., None], b)
    left, _, right = np.linalg.svd(values[:, :3, :3])
    u = np.concatenate((u, np.repeat(left.swapaxes(1, 2), 3, axis=1)), axis=1)
    v = np.concatenate((v, np.tile(right, (1, 3, 1))), axis=1)
    Tv, Tu = (T @ v[..., None])[..., 0], (back @ u[..., None])[..., 0]
    reached = (Tv**2).sum(2) + (Tu**2).sum(2) - 2 * (u * Tv).sum(2) ** 2 + (a * u).sum(2) ** 2 + (b * v).sum(2) ** 2
    best: list[list[tuple[Vector, Vector]]] = []
    for row, us, vs in zip(np.round(reached, 6), u, v, strict=True):
        _, first = np.unique(-row, return_index=True)
        best.append([(us[i], vs[i]) for i in first[:CHOICES]])
    return best


def _leading(squares: Vector, mixed: Vector, bloch: Vector) -> Vector:
    """Return the axes that maximise the quadratic form of one qubit while the other's axes stay."""
    form = squares - 2 * mixed @ mixed.swapaxes(2, 3) + bloch[..., :, None] * bloch[..., None, :]
    return np.asarray(np.linalg.eigh(form)[1][..., -1])


def _to_z(axis: Vector) -> tuple[float, float, float]:
    """Return the angles of a ``u`` gate that turns an axis of the Bloch sphere into Z."""
    theta, phi = np.arccos(np.clip(axis[2], -1, 1)), np.arctan2(axis[1], axis[0])
    return (-float(theta), 0.0, -float(phi))


def _refitted(node: Node, problem: SynthesisProblem, budget: Budget, rng: np.random.Generator) -> AnsatzFit | None:
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


def _bloch_vector(state: State, qubit: int) -> Vector:
    halves = np.moveaxis(state.reshape((2,) * (state.shape[0].bit_length() - 1)), -1 - qubit, 0).reshape(2, -1)
    lower = complex(np.vdot(halves[0], halves[1]))
    weights = (np.abs(halves) ** 2).sum(1)
    return np.array([2 * lower.real, 2 * lower.imag, weights[0] - weights[1]])


def _bloch(state: State, qubit: int) -> Vector:
    """Return the direction of a qubit's Bloch vector."""
    vector = _bloch_vector(state, qubit)
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-12 else np.array([0.0, 0.0, 1.0])


@register_stage("late_disentangle", "disentangle")
@register_stage("disentangle", "disentangle")
def _stage(config: PipelineConfig, models: Models) -> DisentangleStage:
    return DisentangleStage()


@register_stage("deep_disentangle", "disentangle")
def _deep_stage(config: PipelineConfig, models: Models) -> DisentangleStage:
    return DisentangleStage(only_special=True)
