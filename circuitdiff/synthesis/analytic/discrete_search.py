"""Exact circuits of gates without angles, by search from both ends.

Circuits are told apart by what they do to one random vector, up to global phase: two products of discrete gates that
agree on it are equal.  Forwards gates are put on the vector, backwards taken off the target's image; where the two
meet there is a circuit with the fewest gates, and of those the one with the fewest on several qubits.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, apply_gate, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.interruption import is_over

MAX_CANDIDATES = 6_000_000
"""Most products looked at to make one level; beyond, a side no longer grows."""

CLOSEST_STATES = 10_000
"""States of the level in which the closest circuit is looked for where none is exact."""

EXACT = 1e-9
"""Infidelity of a circuit that counts as found; wrong ones are farther off by many orders of magnitude."""

_RESOLUTION = 1e5
"""Vectors are told apart at the inverse of this, far above rounding and noise in the target."""


class _Level(NamedTuple):
    """The unitaries first reached with a given number of gates, by the keys of their images of the probe vector.

    ``keys`` ascend; ``parents`` and ``gates`` (indices into the previous level and the placed gates) say how each came
    about, ``costs`` how many gates on several qubits that took.  All have the shape (states,).
    """

    keys: NDArray[np.int64]
    parents: NDArray[np.int64]
    gates: NDArray[np.int64]
    costs: NDArray[np.int64]


class _Side:
    """Levels of growing length from one end; vectors are kept for the last level but one, and remade from there."""

    def __init__(self, start: NDArray[np.complex128], moves: NDArray[np.complex128], wide: NDArray[np.int64]) -> None:
        self.moves = moves  # (gates, d, d)
        self.wide = wide  # (gates,) 1 for gates on several qubits
        self.vectors = start[None]  # (states, d)
        none = np.zeros(1, dtype=np.int64)
        self.levels = [_Level(_keys(start[None]), none, none, none)]
        self._growing = threading.Lock()

    def reach(self, length: int, deadline: float) -> bool:
        """Have the level of a length; False where it would be too large, or the time is up.

        Sides are shared by threads, and whoever comes first makes a level.
        """
        with self._growing:
            while len(self.levels) <= length:
                if not self._grow(deadline):
                    return False
        return True

    def _grow(self, deadline: float) -> bool:
        """Add a level; False where there is nothing new, it would be too large, or time is up."""
        last = self.levels[-1]
        if len(last.keys) * len(self.moves) > MAX_CANDIDATES or not len(last.keys):
            return False
        vectors = self.last_vectors()
        parts = []
        for move in self.moves:
            if is_over(deadline):
                return False
            parts.append(_keys(vectors @ move.T))
        keys = np.concatenate(parts)
        costs = (last.costs + self.wide[:, None]).ravel()
        order = np.lexsort((costs, keys))
        kept = order[np.concatenate([[True], keys[order][1:] != keys[order][:-1]])]
        for level in self.levels[-2:]:
            kept = kept[~np.isin(keys[kept], level.keys)]
        self.vectors = vectors
        self.levels.append(_Level(keys[kept], kept % len(last.keys), kept // len(last.keys), costs[kept]))
        return True

    def last_vectors(self) -> NDArray[np.complex128]:
        """Return the vectors (states, d) of the last level."""
        if len(self.levels) == 1:
            return self.vectors
        last = self.levels[-1]
        vectors = np.empty((len(last.keys), self.vectors.shape[1]), dtype=np.complex128)
        for index, move in enumerate(self.moves):
            chosen = last.gates == index
            vectors[chosen] = self.vectors[last.parents[chosen]] @ move.T
        return vectors

    def path(self, length: int, index: int) -> list[int]:
        """Return the gates that lead to a state, in the order in which they were applied."""
        steps: list[int] = []
        for level in self.levels[length:0:-1]:
            steps.append(int(level.gates[index]))
            index = int(level.parents[index])
        return steps[::-1]


class _Gates(NamedTuple):
    """The placements of a gate set on a register, as operations and as matrices (gates, d, d)."""

    operations: tuple[Operation, ...]
    matrices: NDArray[np.complex128]
    wide: NDArray[np.int64]


def discrete_circuit(
    U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, max_gates: int, deadline: float
) -> Circuit | None:
    """Return a circuit with the fewest gates, or None when none was found.

    Args:
        U: (d, d) unitary.
        gate_set: gates without angles.
        coupling: allowed pairs.
        max_gates: length beyond which the search gives up.
        deadline: `time.monotonic` at which it gives up.
    """
    gates = placed_gates(gate_set, coupling)
    forward = _forward_side(gate_set, coupling)
    backward = _Side(U @ _probe(len(U)), gates.matrices.conj().transpose(0, 2, 1), gates.wide)
    ahead = back = 0
    while ahead + back <= max_gates:
        met = _meeting(forward.levels[ahead], backward.levels[back])
        if met is not None:
            steps = forward.path(ahead, met[0]) + backward.path(back, met[1])[::-1]
            circuit = _phased(Circuit(coupling.num_qubits, tuple(gates.operations[i] for i in steps)), U)
            if infidelity(U, circuit.unitary()) < EXACT:
                return circuit
        if is_over(deadline):
            return None
        # the smaller side grows, whatever earlier targets have left behind: the same target gives the same circuit
        sizes = len(forward.levels[ahead].keys), len(backward.levels[back].keys)
        if sizes[0] <= sizes[1] and forward.reach(ahead + 1, deadline):
            ahead += 1
        elif backward.reach(back + 1, deadline):
            back += 1
        else:
            return None
    return None


def discrete_circuits(
    U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, length: int, rng: np.random.Generator
) -> Iterator[Circuit]:
    """Yield circuits of `length` gates in random order, one for each unitary at which two shortest halves can meet.

    There are none where either half is out of reach (see `MAX_CANDIDATES`).  Arguments are those of
    `discrete_circuit`.
    """
    gates = placed_gates(gate_set, coupling)
    forward = _forward_side(gate_set, coupling)
    backward = _Side(U @ _probe(len(U)), gates.matrices.conj().transpose(0, 2, 1), gates.wide)
    ahead, back = (length + 1) // 2, length // 2
    if not (forward.reach(ahead, math.inf) and backward.reach(back, math.inf)):
        return
    keys = forward.levels[ahead].keys, backward.levels[back].keys
    _, forwards, backwards = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    for meeting in rng.permutation(len(forwards)):
        first, last = int(forwards[meeting]), int(backwards[meeting])
        steps = forward.path(ahead, first) + backward.path(back, last)[::-1]
        circuit = _phased(Circuit(coupling.num_qubits, tuple(gates.operations[i] for i in steps)), U)
        if infidelity(U, circuit.unitary()) < EXACT:
            yield circuit


def placed_gates(gate_set: GateSet, coupling: Coupling) -> _Gates:
    """Return every placement of the set's gates that the coupling map allows, equal ones once."""
    n = coupling.num_qubits
    identity = np.eye(1 << n, dtype=np.complex128)
    placed: dict[bytes, tuple[Operation, NDArray[np.complex128]]] = {}
    for name in gate_set.gates:
        if name == "id" or GATES[name].num_qubits > n:
            continue
        for qubits in permutations(range(n), GATES[name].num_qubits):
            couples = {(min(a, b), max(a, b)) for i, a in enumerate(qubits) for b in qubits[:i]}
            matrix = apply_gate(name, qubits, (), identity)
            if coupling.allows(couples):
                placed.setdefault(np.round(matrix, 9).tobytes(), (Operation(name, qubits), matrix))
    operations = tuple(operation for operation, _ in placed.values())
    matrices = np.array([matrix for _, matrix in placed.values()]).reshape(-1, 1 << n, 1 << n)
    return _Gates(operations, matrices, np.array([len(op.qubits) > 1 for op in operations], dtype=np.int64))


