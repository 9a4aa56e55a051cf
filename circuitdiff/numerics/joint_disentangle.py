"""Angles of circuits before and after an operator that lower its entanglement most, all at once, by L-BFGS."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.pauli import parse_pauli
from circuitdiff.features.operator_entanglement import LARGEST_SIDE, Qubits, small_cuts
from circuitdiff.numerics.pauli_kernels import bit_count

MEMORY = 20
"""Corrections that L-BFGS keeps."""

Operations = tuple[Operation, ...]
FloatArray = NDArray[np.float64]
Matrix = NDArray[np.complex128]


@dataclass(frozen=True)
class Refit:
    """Both circuits with their new angles, the entanglement that is left, and the nominal multiply-adds it took."""

    left: Operations
    right: Operations
    entanglement: float
    work: float


def refit(target: Matrix, left: Operations, right: Operations, iterations: int) -> Refit:
    """Move the angles of ``W`` and ``V`` so that ``W U V^dagger`` is less entangled.

    Args:
        target: (2^n, 2^m) ``U``.
        left: ``W``, each parameter the angle of one rotation at scale one.
        right: ``V``, the same; empty where ``U`` is not square.
        iterations: of L-BFGS, at most.
    """
    from scipy.optimize import minimize

    n = len(target).bit_length() - 1
    programs = _rotations(left, n), _rotations(right, n)
    start = np.array([angle for op in (*left, *right) for angle in op.params])
    split = sum(len(op.params) for op in left)
    found = minimize(
        lambda theta: value_and_gradient(target, *programs, theta[:split], theta[split:]),
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": MEMORY, "ftol": 1e-13, "gtol": 1e-8},
    )
    once = target.size * (
        24 * sum(len(program.paulis) for program in programs) + 8 * len(small_cuts(n)) * 4**LARGEST_SIDE
    )
    moved = (_with_angles(left, found.x[:split]), _with_angles(right, found.x[split:]))
    return Refit(*moved, float(found.fun), float(found.nfev * once))


@dataclass(frozen=True)
class Rotations:
    """A circuit as Pauli rotations: indices ``x << n | z``, fixed parts of the angles, parameters or -1."""

    paulis: NDArray[np.int64]
    offsets: FloatArray
    param: NDArray[np.int64]

    def angles(self, theta: FloatArray) -> FloatArray:
        """Return the angle of every rotation."""
        return np.asarray(self.offsets + np.append(theta, 0.0)[self.param])


def value_and_gradient(
    target: Matrix, left: Rotations, right: Rotations, left_theta: FloatArray, right_theta: FloatArray
) -> tuple[float, FloatArray]:
    """Return the entanglement of ``W U V^dagger`` and its gradient by the angles of ``W``, then of ``V``."""
    left_angles, right_angles = left.angles(left_theta), right.angles(right_theta)
    gradient = np.zeros(len(left_theta) + len(right_theta))
    operator = target.copy()
    _run(operator, left.paulis, left_angles)
    operator = _adjoint(operator)
    _run(operator, right.paulis, right_angles)
    value, slope = entanglement_and_slope(_adjoint(operator))
    slope = _adjoint(slope)
    _run_back(operator, slope, right.paulis, right_angles, right.param, len(left_theta), gradient)
    operator, slope = _adjoint(operator), _adjoint(slope)
    _run_back(operator, slope, left.paulis, left_angles, left.param, 0, gradient)
    return value, gradient


def entanglement_and_slope(operator: Matrix) -> tuple[float, Matrix]:
    """Return the entanglement of (2^n, 2^m) a multiple of an isometry, and its derivative by the conjugate entries."""
    n, m = (size.bit_length() - 1 for size in operator.shape)
    flat, total, slope = operator.ravel(), 0.0, np.zeros(operator.size, dtype=np.complex128)
    for gather, scatter, shape in _cut_tables(n, m):
        across = flat[gather].reshape(shape)  # (cuts, legs of a side, other legs)
        gram = across @ across.conj().transpose(0, 2, 1)
        purity = (gram.real**2 + gram.imag**2).sum((1, 2))
        total -= float(np.log(purity / 4**m).sum())
        turned = (gram @ across).reshape(len(gather), -1) * (-2.0 / purity)[:, None]
        slope += np.take_along_axis(turned, scatter, axis=1).sum(0)
    return total, slope.reshape(operator.shape)


def _adjoint(matrix: Matrix) -> Matrix:
    return np.ascontiguousarray(matrix.conj().T)


def _rotations(operations: Operations, num_qubits: int) -> Rotations:
    paulis, offsets, param = [], [], []
    used = 0
    for op in operations:
        for rotation in GATES[op.name].rotations:
            pauli = parse_pauli(rotation.pauli, op.qubits)
            paulis.append(pauli.x << num_qubits | pauli.z)
            offsets.append(rotation.offset)
            param.append(-1 if rotation.param is None else used + rotation.param)
        used += len(op.params)
    return Rotations(
        np.array(paulis, dtype=np.int64), np.array(offsets, dtype=np.float64), np.array(param, dtype=np.int64)
    )


def _with_angles(operations: Operations, theta: FloatArray) -> Operations:
    used, moved = 0, []
    for op in operations:
        moved.append(op._replace(params=tuple(float(t) for t in theta[used : used + len(op.params)])))
        used += len(op.params)
    return tuple(moved)


@cache
def _cut_tables(n: int, m: int) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64], tuple[int, int, int]], ...]:
    """Return how an operator's entries make the matrices of its cuts, those of one shape together.

    Returns:
        For each shape (cuts, legs of a side, other legs): entries of the operator by those of the matrix, and the
        other way round, both (cuts, 2^(n+m)).
    """
    by_shape: dict[tuple[int, int], list[NDArray[np.int64]]] = {}
    for cut in small_cuts(n):
        inside, outside = (_leg_index(part, n, m) for part in (cut, tuple(q for q in range(n) if q not in cut)))
        shape = (int(inside.max()) + 1, int(outside.max()) + 1)
        by_shape.setdefault(shape, []).append((inside * shape[1] + outside).ravel())
    return tuple(
        (np.argsort(np.array(places), axis=1), np.array(places), (len(places), *shape))
        for shape, places in by_shape.items()
    )


def _leg_index(qubits: Qubits, n: int, m: int) -> NDArray[np.int64]:
    """Return the joint index (2^n, 2^m) of the output and input legs of some qubits."""
    row, column = np.arange(1 << n)[:, None], np.arange(1 << m)[None]
    index = np.zeros((1 << n, 1 << m), dtype=np.int64)
    for place, q in enumerate(qubits):
        index += (row >> q & 1) << place
    for place, q in enumerate(q for q in qubits if q < m):
        index += (column >> q & 1) << (place + len(qubits))
    return index


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _unit(power: int) -> complex:
    """Return a power of the imaginary unit."""
    if power == 0:
        return 1.0 + 0.0j
    if power == 1:
        return 1.0j
    if power == 2:
        return -1.0 + 0.0j
    return -1.0j


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _apply(matrix: Matrix, pauli: int, angle: float) -> None:
    """Apply ``exp(-i angle/2 P)`` to the rows."""
    d, width = matrix.shape
    x, z = pauli // d, pauli & (d - 1)
    c, s = np.cos(0.5 * angle), -1j * np.sin(0.5 * angle) * _unit(bit_count(x & z) & 3)
    for r in range(d):
        t = r ^ x
        if t < r:
            continue
        up = s * (1.0 - 2.0 * (bit_count(z & t) & 1))
        if t == r:
            for k in range(width):
                matrix[r, k] *= c + up
            continue
        down = s * (1.0 - 2.0 * (bit_count(z & r) & 1))
        for k in range(width):
            first, second = matrix[r, k], matrix[t, k]
            matrix[r, k] = c * first + up * second
            matrix[t, k] = c * second + down * first


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _run(matrix: Matrix, paulis: NDArray[np.int64], angles: FloatArray) -> None:
    """Apply rotations to the rows of a matrix."""
    for j in range(len(paulis)):
        _apply(matrix, paulis[j], angles[j])


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _run_back(
    matrix: Matrix,
    slope: Matrix,
    paulis: NDArray[np.int64],
    angles: FloatArray,
    param: NDArray[np.int64],
    first: int,
    gradient: FloatArray,
) -> None:
    """Undo rotations, on a matrix and on the derivative by it, and add up the derivatives by their angles."""
    d, width = matrix.shape
    for j in range(len(paulis) - 1, -1, -1):
        if param[j] >= 0:  # 2 Re tr(slope^dagger (-i/2 P) matrix)
            x, z = paulis[j] // d, paulis[j] & (d - 1)
            total = 0.0 + 0.0j
            for r in range(d):
                t = r ^ x
                part = 0.0 + 0.0j
                for k in range(width):
                    part += slope[r, k].conjugate() * matrix[t, k]
                total += part * (1.0 - 2.0 * (bit_count(z & t) & 1))
            gradient[first + param[j]] += (-1j * _unit(bit_count(x & z) & 3) * total).real
        _apply(matrix, paulis[j], -angles[j])
        _apply(slope, paulis[j], -angles[j])
