"""Recognising library gates by their matrices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import atan2

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.gates import GATES, fixed_matrix

Matrix = NDArray[np.complex128]

MATCH_TOL = 1e-9
"""Largest difference of an entry between matrices that count as the same."""

FIXED = tuple(name for name, gate in GATES.items() if not gate.num_params)


def phase_between(matrix: Matrix, other: Matrix) -> float | None:
    """Return ``phi`` with ``matrix = e^{i phi} other``, or None where the two differ by more than a phase."""
    overlap = np.vdot(other, matrix)
    if abs(overlap) < 0.5:
        return None
    phase = float(np.angle(overlap))
    return phase if np.abs(matrix - np.exp(1j * phase) * other).max() < MATCH_TOL else None


def match_fixed(matrix: Matrix, qubits: Sequence[int]) -> tuple[Operation, float] | None:
    """Find the gate without parameters that a matrix is, on its qubits in some order, and its phase."""
    size = len(qubits)
    for name in FIXED:
        if GATES[name].num_qubits != size:
            continue
        for order in permutations(range(size)):
            phase = phase_between(matrix, reordered(fixed_matrix(name), order))
            if phase is not None:
                return Operation(name, tuple(qubits[i] for i in order)), phase
            if GATES[name].symmetric:
                break
    return None


def single_qubit_operation(matrix: Matrix, qubit: int) -> tuple[Operation, float]:
    """Return a (2, 2) unitary as a library gate, ``u`` in general, and its phase."""
    found = match_fixed(matrix, (qubit,))
    if found is not None:
        return found
    theta = 2 * atan2(abs(matrix[1, 0]), abs(matrix[0, 0]))
    if abs(matrix[0, 0]) > abs(matrix[1, 0]):
        total = float(np.angle(matrix[1, 1] / matrix[0, 0]))
        phi = float(np.angle(matrix[1, 0] / matrix[0, 0])) if theta > MATCH_TOL else total
        lam = total - phi
    else:
        difference = float(np.angle(-matrix[1, 0] / matrix[0, 1]))
        phi = float(np.angle(matrix[1, 0] / matrix[0, 0])) if np.pi - theta > MATCH_TOL else difference
        lam = phi - difference
    operation = Operation("u", (qubit,), (theta, phi, lam))
    return operation, float(np.angle(np.vdot(GATES["u"].matrix(operation.params), matrix)))


def reordered(matrix: Matrix, order: Sequence[int]) -> Matrix:
    """Return a gate's matrix when its first qubit is bit ``order[0]`` of the index, its second bit ``order[1]``, ..."""
    n = len(order)
    place = [list(order).index(n - 1 - axis) for axis in range(n)]
    axes = [n - 1 - p for p in place]
    return np.asarray(matrix.reshape((2,) * (2 * n)).transpose([*axes, *(n + a for a in axes)]).reshape(matrix.shape))
