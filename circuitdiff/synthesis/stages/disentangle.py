"""The disentangle stage: a state is undone entangler by entangler, each taken where it lowers entanglement most.

What is found is the inverse of a circuit, all of whose angles are then instantiated. An isometry is undone as the state
that it makes of one half of a Bell pair for every input: Bell pairs are left, and inputs are swapped into place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, apply_gate
from circuitdiff.features.lower_bounds import SCHMIDT_TOL, cuts, schmidt_values
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.joint_disentangle import refit
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start
from circuitdiff.numerics.state_disentangle import Children, children, entropies
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.bell_pairs import choi_state, moved_inputs
from circuitdiff.synthesis.stages.stage import bound_of, register_stage
from circuitdiff.synthesis.transforms.basin_hopping import shorten

Key = tuple[float, ...]
Vector = NDArray[np.float64]
State = NDArray[np.complex128]

SEARCHES = ((1, 0), (1, 25), (4, 0), (4, 25), (12, 0), (30, 0))
"""States that go on at a level, and steps in which all their angles are bettered, in one search after another."""

LOOK = 3
"""Entanglers after which the entanglement of a state tells whether few undo it."""

FEW = 0.5
"""Share of a generic state's entanglers that count as few."""

LEAST_LOOKED_AT = 6
"""Qubits from which on states that few entanglers do not undo are passed over: there a search takes long."""

NOISE = 0.1
"""Relative noise on the entanglement by which they are chosen, from the second search on."""

PATIENCE = 5
"""Searches in a row without a shorter circuit after which none is expected."""

REFITTED = 4
"""States of a level whose circuits are instantiated."""

NEARLY = 1.0
"""Entanglement up to which they are, where the target's spectra are a generic state's: with more left over,
instantiation hardly ever reaches such a target."""

REFIT: Rounds = ((30, 0.0),)
PROMISING = 1e-3
FINISH: Rounds = ((100, 0.0),)
SHAKE = 0.05
CHILD_WORK, AMPLITUDES_WORK = 2e5, 10.0
"""Nominal multiply-adds for each state that one may come to, and for the square of its amplitudes."""


@dataclass(frozen=True)
class Node:
    """What is left of a state after some gates, and those gates in time order."""

    state: State
    undone: tuple[Operation, ...]
    entropies: Vector
    kept: float

    @property
    def entanglement(self) -> float:
        """Sum of the entropies of all cuts, without those of the Bell pairs that are left in the end."""
        return float(self.entropies.sum()) - self.kept


