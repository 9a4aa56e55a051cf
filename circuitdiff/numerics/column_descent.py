"""Levenberg-Marquardt on the columns of a circuit that matter: states and isometries.

For ``V = R_m ... R_1`` applied to the first ``2^m`` basis states, the derivative by an angle is carried forward through
the rotations that follow.  The residual is ``V - e^{i phi} T`` with the best common phase; the direction in which
only the phase moves is projected out of the normal equations.  A step costs ``p^2 2^(n+m)``, not ``p^2 4^n``.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

from circuitdiff.numerics.column_program import ColumnProgram
from circuitdiff.numerics.levenberg_marquardt import MU_GROW, MU_MAX, MU_SHRINK

RANK_TOL = 1e-10
"""Eigenvalue of the Jacobian's Gram matrix, relative to the largest, up to which a direction counts as none."""


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _parity(value: int) -> int:
    odd = 0
    while value:
        value &= value - 1
        odd ^= 1
    return odd


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def propagate(
    angles: NDArray[np.float64],
    xs: NDArray[np.int64],
    zs: NDArray[np.int64],
    units: NDArray[np.int64],
    real: NDArray[np.float64],
    imag: NDArray[np.float64],
    derivative: bool,
    scale: NDArray[np.float64],
    param: NDArray[np.int64],
    jac_real: NDArray[np.float64],
    jac_imag: NDArray[np.float64],
) -> None:
    """Apply rotations to columns in place, and fill their derivatives where ``derivative``.

    Args:
        angles: (r,) radians, in time order.
        xs: (r,) bit masks of X; row ``t ^ x`` of ``P`` is ``i^unit (-1)^(z . t)`` in column ``t``.
        zs: (r,) bit masks of Z.
        units: (r,) powers of ``i``.
        real: (d, k) real parts of the columns.
        imag: (d, k) their imaginary parts.
        derivative: whether the Jacobian is wanted.
        scale: (r,) derivative of each angle by its parameter.
        param: (r,) parameters, numbered in the order of their first rotation; -1 for none.
        jac_real: (d, k, p) real parts of the Jacobian.
        jac_imag: (d, k, p) its imaginary parts.
    """
    d, k, p = jac_real.shape
    width = 48
    if derivative:
        for r in range(d):
            for col in range(k):
                for i in range(p):
                    jac_real[r, col, i] = 0.0
                    jac_imag[r, col, i] = 0.0
    start_real, start_imag = real.copy(), imag.copy()
    for left in range(0, p if derivative else 1, width):
        right = min(p, left + width)
        for r in range(d):
            for col in range(k):
                real[r, col], imag[r, col] = start_real[r, col], start_imag[r, col]
        active = 0
        for j in range(len(angles)):
            c, s = np.cos(0.5 * angles[j]), np.sin(0.5 * angles[j])
            x, z = xs[j], zs[j]
            unit_real, unit_imag = 1.0, 0.0
            if units[j] == 1:
                unit_real, unit_imag = 0.0, 1.0
            elif units[j] == 2:
                unit_real = -1.0
            elif units[j] == 3:
                unit_real, unit_imag = 0.0, -1.0
            mine = derivative and left <= param[j] < right
            if mine:
                active = max(active, param[j] + 1)
            for r in range(d):
                t = r ^ x
                if t < r:
                    continue
                sign_r, sign_t = 1.0 - 2.0 * _parity(z & t), 1.0 - 2.0 * _parity(z & r)
                # entries of -i P: row r takes (ur + i ui) of row t, row t takes (vr + i vi) of row r
                ur, ui = unit_imag * sign_r, -unit_real * sign_r
                vr, vi = unit_imag * sign_t, -unit_real * sign_t
                for col in range(k):
                    a, b = real[r, col], imag[r, col]
                    e, f = real[t, col], imag[t, col]
                    real[r, col] = c * a + s * (ur * e - ui * f)
                    imag[r, col] = c * b + s * (ur * f + ui * e)
                    if t != r:
                        real[t, col] = c * e + s * (vr * a - vi * b)
                        imag[t, col] = c * f + s * (vr * b + vi * a)
                    for i in range(left, active):
                        a, b = jac_real[r, col, i], jac_imag[r, col, i]
                        e, f = jac_real[t, col, i], jac_imag[t, col, i]
                        jac_real[r, col, i] = c * a + s * (ur * e - ui * f)
                        jac_imag[r, col, i] = c * b + s * (ur * f + ui * e)
                        if t != r:
                            jac_real[t, col, i] = c * e + s * (vr * a - vi * b)
                            jac_imag[t, col, i] = c * f + s * (vr * b + vi * a)
                    if mine:
                        half, q = 0.5 * scale[j], param[j]
                        a, b = real[r, col], imag[r, col]
                        e, f = real[t, col], imag[t, col]
                        jac_real[r, col, q] += half * (ur * e - ui * f)
                        jac_imag[r, col, q] += half * (ur * f + ui * e)
                        if t != r:
                            jac_real[t, col, q] += half * (vr * a - vi * b)
                            jac_imag[t, col, q] += half * (vr * b + vi * a)


