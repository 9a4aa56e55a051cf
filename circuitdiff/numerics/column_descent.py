"""Levenberg-Marquardt on the columns of a circuit that matter: states and isometries.

The residual is ``V - e^{i phi} T`` with the best common phase, ``V`` the circuit's first ``2^m`` columns; the direction
in which only the phase moves is projected out of the normal equations.  A step costs ``p^2 2^(n+m)``, not ``p^2 4^n``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

from circuitdiff.numerics.column_kernels import block_matrices, fill_jacobian, run_back, run_forward
from circuitdiff.numerics.column_program import ColumnProgram
from circuitdiff.numerics.levenberg_marquardt import MU_GROW, MU_MAX, MU_SHRINK

RANK_TOL = 1e-10
"""Eigenvalue of the Jacobian's Gram matrix, relative to the largest, up to which a direction counts as none."""


@dataclass
class _Point:
    """A program at some angles: its (d, k) columns after every block, and their derivatives on demand."""

    program: ColumnProgram
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        blocks, width = self.program.qubits.shape
        size = 1 << width
        self.matrices = np.zeros((blocks, size, size), dtype=np.complex128)
        self.rates = np.zeros((len(self.program.scale), size, size), dtype=np.complex128)
        self.states = np.empty((blocks + 1, *self.shape), dtype=np.complex128)

    def move(self, theta: NDArray[np.float64]) -> None:
        """Go to angles (p,), radians."""
        self._build(theta, with_rates=False)
        run_forward(self.matrices, self.program.qubits, self.states)

    def fill(self, theta: NDArray[np.float64], jacobian: NDArray[np.float64]) -> None:
        """Fill (2, d * k, p) at the angles where it is; see `fill_jacobian`."""
        p = self.program
        self._build(theta, with_rates=True)
        fill_jacobian(
            self.matrices, self.rates, self.states, p.slots, p.qubits, p.first, p.middle, jacobian
        )  # fmt: skip

    def _build(self, theta: NDArray[np.float64], *, with_rates: bool) -> None:
        p = self.program
        block_matrices(
            p.angles(theta), p.scale, p.slots, p.letters, p.qubits, p.first, self.matrices, self.rates, with_rates
        )


def descend_columns(
    target: NDArray[np.complex128],
    program: ColumnProgram,
    theta: NDArray[np.float64],
    mu: float,
    iterations: int,
    tol: float,
) -> tuple[float, float, int]:
    """Take at most ``iterations`` accepted or rejected steps from ``theta`` (p,), changed in place.

    Args:
        target: (d, k) complex128 orthonormal columns; the program acts on the first ``k`` basis states.
        program: what has the angles.
        theta: (p,) radians.
        mu: damping to begin with.
        iterations: the most steps.
        tol: infidelity at which to stop.

    Returns:
        ``(infidelity, mu, steps taken)``.
    """
    target = np.ascontiguousarray(target)
    d, k = target.shape
    p = len(program.order)
    point = _Point(program, (d, k))
    jacobian = np.empty((2, d * k, p))
    flat = jacobian.reshape(2 * d * k, p)
    point.move(theta)
    overlap = complex(np.vdot(target, point.states[-1]) / k)
    cost, taken, is_fresh = 1.0 - abs(overlap), 0, True
    normal, gradient = np.empty((p, p)), np.empty(p)
    trial = theta.copy()
    while p and taken < iterations and cost > tol and mu < MU_MAX:
        taken += 1
        if is_fresh:
            point.fill(theta, jacobian)
            phase = overlap / abs(overlap) if overlap else 1.0
            aim = phase * run_back(point.matrices, program.qubits, program.middle, target)
            gradient = np.concatenate((aim.real.ravel(), aim.imag.ravel())) @ flat
            slip = np.concatenate((-aim.imag.ravel(), aim.real.ravel())) @ flat
            normal = flat.T @ flat
            normal -= np.outer(slip, slip / k)
        damped = normal.copy()
        damped.flat[:: p + 1] += mu
        _, step, failed = dposv(damped.T, gradient, lower=0, overwrite_a=1)  # symmetric: its transpose costs no copy
        trial[program.order] = theta[program.order] + step
        point.move(trial)
        moved = complex(np.vdot(target, point.states[-1]) / k)
        candidate = 1.0 - abs(moved)
        is_fresh = not failed and candidate < cost
        if is_fresh:
            theta[:] = trial
            overlap, cost, mu = moved, candidate, max(mu * MU_SHRINK, 1e-14)
        else:
            mu *= MU_GROW
    return max(0.0, cost), mu, taken


def jacobian_rank(program: ColumnProgram, theta: NDArray[np.float64], rows: int, columns: int) -> int:
    """Return how many directions, phase included, a program can move its first columns in from angles ``theta`` (p,).

    At generic angles, fewer than ``2 d k - k^2`` say that it does not reach all orthonormal (d, k) columns.
    """
    point = _Point(program, (rows, columns))
    jacobian = np.empty((2, rows * columns, len(program.order)))
    point.move(theta)
    point.fill(theta, jacobian)
    flat = jacobian.reshape(2 * rows * columns, -1)
    at = point.states[program.middle].ravel()
    phase = np.concatenate((-at.imag, at.real))[:, None]
    joint = np.concatenate((flat, phase), axis=1)
    values = np.linalg.eigvalsh(joint @ joint.T)
    return int(np.sum(values > RANK_TOL * values[-1]))
