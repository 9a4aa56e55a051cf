"""Exact circuits for states and isometries without numerical search: what there always is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.unitary import analytic_circuit

NEGLIGIBLE = 1e-14
"""Radians below which a rotation is left out."""


def column_circuit(columns: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling) -> Circuit:
    """Return a circuit for (2^n, 2^m) orthonormal columns in a gate set that makes any single-qubit gate.

    States on two qubits and more are prepared by multiplexed rotations, isometries by some unitary that holds them.

    Raises:
        InputError: the gate set cannot express the target exactly.
    """
    if columns.shape[1] == 1 and coupling.num_qubits > 1:
        return translate_basis(_multiplexed_rotations(columns[:, 0], coupling), gate_set)
    return analytic_circuit(completed(columns), gate_set, coupling)


def completed(columns: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return a (d, d) unitary that begins with (d, k) orthonormal columns."""
    left, _, _ = np.linalg.svd(columns, full_matrices=True)
    return np.concatenate((columns, left[:, columns.shape[1] :]), axis=1)


def _multiplexed_rotations(state: NDArray[np.complex128], coupling: Coupling) -> Circuit:
    """Return rotations of one qubit after the other, the highest first, multiplexed by those above it.

    After Moettoenen, Vartiainen, Bergholm and Salomaa (quant-ph/0407010): about ``2^(n+1)`` CX on a complete map.
    """
    n = coupling.num_qubits
    layers: list[list[Operation]] = []
    for q in range(n):
        low, high = state[0::2], state[1::2]
        turns = 2 * np.arctan2(np.abs(high), np.abs(low))
        phases = np.where((high == 0) | (low == 0), 0.0, np.angle(high) - np.angle(low))
        layers.append([*_multiplexed("ry", q, turns, coupling), *_multiplexed("rz", q, phases, coupling)])
        weight = np.hypot(np.abs(low), np.abs(high))
        mean = np.where(low == 0, np.angle(high), np.where(high == 0, np.angle(low), np.angle(low) + phases / 2))
        state = weight * np.exp(1j * mean)
    return Circuit(n, tuple(op for layer in reversed(layers) for op in layer))


def _multiplexed(axis: str, qubit: int, angles: NDArray[np.float64], coupling: Coupling) -> Iterator[Operation]:
    """Yield rotations by ``angles[s]`` where the qubits above ``qubit`` are in state ``s``, in Gray code order."""
    count = len(angles)
    gray = np.arange(count) ^ (np.arange(count) >> 1)
    signs = np.array([[1 - 2 * ((s & g).bit_count() & 1) for s in range(count)] for g in map(int, gray)])
    parts = signs @ angles / count
    if np.abs(parts[1:]).max(initial=0.0) < NEGLIGIBLE:
        parts = parts[:1]
    for i, part in enumerate(parts):
        if abs(part) > NEGLIGIBLE:
            yield Operation(axis, (qubit,), (float(part),))
        if len(parts) > 1:
            changed = int(gray[i] ^ gray[(i + 1) % count]).bit_length() - 1
            yield from _added(qubit + 1 + changed, qubit, coupling)


def _added(control: int, target: int, coupling: Coupling) -> list[Operation]:
    """Return cx gates on couplings that act as one between any two qubits."""
    path = _path(control, target, coupling)
    steps = [Operation("cx", pair) for pair in pairwise(path)]
    to_all = [*reversed(steps), *steps[1:]]  # adds the control to every qubit of the path
    to_all_between = [*reversed(steps[:-1]), *steps[1:-1]]
    return [*to_all, *to_all_between]


def _path(start: int, end: int, coupling: Coupling) -> list[int]:
    before = {start: start}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for there in coupling.neighbours(here):
            if there not in before:
                before[there] = here
                waiting.append(there)
    path = [end]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]