@lru_cache(maxsize=4)
def _forward_side(gate_set: GateSet, coupling: Coupling) -> _Side:
    """Return the levels from the identity; they serve every target, and no answer depends on how many there are."""
    gates = placed_gates(gate_set, coupling)
    return _Side(_probe(1 << coupling.num_qubits), gates.matrices, gates.wide)


def _meeting(ahead: _Level, back: _Level) -> tuple[int, int] | None:
    """Return the indices of the cheapest pair of equal states."""
    _, forwards, backwards = np.intersect1d(ahead.keys, back.keys, assume_unique=True, return_indices=True)
    if not len(forwards):
        return None
    best = int(np.argmin(ahead.costs[forwards] + back.costs[backwards]))
    return int(forwards[best]), int(backwards[best])


@lru_cache(maxsize=16)
def _random_vectors(dimension: int) -> NDArray[np.complex128]:
    """Return (4, d): the probe, a reference for the phase, and two directions to project on."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(4, dimension)) + 1j * rng.normal(size=(4, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _probe(dimension: int) -> NDArray[np.complex128]:
    return np.asarray(_random_vectors(dimension)[0])


def _keys(vectors: NDArray[np.complex128]) -> NDArray[np.int64]:
    """Return an integer for each vector (states, d), the same for vectors that differ by a phase."""
    _, reference, first, second = _random_vectors(vectors.shape[1])
    phase = vectors @ reference
    phase = phase.conj() / np.abs(phase)
    parts = np.stack([phase * (vectors @ first), phase * (vectors @ second)], -1).view(np.float64)
    rounded = np.round(parts * _RESOLUTION).astype(np.int64)
    return np.asarray(rounded @ np.array([1, 400_009, 160_007_200_081, 64_004_320_097_201]))


def _phased(circuit: Circuit, U: NDArray[np.complex128]) -> Circuit:
    """Return the circuit with the global phase of the target."""
    phase = float(np.angle(np.vdot(circuit.unitary(), U)))
    return Circuit(circuit.num_qubits, circuit.operations, phase)


def closest_circuit(U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling) -> Circuit:
    """Return, of all short circuits, the one whose probe vector comes closest to the target's."""
    gates = placed_gates(gate_set, coupling)
    side, vectors, length = _short_circuits(gate_set, coupling)
    wanted = U @ _probe(len(U))
    index = int(np.argmax(np.abs(vectors.conj() @ wanted)))
    return _phased(Circuit(coupling.num_qubits, tuple(gates.operations[i] for i in side.path(length, index))), U)


@lru_cache(maxsize=4)
def _short_circuits(gate_set: GateSet, coupling: Coupling) -> tuple[_Side, NDArray[np.complex128], int]:
    """Return the levels from the identity up to one of some ten thousand states, its vectors, and its length."""
    gates = placed_gates(gate_set, coupling)
    side = _Side(_probe(1 << coupling.num_qubits), gates.matrices, gates.wide)
    while len(side.levels[-1].keys) < CLOSEST_STATES and side.reach(len(side.levels), math.inf):
        pass
    if not len(side.levels[-1].keys):
        side.levels.pop()
        return side, side.vectors, len(side.levels) - 1
    return side, side.last_vectors(), len(side.levels) - 1
