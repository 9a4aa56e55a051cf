"""Exact circuits of gates without angles, by search from both ends.

Forwards gates are put on a random vector, backwards taken off the target's image of it; where the two meet there is a
circuit with the fewest gates, and of those the one with the fewest on several qubits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.interruption import is_over
from circuitdiff.synthesis.analytic.discrete_levels import Level, PlacedGates, Side, placed_gates, probe

CLOSEST_STATES = 10_000
"""States of the level in which the closest circuit is looked for where none is exact."""

GATES_OFF_THE_END = 2
"""Gates that are taken off what is left of a unitary, at most, before it is looked up among short circuits."""

EXACT = 1e-9
"""Infidelity of a circuit that counts as found; wrong ones are farther off by many orders of magnitude."""


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
    backward = _backward_side(U, gates)
    ahead = back = 0
    while ahead + back <= max_gates:
        circuit = _joined(U, gates, (forward, ahead), (backward, back))
        if circuit is not None:
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


def short_circuit(
    U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, deadline: float = math.inf
) -> Circuit | None:
    """Return a circuit with the fewest gates, or None where it takes more than are looked up in milliseconds.

    The levels from the identity, as many as there can be, serve all unitaries, and `GATES_OFF_THE_END` gates are taken
    off each.  Arguments are those of `discrete_circuit`.
    """
    gates = placed_gates(gate_set, coupling)
    forward = _forward_side(gate_set, coupling)
    while forward.reach(len(forward.levels), deadline):
        pass
    backward = _backward_side(U, gates)
    most = len(forward.levels) - 1
    for length in range(most + GATES_OFF_THE_END + 1):
        ahead = min(length, most)
        if not backward.reach(length - ahead, deadline):
            return None
        circuit = _joined(U, gates, (forward, ahead), (backward, length - ahead))
        if circuit is not None:
            return circuit
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
    backward = _backward_side(U, gates)
    ahead, back = (length + 1) // 2, length // 2
    if not (forward.reach(ahead, math.inf) and backward.reach(back, math.inf)):
        return
    keys = forward.levels[ahead].keys, backward.levels[back].keys
    _, forwards, backwards = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    for meeting in rng.permutation(len(forwards)):
        first, last = int(forwards[meeting]), int(backwards[meeting])
        circuit = _along(U, gates, forward.path(ahead, first) + backward.path(back, last)[::-1])
        if infidelity(U, circuit.unitary()) < EXACT:
            yield circuit


@lru_cache(maxsize=4)
def _forward_side(gate_set: GateSet, coupling: Coupling) -> Side:
    """Return the levels from the identity; they serve every target, and no answer depends on how many there are."""
    gates = placed_gates(gate_set, coupling)
    return Side(probe(1 << coupling.num_qubits), gates.matrices, gates.wide)


def _backward_side(U: NDArray[np.complex128], gates: PlacedGates) -> Side:
    """Return the levels from a unitary (d, d), off which gates are taken."""
    return Side(U @ probe(len(U)), gates.matrices.conj().transpose(0, 2, 1), gates.wide)


def _joined(
    U: NDArray[np.complex128], gates: PlacedGates, start: tuple[Side, int], end: tuple[Side, int]
) -> Circuit | None:
    """Return the cheapest circuit of a level from either end, None where they do not meet in the unitary."""
    (forward, ahead), (backward, back) = start, end
    met = _meeting(forward.levels[ahead], backward.levels[back])
    if met is None:
        return None
    circuit = _along(U, gates, forward.path(ahead, met[0]) + backward.path(back, met[1])[::-1])
    return circuit if infidelity(U, circuit.unitary()) < EXACT else None


def _meeting(ahead: Level, back: Level) -> tuple[int, int] | None:
    """Return the indices of the cheapest pair of equal states."""
    if len(ahead.keys) < len(back.keys):
        met = _meeting(back, ahead)
        return None if met is None else (met[1], met[0])
    places = np.minimum(np.searchsorted(ahead.keys, back.keys), len(ahead.keys) - 1)
    backwards = np.flatnonzero(ahead.keys[places] == back.keys)
    forwards = places[backwards]
    if not len(forwards):
        return None
    best = int(np.argmin(ahead.costs[forwards] + back.costs[backwards]))
    return int(forwards[best]), int(backwards[best])


def _along(U: NDArray[np.complex128], gates: PlacedGates, steps: list[int]) -> Circuit:
    """Return the circuit of some placements, with the global phase of the target."""
    circuit = Circuit(len(U).bit_length() - 1, tuple(gates.operations[index] for index in steps))
    return circuit.in_phase_with(U)


def closest_circuit(U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling) -> Circuit:
    """Return, of all short circuits, the one whose probe vector comes closest to the target's."""
    gates = placed_gates(gate_set, coupling)
    side, vectors, length = _short_circuits(gate_set, coupling)
    wanted = U @ probe(len(U))
    index = int(np.argmax(np.abs(vectors.conj() @ wanted)))
    return _along(U, gates, side.path(length, index))


@lru_cache(maxsize=4)
def _short_circuits(gate_set: GateSet, coupling: Coupling) -> tuple[Side, NDArray[np.complex128], int]:
    """Return the levels from the identity up to one of some ten thousand states, its vectors, and its length."""
    gates = placed_gates(gate_set, coupling)
    side = Side(probe(1 << coupling.num_qubits), gates.matrices, gates.wide)
    while len(side.levels[-1].keys) < CLOSEST_STATES and side.reach(len(side.levels), math.inf):
        pass
    if not len(side.levels[-1].keys):
        side.levels.pop()
        return side, side.vectors, len(side.levels) - 1
    return side, side.last_vectors(), len(side.levels) - 1
