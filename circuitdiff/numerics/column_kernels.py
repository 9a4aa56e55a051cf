"""Compiled kernels of column numerics: block matrices, columns through blocks, and the Jacobian.

Derivatives of the first half of the blocks are carried forward to the middle, those of the second half back to it:
inner products are the same there as at the end, and half the work.  Derivatives go in lanes, `LANES` angles at a time.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

LANES = 32
"""Angles whose derivatives are carried through the blocks together, real and imaginary parts apart."""

ROUND = 8
"""Lanes are taken by multiples of so many, which vector units like."""

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def _sign(value: int) -> float:
    """Return minus one to the number of set bits of a mask of at most four."""
    value ^= value >> 2
    value ^= value >> 1
    return 1.0 - 2.0 * (value & 1)


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def _num_places(qubits: Ints) -> int:
    count = 0
    for q in qubits:
        count += q >= 0
    return count


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def _minus_i_times(power: int) -> complex:
    """Return ``-i`` times a power of ``i`` from 0 to 3."""
    if power & 1:
        return complex(2.0 - power, 0.0)
    return complex(0.0, power - 1.0)


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _rotate(matrix: Complexes, size: int, letter: Ints, angle: float) -> None:
    """Multiply ``exp(-i angle/2 P)`` from the left."""
    c, s = np.cos(0.5 * angle), np.sin(0.5 * angle)
    x, z = letter[0], letter[1]
    if x == 0:
        for r in range(size):
            turn = complex(c, -s * _sign(z & r))
            for k in range(size):
                matrix[r, k] *= turn
        return
    unit = s * _minus_i_times(letter[2])
    for r in range(size):
        t = r ^ x
        if t < r:
            continue
        up, down = unit * _sign(z & t), unit * _sign(z & r)
        for k in range(size):
            a, b = matrix[r, k], matrix[t, k]
            matrix[r, k] = c * a + up * b
            matrix[t, k] = c * b + down * a


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def block_matrices(
    angles: Reals,
    scale: Reals,
    slots: Ints,
    letters: Ints,
    qubits: Ints,
    first: Ints,
    matrices: Complexes,
    rates: Complexes,
    with_rates: bool,
) -> None:
    """Fill ``matrices`` (b, s, s), and where wanted ``rates`` (r, s, s), their derivatives by each rotation's angle."""
    for block in range(len(qubits)):
        size = 1 << _num_places(qubits[block])
        begin, end = first[block], first[block + 1]
        matrix = matrices[block]
        for r in range(size):
            for k in range(size):
                matrix[r, k] = 1.0 if r == k else 0.0
        for j in range(begin, end):
            _rotate(matrix, size, letters[j], angles[j])
            if not with_rates:
                continue
            for i in range(begin, j):
                if slots[i] >= 0:
                    _rotate(rates[i], size, letters[j], angles[j])
            if slots[j] >= 0:
                x, z = letters[j, 0], letters[j, 1]
                unit = 0.5 * scale[j] * _minus_i_times(letters[j, 2])
                for t in range(size):
                    for k in range(size):
                        rates[j, t ^ x, k] = unit * _sign(z & t) * matrix[t, k]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _apply(columns: Complexes, qubits: Ints, matrix: Complexes, adjoint: bool, out: Complexes) -> None:
    """Fill ``out`` (d, k) with a block's matrix, or its adjoint, applied to columns; not in place."""
    d, k = columns.shape
    size = 1 << _num_places(qubits)
    used = _place(0, size - 1, qubits)
    if size == 4:
        low, high = 1 << qubits[0], 1 << qubits[1]
        m = np.empty((4, 4), dtype=np.complex128)
        for row in range(4):
            for other in range(4):
                m[row, other] = np.conj(matrix[other, row]) if adjoint else matrix[row, other]
        for r in range(d):
            if r & used:
                continue
            for col in range(k):
                a, b, c, e = columns[r, col], columns[r | low, col], columns[r | high, col], columns[r | used, col]
                out[r, col] = m[0, 0] * a + m[0, 1] * b + m[0, 2] * c + m[0, 3] * e
                out[r | low, col] = m[1, 0] * a + m[1, 1] * b + m[1, 2] * c + m[1, 3] * e
                out[r | high, col] = m[2, 0] * a + m[2, 1] * b + m[2, 2] * c + m[2, 3] * e
                out[r | used, col] = m[3, 0] * a + m[3, 1] * b + m[3, 2] * c + m[3, 3] * e
        return
    for r in range(d):
        if r & used:
            continue
        for row in range(size):
            at = _place(r, row, qubits)
            for col in range(k):
                out[at, col] = 0.0
            for other in range(size):
                factor = np.conj(matrix[other, row]) if adjoint else matrix[row, other]
                source = _place(r, other, qubits)
                for col in range(k):
                    out[at, col] += factor * columns[source, col]


@njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def _place(row: int, local: int, qubits: Ints) -> int:
    """Return the row of the register with a block's qubits in a local basis state."""
    for i in range(len(qubits)):
        if local >> i & 1:
            row |= 1 << qubits[i]
    return row


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def run_forward(matrices: Complexes, qubits: Ints, states: Complexes) -> None:
    """Fill ``states`` (b + 1, d, k) after every block, from the first ``k`` basis states."""
    _, d, k = states.shape
    for r in range(d):
        for col in range(k):
            states[0, r, col] = 1.0 if r == col else 0.0
    for block in range(len(qubits)):
        _apply(states[block], qubits[block], matrices[block], False, states[block + 1])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def run_back(matrices: Complexes, qubits: Ints, middle: int, columns: Complexes) -> Complexes:
    """Return columns pulled back through all blocks down to the middle."""
    now, other = columns.copy(), columns.copy()
    for block in range(len(qubits) - 1, middle - 1, -1):
        _apply(now, qubits[block], matrices[block], True, other)
        now, other = other, now
    return now


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _apply_to_lanes(lanes: Reals, d: int, k: int, qubits: Ints, m: Complexes, begin: int, end: int) -> None:
    """Apply a 4 x 4 matrix on two qubits in place to lanes from ``begin`` to ``end``.

    ``lanes`` is flat, (d, k, 2, LANES) with real and imaginary parts: one array with a fixed distance between these is
    what the compiler turns into vector instructions.
    """
    low, high = 1 << qubits[0], 1 << qubits[1]
    im, step = np.uint64(LANES), np.uint64(2 * LANES)
    # fmt: off
    m00, n00, m01, n01, m02, n02, m03, n03 = m[0,0].real, m[0,0].imag, m[0,1].real, m[0,1].imag, m[0,2].real, m[0,2].imag, m[0,3].real, m[0,3].imag  # noqa: E501
    m10, n10, m11, n11, m12, n12, m13, n13 = m[1,0].real, m[1,0].imag, m[1,1].real, m[1,1].imag, m[1,2].real, m[1,2].imag, m[1,3].real, m[1,3].imag  # noqa: E501
    m20, n20, m21, n21, m22, n22, m23, n23 = m[2,0].real, m[2,0].imag, m[2,1].real, m[2,1].imag, m[2,2].real, m[2,2].imag, m[2,3].real, m[2,3].imag  # noqa: E501
    m30, n30, m31, n31, m32, n32, m33, n33 = m[3,0].real, m[3,0].imag, m[3,1].real, m[3,1].imag, m[3,2].real, m[3,2].imag, m[3,3].real, m[3,3].imag  # noqa: E501
    # fmt: on
    for r in range(d):
        if r & low or r & high:
            continue
        for col in range(k):
            o, p = np.uint64(r * k + col) * step, np.uint64((r | low) * k + col) * step
            q, s = np.uint64((r | high) * k + col) * step, np.uint64((r | low | high) * k + col) * step
            for lane in range(begin, end):
                i = np.uint64(lane)
                a, ai, b, bi = lanes[o + i], lanes[o + i + im], lanes[p + i], lanes[p + i + im]
                c, ci, e, ei = lanes[q + i], lanes[q + i + im], lanes[s + i], lanes[s + i + im]
                lanes[o + i] = m00 * a - n00 * ai + m01 * b - n01 * bi + m02 * c - n02 * ci + m03 * e - n03 * ei
                lanes[o + i + im] = m00 * ai + n00 * a + m01 * bi + n01 * b + m02 * ci + n02 * c + m03 * ei + n03 * e
                lanes[p + i] = m10 * a - n10 * ai + m11 * b - n11 * bi + m12 * c - n12 * ci + m13 * e - n13 * ei
                lanes[p + i + im] = m10 * ai + n10 * a + m11 * bi + n11 * b + m12 * ci + n12 * c + m13 * ei + n13 * e
                lanes[q + i] = m20 * a - n20 * ai + m21 * b - n21 * bi + m22 * c - n22 * ci + m23 * e - n23 * ei
                lanes[q + i + im] = m20 * ai + n20 * a + m21 * bi + n21 * b + m22 * ci + n22 * c + m23 * ei + n23 * e
                lanes[s + i] = m30 * a - n30 * ai + m31 * b - n31 * bi + m32 * c - n32 * ci + m33 * e - n33 * ei
                lanes[s + i + im] = m30 * ai + n30 * a + m31 * bi + n31 * b + m32 * ci + n32 * c + m33 * ei + n33 * e


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _apply_any_to_lanes(lanes: Reals, d: int, k: int, qubits: Ints, m: Complexes, begin: int, end: int) -> None:
    """Do the same for one qubit, or for three and more."""
    places = _num_places(qubits)
    if places == 2:
        _apply_to_lanes(lanes, d, k, qubits, m, begin, end)
        return
    size, used = 1 << places, 0
    for q in qubits[:places]:
        used |= 1 << q
    before = np.empty(size, dtype=np.complex128)
    for r in range(d):
        if r & used:
            continue
        for col in range(k):
            for lane in range(begin, end):
                for row in range(size):
                    at = (_place(r, row, qubits) * k + col) * 2 * LANES + lane
                    before[row] = complex(lanes[at], lanes[at + LANES])
                for row in range(size):
                    total = 0.0j
                    for other in range(size):
                        total += m[row, other] * before[other]
                    at = (_place(r, row, qubits) * k + col) * 2 * LANES + lane
                    lanes[at], lanes[at + LANES] = total.real, total.imag


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _add(column: Complexes, lanes: Reals, lane: int) -> None:
    d, k = column.shape
    for r in range(d):
        for col in range(k):
            at = (r * k + col) * 2 * LANES + lane
            lanes[at] += column[r, col].real
            lanes[at + LANES] += column[r, col].imag


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _store(lanes: Reals, left: int, right: int, jacobian: Reals) -> None:
    for row in range(jacobian.shape[1]):
        for part in range(2):
            for lane in range(right - left):
                jacobian[part, row, left + lane] = lanes[(2 * row + part) * LANES + lane]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def fill_jacobian(
    matrices: Complexes,
    rates: Complexes,
    states: Complexes,
    slots: Ints,
    qubits: Ints,
    first: Ints,
    middle: int,
    jacobian: Reals,
) -> None:
    """Fill (2, d * k, p), real and imaginary parts of derivatives by the angles, in order of slots, at the middle."""
    _, d, k = states.shape
    size, count = matrices.shape[1], jacobian.shape[2]
    lanes = np.empty(2 * d * k * LANES)
    column, adjoint = np.empty((d, k), dtype=np.complex128), np.empty((size, size), dtype=np.complex128)
    early = 0
    for j in range(first[middle]):
        early = max(early, slots[j] + 1)
    for left in range(0, early, LANES):
        right, active = min(early, left + LANES), 0
        lanes[:] = 0.0
        for block in range(middle):
            if active:
                _apply_any_to_lanes(lanes, d, k, qubits[block], matrices[block], 0, active)
            for j in range(first[block], first[block + 1]):
                if left <= slots[j] < right:
                    _apply(states[block], qubits[block], rates[j], False, column)
                    _add(column, lanes, slots[j] - left)
                    active = max(active, (slots[j] - left) // ROUND * ROUND + ROUND)
        _store(lanes, left, right, jacobian)
    for left in range(early, count, LANES):
        right, active = min(count, left + LANES), LANES
        lanes[:] = 0.0
        for block in range(len(qubits) - 1, middle - 1, -1):
            for j in range(first[block], first[block + 1]):
                if left <= slots[j] < right:
                    _apply(states[block], qubits[block], rates[j], False, column)
                    _add(column, lanes, slots[j] - left)
                    active = min(active, (slots[j] - left) // ROUND * ROUND)
            if active < LANES:
                for r in range(size):
                    for s in range(size):
                        adjoint[r, s] = np.conj(matrices[block, s, r])
                _apply_any_to_lanes(lanes, d, k, qubits[block], adjoint, active, LANES)
        _store(lanes, left, right, jacobian)
