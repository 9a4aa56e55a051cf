"""Compiled kernels of `levenberg_marquardt`: overlaps, derivatives in Pauli coordinates, and the normal equations."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def overlap_matrix(
    target: NDArray[np.complex128],
    angles: NDArray[np.float64],
    paulis: NDArray[np.int64],
    num_qubits: int,
    out: NDArray[np.complex128],
) -> complex:
    """Fill ``out`` with ``R_1^dagger ... R_m^dagger U`` and return its trace."""
    d = 1 << num_qubits
    mask = d - 1
    for r in range(d):  # loops throughout: numba takes seconds to compile assignments to slices
        for k in range(d):
            out[r, k] = target[r, k]
    for j in range(len(paulis) - 1, -1, -1):
        x, z = paulis[j] >> num_qubits, paulis[j] & mask
        c, s = np.cos(0.5 * angles[j]), 1j * np.sin(0.5 * angles[j])
        both = bit_count(x & z) & 3
        unit = 1.0 + 0.0j
        if both == 1:
            unit = 1.0j
        elif both == 2:
            unit = -1.0 + 0.0j
        elif both == 3:
            unit = -1.0j
        for r in range(d):
            t = r ^ x
            if t < r:
                continue
            # P[r, t] for row r, and its conjugate for row t
            up = s * unit * (1.0 - 2.0 * (bit_count(z & t) & 1))
            if t == r:
                for k in range(d):
                    out[r, k] *= c + up
                continue
            down = s * unit * (1.0 - 2.0 * (bit_count(z & r) & 1))
            for k in range(d):
                first, second = out[r, k], out[t, k]
                out[r, k] = c * first + up * second
                out[t, k] = c * second + down * first
    trace = 0.0 + 0.0j
    for r in range(d):
        trace += out[r, r]
    return trace


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def bit_count(value: int) -> int:
    """Return the number of set bits."""
    count = 0
    while value:
        value &= value - 1
        count += 1
    return count


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def misfit_vector(overlap: NDArray[np.complex128], trace: complex, num_qubits: int, out: NDArray[np.float64]) -> None:
    """Fill ``out`` (4^n,) with the Pauli coordinates of the Hermitian ``B`` of ``W = A + iB``."""
    d = 1 << num_qubits
    size = abs(trace)
    phase = np.conj(trace) / size if size > 0 else 1.0 + 0.0j
    column = np.empty(d, dtype=np.complex128)
    for x in range(d):
        for t in range(d):
            column[t] = overlap[t, t ^ x] * phase
        step = 1
        while step < d:
            for start in range(0, d, 2 * step):
                for k in range(start, start + step):
                    a, b = column[k], column[k + step]
                    column[k], column[k + step] = a + b, a - b
            step *= 2
        for z in range(d):
            both = bit_count(x & z) & 3
            value = column[z]
            if both == 0:
                out[x << num_qubits | z] = value.imag / d
            elif both == 1:
                out[x << num_qubits | z] = value.real / d
            elif both == 2:
                out[x << num_qubits | z] = -value.imag / d
            else:
                out[x << num_qubits | z] = -value.real / d


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def pull_back(
    angles: NDArray[np.float64],
    scale: NDArray[np.float64],
    paulis: NDArray[np.int64],
    param: NDArray[np.int64],
    first_param: NDArray[np.int64],
    pairs: NDArray[np.int32],
    signs: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Fill ``out`` (4^n, p) with the Pauli coordinates of every ``Q`` (columns), a block of columns at a time."""
    width = 64
    rows, p = out.shape
    for row in range(rows):
        for col in range(p):
            out[row, col] = 0.0
    for left in range(0, p, width):
        right = min(p, left + width)
        for j in range(len(paulis) - 1, -1, -1):
            begin = max(left, first_param[j])
            c, s = np.cos(angles[j]), np.sin(angles[j])
            pauli = paulis[j]
            if begin < right:
                for k in range(pairs.shape[1]):
                    a, b = pairs[pauli, k, 0], pairs[pauli, k, 1]
                    turn = s * signs[pauli, k]
                    for col in range(begin, right):
                        va, vb = out[a, col], out[b, col]
                        out[a, col] = c * va - turn * vb
                        out[b, col] = turn * va + c * vb
            if left <= param[j] < right:
                out[pauli, param[j]] += scale[j]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def normal_equations(
    columns: NDArray[np.float64],
    misfit: NDArray[np.float64],
    normal: NDArray[np.float64],
    right: NDArray[np.float64],
) -> None:
    """Fill the lower triangle of ``normal`` with ``Q^T Q`` and ``right`` with ``-2 Q^T b``, by four rows."""
    rows, p = columns.shape
    for i in range(p):
        right[i] = 0.0
        for j in range(i + 1):
            normal[i, j] = 0.0
    for r in range(0, rows, 4):
        for i in range(p):
            a, b, c, d = columns[r, i], columns[r + 1, i], columns[r + 2, i], columns[r + 3, i]
            right[i] -= 2.0 * (a * misfit[r] + b * misfit[r + 1] + c * misfit[r + 2] + d * misfit[r + 3])
            for j in range(i + 1):
                normal[i, j] += (
                    a * columns[r, j] + b * columns[r + 1, j] + c * columns[r + 2, j] + d * columns[r + 3, j]
                )


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def solve(
    normal: NDArray[np.float64],
    mu: float,
    right: NDArray[np.float64],
    factor: NDArray[np.float64],
    step: NDArray[np.float64],
) -> None:
    """Solve ``(normal + mu) step = right`` by Cholesky.

    Only the lower triangle of ``normal`` is read; ``factor`` is scratch of its shape.
    """
    p = len(right)
    for i in range(p):
        for j in range(i + 1):
            total = normal[i, j]
            if i == j:
                total += mu
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            if i == j:
                factor[i, i] = np.sqrt(max(total, 1e-14))
            else:
                factor[i, j] = total / factor[j, j]
    for i in range(p):
        total = right[i]
        for k in range(i):
            total -= factor[i, k] * step[k]
        step[i] = total / factor[i, i]
    for i in range(p - 1, -1, -1):
        step[i] /= factor[i, i]
        for k in range(i):
            step[k] -= factor[i, k] * step[i]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def set_angles(
    theta: NDArray[np.float64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    param: NDArray[np.int64],
    angles: NDArray[np.float64],
) -> None:
    """Write each rotation's angle, ``offset + scale * theta[param]``, in radians, to ``angles``."""
    for j in range(len(param)):
        angles[j] = offset[j] + (scale[j] * theta[param[j]] if param[j] >= 0 else 0.0)