class DisentangleStage:
    """Beam searches of growing width."""

    proposer = "disentangle"

    def __init__(self, *, only_special: bool = False) -> None:
        """Say whether states whose Schmidt spectra are like a generic state's are passed over."""
        self.only_special = only_special
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield ever shorter circuits, of fewer entanglers than a generic state needs, until the budget is spent."""
        if problem.num_inputs >= problem.num_qubits - 1 or problem.entangler != "cz":
            return
        is_special = has_special_spectra(choi_state(problem.target), problem.num_inputs)
        if self.only_special and not is_special:
            return
        nearly = float("inf") if is_special else NEARLY
        if not is_special and problem.num_qubits >= LEAST_LOOKED_AT and not is_shallow(problem, rng):
            return
        bound = min(bound_of(incumbent), template_count(problem) + 1)
        latest = 0
        for attempt in count():
            if budget.spent or bound <= problem.lower_bound or attempt > latest + PATIENCE:
                return
            self.stats.tried += 1
            width, steps = SEARCHES[min(attempt, len(SEARCHES) - 1)]
            noise = NOISE * (attempt > 0)
            fit = _searched(problem, bound, width, steps, noise, nearly, budget, rng)
            if fit is None:
                continue
            fit = shorten(problem, fit, bound, rng, budget)
            self.stats.record(len(fit.ansatz.pairs))
            if len(fit.ansatz.pairs) < bound:
                bound, latest = len(fit.ansatz.pairs), attempt
                yield Candidate.of_fit(fit, self.proposer)


def _searched(
    problem: SynthesisProblem,
    bound: int,
    width: int,
    steps: int,
    noise: float,
    nearly: float,
    budget: Budget,
    rng: np.random.Generator,
) -> AnsatzFit | None:
    """Return the first circuit of fewer than ``bound`` entanglers that a beam comes to."""
    beam = [_root(problem)]
    for _ in range(bound - 1):
        options: dict[Key, tuple[float, Node, Children, int]] = {}
        for node in beam:
            found = _children(node, problem, rng)
            keys = _keys(found, problem.coupling.is_complete)
            for number, (key, total) in enumerate(zip(keys, found.entropies.sum(1), strict=True)):
                options.setdefault(key, (float(total) - node.kept, node, found, number))
            budget.work -= len(found.pairs) * (CHILD_WORK + AMPLITUDES_WORK * node.state.size**2)
            if budget.spent:
                return None
        if not options:
            return None
        weights = {key: option[0] * np.exp(noise * rng.normal()) for key, option in options.items()}
        best = sorted(options, key=weights.__getitem__)[:width]
        beam = [_child(*options[key][1:]) for key in best]
        if steps:
            beam = sorted((_refined(node, problem, steps, budget) for node in beam), key=lambda node: node.entanglement)
        for node in beam[:REFITTED]:
            fit = _refitted(node, problem, budget, rng) if node.entanglement < nearly else None
            if fit is not None:
                return fit
    return None


def _root(problem: SynthesisProblem) -> Node:
    state = choi_state(problem.target)
    kept = problem.num_inputs * np.log(2) * len(state) / 4  # half of the splits cut a Bell pair
    return Node(state, (), entropies(state), kept)


def _refined(node: Node, problem: SynthesisProblem, steps: int, budget: Budget) -> Node:
    """Move all angles of what undoes the state so that less entanglement is left."""
    state = choi_state(problem.target)[:, None]
    found = refit(state, node.undone, (), steps)
    budget.work -= found.work
    for name, qubits, params in found.left:
        state = apply_gate(name, qubits, params, state)
    state = np.ascontiguousarray(state[:, 0])
    return Node(state, found.left, entropies(state), node.kept)


def is_shallow(problem: SynthesisProblem, rng: np.random.Generator) -> bool:
    """Tell whether a state loses so much entanglement at once that few entanglers may undo it."""
    root = node = _root(problem)
    for _ in range(LOOK):
        found = _children(node, problem, rng)
        node = _child(node, found, int(found.entropies.sum(1).argmin()))
    loss = (root.entanglement - node.entanglement) / LOOK
    return root.entanglement < FEW * template_count(problem) * loss


def has_special_spectra(state: State, num_inputs: int = 0) -> bool:
    """Tell whether some cut has Schmidt coefficients that are zero or equal, as no generic state or isometry has."""
    n = state.shape[0].bit_length() - 1
    inputs = set(range(n - num_inputs, n))
    for cut in cuts(n):
        if set(cut) <= inputs or set(range(n)) - set(cut) <= inputs:
            continue
        values = schmidt_values(state[:, None], cut)
        if values[-1] < SCHMIDT_TOL or np.diff(-values).min() < SCHMIDT_TOL:
            return True
    return False


def _keys(found: Children, is_symmetric: bool) -> list[Key]:
    """Return what tells circuits apart that differ in more than the names of qubits which are all coupled."""
    lengths = np.sort(found.lengths, axis=1) if is_symmetric else found.lengths
    values = np.round(np.concatenate((found.entropies.sum(1)[:, None], lengths), axis=1), 5)
    return [tuple(row) for row in values.tolist()]


def _children(node: Node, problem: SynthesisProblem, rng: np.random.Generator) -> Children:
    """Return what every pair of qubits, but the last one again, may come to by one more CZ."""
    last = set(node.undone[-1].qubits) if node.undone else set()
    pairs = [pair for pair in problem.coupling.pairs if set(pair) != last]
    return children(node.state, node.entropies, pairs, rng)


def _child(node: Node, found: Children, number: int) -> Node:
    """Return one of a node's children."""
    pair = tuple(int(q) for q in found.pairs[number])
    turned = [Operation("u", (q,), _to_z(axis)) for q, axis in zip(pair, found.axes[number], strict=True)]
    undone = (*node.undone, *turned, Operation("cz", pair))
    return Node(found.states[number], undone, found.entropies[number], node.kept)


def _to_z(axis: Vector) -> tuple[float, float, float]:
    """Return the angles of a ``u`` gate that turns an axis of the Bloch sphere into Z."""
    theta, phi = np.arccos(np.clip(axis[2], -1, 1)), np.arctan2(axis[1], axis[0])
    return (-float(theta), 0.0, -float(phi))


def _refitted(node: Node, problem: SynthesisProblem, budget: Budget, rng: np.random.Generator) -> AnsatzFit | None:
    """Instantiate the inverse of what undoes the state, followed by single-qubit gates; None where it misses."""
    n = problem.num_qubits
    undone = (*node.undone, *(Operation("u", (q,), _to_z(_bloch(node.state, q))) for q in range(n)))
    moves = moved_inputs(node.state, n, problem.num_inputs)
    if not problem.coupling.allows(op.qubits for op in moves if len(op.qubits) == 2):
        return None
    circuit = Circuit(n, (*moves, *(_inverse(op) for op in reversed(undone))))
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


def _inverse(operation: Operation) -> Operation:
    """Return the inverse of a ``u`` or a ``cz``."""
    if operation.name == "cz":
        return operation
    theta, phi, lam = operation.params
    return Operation("u", operation.qubits, (-theta, -lam, -phi))


def _bloch_vector(state: State, qubit: int) -> Vector:
    halves = state.reshape(-1, 2, 1 << qubit).swapaxes(0, 1).reshape(2, -1)
    lower = complex(np.vdot(halves[0], halves[1]))
    weights = (np.abs(halves) ** 2).sum(1)
    return np.array([2 * lower.real, 2 * lower.imag, weights[0] - weights[1]])


def _bloch(state: State, qubit: int) -> Vector:
    """Return the direction of a qubit's Bloch vector."""
    vector = _bloch_vector(state, qubit)
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-12 else np.array([0.0, 0.0, 1.0])


@register_stage("late_disentangle", "disentangle")
def _stage(config: PipelineConfig, models: Models) -> DisentangleStage:
    return DisentangleStage()


@register_stage("deep_disentangle", "disentangle")
@register_stage("disentangle", "disentangle")
def _special_stage(config: PipelineConfig, models: Models) -> DisentangleStage:
    return DisentangleStage(only_special=True)
