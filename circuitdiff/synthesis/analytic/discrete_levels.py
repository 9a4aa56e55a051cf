"""All that a few gates without angles make, length by length.

Circuits are told apart by what they do to one random vector, up to global phase: two products of discrete gates that
agree on it are equal.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Operation, apply_gate
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.interruption import is_over

MAX_CANDIDATES = 6_000_000
"""Most products looked at to make one level; beyond, a side no longer grows."""

_RESOLUTION = 1e5
"""Vectors are told apart at the inverse of this, far above rounding and noise in the target."""


class Level(NamedTuple):
    """The unitaries first reached with a given number of gates, by the keys of their images of the probe vector.

    ``keys`` ascend; ``parents`` and ``gates`` (indices into the previous level and the placed gates) say how each came
    about, ``costs`` how many gates on several qubits that took.  All have the shape (states,).
    """

    keys: NDArray[np.int64]
    parents: NDArray[np.int64]
    gates: NDArray[np.int64]
    costs: NDArray[np.int64]


class Side:
    """Levels of growing length from one end; vectors are kept for the last level but one, and remade from there."""

    def __init__(self, start: NDArray[np.complex128], moves: NDArray[np.complex128], wide: NDArray[np.int64]) -> None:
        self.moves = moves  # (gates, d, d)
        self.wide = wide  # (gates,) 1 for gates on several qubits
        self.vectors = start[None]  # (states, d)
        none = np.zeros(1, dtype=np.int64)
        self.levels = [Level(keys_of(start[None]), none, none, none)]
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
            parts.append(keys_of(vectors @ move.T))
        keys = np.concatenate(parts)
        costs = (last.costs + self.wide[:, None]).ravel()
        order = np.lexsort((costs, keys))
        kept = order[np.concatenate([[True], keys[order][1:] != keys[order][:-1]])]
        for level in self.levels[-2:]:
            kept = kept[~np.isin(keys[kept], level.keys)]
        self.vectors = vectors
        self.levels.append(Level(keys[kept], kept % len(last.keys), kept // len(last.keys), costs[kept]))
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


class PlacedGates(NamedTuple):
    """The placements of a gate set on a register, as operations and as matrices (gates, d, d)."""

    operations: tuple[Operation, ...]
    matrices: NDArray[np.complex128]
    wide: NDArray[np.int64]


@lru_cache(maxsize=8)
def placed_gates(gate_set: GateSet, coupling: Coupling) -> PlacedGates:
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
    return PlacedGates(operations, matrices, np.array([len(op.qubits) > 1 for op in operations], dtype=np.int64))


@lru_cache(maxsize=16)
def _random_vectors(dimension: int) -> NDArray[np.complex128]:
    """Return (4, d): the probe, a reference for the phase, and two directions to project on."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(4, dimension)) + 1j * rng.normal(size=(4, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def probe(dimension: int) -> NDArray[np.complex128]:
    """Return the random vector (d,) by whose images circuits are told apart."""
    return np.asarray(_random_vectors(dimension)[0])


def keys_of(vectors: NDArray[np.complex128]) -> NDArray[np.int64]:
    """Return an integer for each vector (states, d), the same for vectors that differ by a phase."""
    _, reference, first, second = _random_vectors(vectors.shape[1])
    phase = vectors @ reference
    phase = phase.conj() / np.abs(phase)
    parts = np.stack([phase * (vectors @ first), phase * (vectors @ second)], -1).view(np.float64)
    rounded = np.round(parts * _RESOLUTION).astype(np.int64)
    return np.asarray(rounded @ np.array([1, 400_009, 160_007_200_081, 64_004_320_097_201]))
