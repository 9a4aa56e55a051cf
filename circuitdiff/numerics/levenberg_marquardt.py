"""Levenberg-Marquardt on the unitary group, in Pauli coordinates.

For ``V = C R_m ... R_1`` the derivative by an angle is ``V (-i/2) Q_j`` with ``Q_j`` the rotation's Pauli string pulled
back through the rotations before it, a real vector in the Pauli basis that every earlier rotation turns in planes.
With the best global phase, ``W = e^{i phi} V^dagger U = A + iB``, the normal equations of ``min |V - e^{i phi} U|^2``
are ``(Q^T Q + mu) delta = -2 Q^T b``, with ``b`` the Pauli coordinates of ``B``: all arithmetic is real, and the
global phase never enters because every ``Q_j`` is traceless.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circuitdiff.numerics.pauli_kernels import (
    misfit_vector,
    normal_equations,
    overlap_matrix,
    pull_back,
    set_angles,
    solve,
)

MU_START = 0.1
MU_SHRINK = 1.0 / 3.0
MU_GROW = 4.0
MU_MAX = 1e8
LARGE_SYSTEM = 160
"""Number of angles from which on BLAS and LAPACK pay; below, calling them costs more than it brings."""


def descend(
    target: NDArray[np.complex128],
    paulis: NDArray[np.int64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    param: NDArray[np.int64],
    first_param: NDArray[np.int64],
    pairs: NDArray[np.int32],
    signs: NDArray[np.float64],
    num_qubits: int,
    theta: NDArray[np.float64],
    mu: float,
    iterations: int,
    tol: float,
) -> tuple[float, float, int]:
    """Take at most ``iterations`` accepted or rejected steps from ``theta`` (changed in place).

    Returns:
        ``(infidelity, mu, steps taken)``; stops early below ``tol``.
    """
    function = _descend_small if len(theta) <= LARGE_SYSTEM else _descend_large
    found: tuple[float, float, int] = function(
        target, paulis, scale, offset, param, first_param, pairs, signs, num_qubits, theta, mu, iterations, tol
    )
    return found


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _descend_small(
    target: NDArray[np.complex128],
    paulis: NDArray[np.int64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    param: NDArray[np.int64],
    first_param: NDArray[np.int64],
    pairs: NDArray[np.int32],
    signs: NDArray[np.float64],
    num_qubits: int,
    theta: NDArray[np.float64],
    mu: float,
    iterations: int,
    tol: float,
) -> tuple[float, float, int]:
    """Descend in compiled loops alone; see `descend`."""
    d = 1 << num_qubits
    p = len(theta)
    angles = np.empty(len(paulis))
    overlap = np.empty((d, d), dtype=np.complex128)
    misfit = np.empty(d * d)
    columns = np.empty((d * d, p))
    normal, factor = np.empty((p, p)), np.empty((p, p))
    gradient, step, trial = np.empty(p), np.empty(p), np.empty(p)
    set_angles(theta, scale, offset, param, angles)
    trace = overlap_matrix(target, angles, paulis, num_qubits, overlap)
    cost = 1.0 - abs(trace) / d
    fresh = True
    taken = 0
    while taken < iterations and cost > tol and mu < MU_MAX:
        taken += 1
        if fresh:
            misfit_vector(overlap, trace, num_qubits, misfit)
            pull_back(angles, scale, paulis, param, first_param, pairs, signs, columns)
            normal_equations(columns, misfit, normal, gradient)
        solve(normal, mu, gradient, factor, step)
        for i in range(p):
            trial[i] = theta[i] + step[i]
        set_angles(trial, scale, offset, param, angles)
        trace = overlap_matrix(target, angles, paulis, num_qubits, overlap)
        candidate = 1.0 - abs(trace) / d
        fresh = candidate < cost
        if fresh:
            for i in range(p):
                theta[i] = trial[i]
            cost = candidate
            mu = max(mu * MU_SHRINK, 1e-14)
        else:
            mu *= MU_GROW
    return cost, mu, taken


def _descend_large(
    target: NDArray[np.complex128],
    paulis: NDArray[np.int64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    param: NDArray[np.int64],
    first_param: NDArray[np.int64],
    pairs: NDArray[np.int32],
    signs: NDArray[np.float64],
    num_qubits: int,
    theta: NDArray[np.float64],
    mu: float,
    iterations: int,
    tol: float,
) -> tuple[float, float, int]:
    """Descend with the normal equations through BLAS and LAPACK, which are called from here; see `descend`."""
    from scipy.linalg.lapack import dposv

    d = 1 << num_qubits
    p = len(theta)
    angles = np.empty(len(paulis))
    overlap = np.empty((d, d), dtype=np.complex128)
    misfit = np.empty(d * d)
    columns = np.empty((d * d, p))
    normal, factor, gradient = np.empty((p, p)), np.empty((p, p)), np.empty(p)
    set_angles(theta, scale, offset, param, angles)
    trace = overlap_matrix(target, angles, paulis, num_qubits, overlap)
    cost = 1.0 - abs(trace) / d
    fresh = True
    taken = 0
    while taken < iterations and cost > tol and mu < MU_MAX:
        taken += 1
        if fresh:
            misfit_vector(overlap, trace, num_qubits, misfit)
            pull_back(angles, scale, paulis, param, first_param, pairs, signs, columns)
            np.dot(columns.T, columns, out=normal)
            gradient = -2.0 * np.dot(columns.T, misfit)
        np.copyto(factor, normal)
        factor.flat[:: p + 1] += mu
        _, step, _ = dposv(factor.T, gradient, lower=0, overwrite_a=1)  # symmetric: its transpose costs no copy
        trial = theta + step
        set_angles(trial, scale, offset, param, angles)
        trace = overlap_matrix(target, angles, paulis, num_qubits, overlap)
        candidate = 1.0 - abs(trace) / d
        fresh = candidate < cost
        if fresh:
            theta[:] = trial
            cost = candidate
            mu = max(mu * MU_SHRINK, 1e-14)
        else:
            mu *= MU_GROW
    return cost, mu, taken
