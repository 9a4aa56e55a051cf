"""Compiled kernels of `disentangle`: purities of a circuit on a few qubits, their derivatives, and Newton's method."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

CONVERGED = 1e-6
"""Norm of the gradient at which a descent ends."""

NEGLIGIBLE = 1e-13
"""Component of an axis that is rounding."""

MU_MAX = 1e6

FloatArray = NDArray[np.float64]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _rotate(
    rows: FloatArray, first: int, angle: float, pauli: int, pairs: NDArray[np.int32], signs: FloatArray
) -> None:
    """Conjugate the Hermitian matrices of the rows from ``first`` on by a rotation about a Pauli."""
    c, s = np.cos(angle), np.sin(angle)
    for j in range(first, rows.shape[0]):
        for k in range(pairs.shape[1]):
            a, b, turn = pairs[pauli, k, 0], pairs[pauli, k, 1], s * signs[pauli, k]
            va, vb = rows[j, a], rows[j, b]
            rows[j, a] = c * va - turn * vb
            rows[j, b] = turn * va + c * vb


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _pull_back(
    theta: FloatArray,
    start: FloatArray,
    paulis: NDArray[np.int64],
    offset: FloatArray,
    param: NDArray[np.int64],
    pairs: NDArray[np.int32],
    signs: FloatArray,
    frames: FloatArray,
    axes: FloatArray,
) -> None:
    """Pull the frames, and the axes of all angles, back through the circuit."""
    for a in range(frames.shape[1]):
        for j in range(frames.shape[0]):
            frames[j, a] = start[j, a]
        for i in range(axes.shape[0]):
            axes[i, a] = 0.0
    latest = axes.shape[0]
    for j in range(len(paulis) - 1, -1, -1):
        angle = offset[j]
        if param[j] >= 0:
            angle += theta[param[j]]
        _rotate(frames, 0, angle, paulis[j], pairs, signs)
        _rotate(axes, latest, angle, paulis[j], pairs, signs)
        if param[j] >= 0:
            latest = param[j]
            axes[latest, paulis[j]] = 1.0


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _purities(
    frames: FloatArray, parts: NDArray[np.int64], forms: FloatArray, turned: FloatArray, purities: FloatArray
) -> float:
    """Fill ``turned`` (cuts, 3, 4^k) with ``Q v`` and the purities; return minus the sum of their logarithms."""
    total = 0.0
    size = frames.shape[1]
    for cut in range(len(parts)):
        purity = forms[cut, 0, 0]
        for j in range(3):
            row = 3 * parts[cut] + j
            for a in range(size):
                value = 0.0
                for b in range(size):
                    value += forms[cut, a, b] * frames[row, b]
                turned[cut, j, a] = value
                purity += value * frames[row, a]
        purities[cut] = purity
        total -= np.log(purity)
    return total


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _generate(axes: FloatArray, rows: FloatArray, pairs: NDArray[np.int32], signs: FloatArray, out: FloatArray) -> None:
    """Fill ``out`` (axes, rows, 4^k) with the derivatives of the rows under conjugation by rotations about the axes."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for a in range(out.shape[2]):
                out[i, j, a] = 0.0
        for p in range(1, axes.shape[1]):
            if abs(axes[i, p]) < NEGLIGIBLE:
                continue
            for k in range(pairs.shape[1]):
                a, b, turn = pairs[p, k, 0], pairs[p, k, 1], axes[i, p] * signs[p, k]
                for j in range(out.shape[1]):
                    out[i, j, a] -= turn * rows[j, b]
                    out[i, j, b] += turn * rows[j, a]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _derivatives(
    change: FloatArray,
    bent: FloatArray,
    mixed: FloatArray,
    weighted: FloatArray,
    parts: NDArray[np.int64],
    turned: FloatArray,
    purities: FloatArray,
    rates: FloatArray,
    gradient: FloatArray,
    hessian: FloatArray,
) -> None:
    """Fill gradient and Hessian (lower triangle) of minus the sum of logarithms of the purities.

    ``change`` and ``bent`` (angles, frames, 4^k) are the derivatives of frames and slope by the angles, ``mixed`` the
    forms of each qubit's frames; ``weighted`` (frames, 4^k) and ``rates`` (cuts, angles) are scratch.
    """
    p, width, size = change.shape
    for i in range(p):
        gradient[i] = 0.0
        for cut in range(len(parts)):
            total = 0.0
            for j in range(3):
                for a in range(size):
                    total += turned[cut, j, a] * change[i, 3 * parts[cut] + j, a]
            rates[cut, i] = 2.0 * total / purities[cut]
            gradient[i] -= rates[cut, i]
        for j in range(width):
            for a in range(size):
                value = 0.0
                for b in range(size):
                    value += mixed[j // 3, a, b] * change[i, j, b]
                weighted[j, a] = value
        for k in range(i + 1):
            # the earlier angle's rotation turns the later one's derivative as well
            total = 0.0
            for j in range(width):
                for a in range(size):
                    total += change[k, j, a] * weighted[j, a] - change[i, j, a] * bent[k, j, a]
            for cut in range(len(parts)):
                total += rates[cut, i] * rates[cut, k]
            hessian[i, k] = total


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _weigh(
    parts: NDArray[np.int64],
    forms: FloatArray,
    turned: FloatArray,
    purities: FloatArray,
    slope: FloatArray,
    mixed: FloatArray,
) -> None:
    """Fill ``slope`` (frames, 4^k), the derivative by the frames, and ``mixed``, the forms behind it by qubit."""
    size = forms.shape[1]
    for part in range(mixed.shape[0]):
        for a in range(size):
            for b in range(size):
                mixed[part, a, b] = 0.0
            for j in range(3):
                slope[3 * part + j, a] = 0.0
    for cut in range(len(parts)):
        weight = -2.0 / purities[cut]
        for a in range(size):
            for b in range(size):
                mixed[parts[cut], a, b] += weight * forms[cut, a, b]
            for j in range(3):
                slope[3 * parts[cut] + j, a] += weight * turned[cut, j, a]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _solve(hessian: FloatArray, mu: float, gradient: FloatArray, factor: FloatArray, step: FloatArray) -> bool:
    """Solve ``(H + mu) step = -gradient`` by Cholesky; False where that matrix is not positive."""
    p = len(gradient)
    for i in range(p):
        for j in range(i + 1):
            total = hessian[i, j]
            if i == j:
                total += mu
            for k in range(j):
                total -= factor[i, k] * factor[j, k]
            if i == j:
                if total <= 1e-12:
                    return False
                factor[i, i] = np.sqrt(total)
            else:
                factor[i, j] = total / factor[j, j]
    for i in range(p):
        total = -gradient[i]
        for k in range(i):
            total -= factor[i, k] * step[k]
        step[i] = total / factor[i, i]
    for i in range(p - 1, -1, -1):
        step[i] /= factor[i, i]
        for k in range(i):
            step[k] -= factor[i, k] * step[i]
    return True


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def descend(
    theta: FloatArray,
    mu: float,
    iterations: int,
    start: FloatArray,
    parts: NDArray[np.int64],
    forms: FloatArray,
    paulis: NDArray[np.int64],
    offset: FloatArray,
    param: NDArray[np.int64],
    pairs: NDArray[np.int32],
    signs: FloatArray,
) -> tuple[float, float, int]:
    """Take at most ``iterations`` damped Newton steps from ``theta``, changed in place.

    Returns:
        Minus the sum of the purities' logarithms, the damping, and the steps taken.
    """
    p = len(theta)
    width, size = start.shape
    frames, slope, weighted = np.empty((width, size)), np.empty((width, size)), np.empty((width, size))
    axes, change, bent = np.empty((p, size)), np.empty((p, width, size)), np.empty((p, width, size))
    turned, purities = np.empty((len(parts), 3, size)), np.empty(len(parts))
    mixed, rates = np.empty((width // 3, size, size)), np.empty((len(parts), p))
    gradient, hessian, factor = np.empty(p), np.empty((p, p)), np.empty((p, p))
    step, trial = np.empty(p), np.empty(p)
    _pull_back(theta, start, paulis, offset, param, pairs, signs, frames, axes)
    value = _purities(frames, parts, forms, turned, purities)
    fresh, taken = True, 0
    while taken < iterations and mu < MU_MAX:
        if fresh:
            _weigh(parts, forms, turned, purities, slope, mixed)
            _generate(axes, frames, pairs, signs, change)
            _generate(axes, slope, pairs, signs, bent)
            _derivatives(change, bent, mixed, weighted, parts, turned, purities, rates, gradient, hessian)
            norm = 0.0
            for i in range(p):
                norm += gradient[i] ** 2
            if norm < CONVERGED**2:
                break
        taken += 1
        while not _solve(hessian, mu, gradient, factor, step):
            mu = 4.0 * mu + 1e-3
        for i in range(p):
            trial[i] = theta[i] + step[i]
        _pull_back(trial, start, paulis, offset, param, pairs, signs, frames, axes)
        candidate = _purities(frames, parts, forms, turned, purities)
        fresh = candidate < value
        if fresh:
            for i in range(p):
                theta[i] = trial[i]
            value = candidate
            mu = max(mu / 4.0, 1e-9)
        else:
            mu *= 4.0
    return value, mu, taken