def descend_columns(
    target: NDArray[np.complex128],
    xs: NDArray[np.int64],
    zs: NDArray[np.int64],
    units: NDArray[np.int64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    param: NDArray[np.int64],
    theta: NDArray[np.float64],
    mu: float,
    iterations: int,
    tol: float,
) -> tuple[float, float, int]:
    """Take at most ``iterations`` accepted or rejected steps from ``theta`` (p,), changed in place.

    Args:
        target: (d, k) complex128 orthonormal columns; the rotations act on the first ``k`` basis states.
        xs: (r,) bit masks of X; see `propagate`.
        zs: (r,) bit masks of Z.
        units: (r,) powers of ``i``.
        scale: (r,) of the angles ``offset + scale * theta[param]``.
        offset: (r,) radians, the whole angle where ``param`` is -1.
        param: (r,) parameters, see `propagate`.
        theta: (p,) radians.
        mu: damping to begin with.
        iterations: the most steps.
        tol: infidelity at which to stop.

    Returns:
        ``(infidelity, mu, steps taken)``.
    """
    d, k = target.shape
    p = len(theta)
    is_free = param >= 0
    jacobian = np.empty((2, d, k, p))
    flat = jacobian.reshape(2 * d * k, p)

    def run(at: NDArray[np.float64], derivative: bool) -> complex:
        angles = offset.copy()
        angles[is_free] += scale[is_free] * at[param[is_free]]
        real, imag = np.eye(d, k), np.zeros((d, k))
        propagate(angles, xs, zs, units, real, imag, derivative, scale, param, jacobian[0], jacobian[1])
        return complex(np.vdot(target, real + 1j * imag) / k)

    overlap = run(theta, derivative=False)
    cost, taken, is_fresh = 1.0 - abs(overlap), 0, True
    normal, gradient = np.empty((p, p)), np.empty(p)
    while p and taken < iterations and cost > tol and mu < MU_MAX:
        taken += 1
        if is_fresh:
            overlap = run(theta, derivative=True)
            phase = overlap / abs(overlap) if overlap else 1.0
            aim = phase * target
            gradient = np.concatenate((aim.real.ravel(), aim.imag.ravel())) @ flat
            slip = np.concatenate((-aim.imag.ravel(), aim.real.ravel())) @ flat
            normal = flat.T @ flat - np.outer(slip, slip) / k
        damped = normal.copy()
        damped.flat[:: p + 1] += mu
        _, step, failed = dposv(damped, gradient, lower=1)
        trial = theta + step
        candidate = 1.0 - abs(run(trial, derivative=False))
        is_fresh = not failed and candidate < cost
        if is_fresh:
            theta[:] = trial
            cost, mu = candidate, max(mu * MU_SHRINK, 1e-14)
        else:
            mu *= MU_GROW
    return max(0.0, cost), mu, taken


def jacobian_rank(program: ColumnProgram, theta: NDArray[np.float64], rows: int, columns: int) -> int:
    """Return how many directions, phase included, a program can move its first columns in from angles ``theta`` (p,).

    At generic angles, fewer than ``2 d k - k^2`` say that it does not reach all orthonormal (d, k) columns.
    """
    angles, is_free = program.offset.copy(), program.param >= 0
    angles[is_free] += program.scale[is_free] * theta[program.param[is_free]]
    real, imag = np.eye(rows, columns), np.zeros((rows, columns))
    jacobian = np.empty((2, rows, columns, len(theta)))
    propagate(
        angles, program.xs, program.zs, program.units, real, imag, True, program.scale, program.param, *jacobian
    )  # fmt: skip
    flat = jacobian.reshape(-1, len(theta))
    phase = np.concatenate((-imag.ravel(), real.ravel()))[:, None]
    values = np.linalg.eigvalsh((joint := np.concatenate((flat, phase), axis=1)) @ joint.T)
    return int(np.sum(values > RANK_TOL * values[-1]))
