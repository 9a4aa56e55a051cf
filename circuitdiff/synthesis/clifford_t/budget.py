"""An error budget and what has been spent of it.

The tolerance bounds ``1 - |tr(U†V)| / d``.  The arc cosine of the overlap ``|tr(U†V)| / d`` is a metric, and one gate
that is off by an angle ``delta`` moves a circuit by that: `AngleBudget` adds up angles, which bounds the infidelity of
any circuit, ``1 - cos(delta_1 + delta_2 + …)``.  Errors in random directions add up in infidelity, ``delta^2 / 2``,
not in angle.  So where registers are small enough `TraceBudget` simulates: it knows what each gate has really cost,
the next ones can spend what is left, and each is aimed at what undoes most of the error made before it.

An infidelity of ``tol`` is an average gate infidelity of ``(1 - (1 - tol)^2) d / (d + 1)``, about ``2 tol``, and the
diamond norm of the difference is at most ``2 sqrt(2 d tol)``.  It is ``2 sin(delta)`` for one qubit.
"""

from __future__ import annotations

from math import acos, cos, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import apply_gate
from circuitdiff.circuits.single_qubit import IDENTITY, Matrix


class AngleBudget:
    """Angles that add up, whatever the circuit."""

    doublings = 2.0
    """Factors of two in infidelity that are one in what is spent."""

    def __init__(self, tol: float) -> None:
        self.total = acos(1 - tol) if tol > 1e-12 else sqrt(2 * tol)
        self.spent = 0.0

    @property
    def infidelity(self) -> float:
        """A bound on the infidelity of all gates so far."""
        return 1 - cos(min(self.spent, pi / 2))

    def enter(self, qubit: int, exact: Matrix) -> None:
        """Come to a gate; ``exact`` is what the circuit has there."""

    def aim(self, wanted: Matrix) -> Matrix:
        """Return what is best put in the place of ``exact``."""
        return wanted

    def after(self, step: Matrix, infidelity: float) -> float:
        """Return what would be spent once ``step``, off by an infidelity, stands in the place of ``exact``."""
        return self.spent + (acos(1 - infidelity) if infidelity > 1e-12 else sqrt(2 * infidelity))

    def take(self, step: Matrix, infidelity: float) -> None:
        """Put ``step`` in the place of ``exact``."""
        self.spent = self.after(step, infidelity)

    def cz(self, a: int, b: int) -> None:
        """Pass a CZ."""


class TraceBudget:
    """Infidelity as it is over (d, k) states, from what was wanted of them so far and what was made of them."""

    doublings = 1.0

    def __init__(self, tol: float, start: NDArray[np.complex128]) -> None:
        self.total = tol
        self.spent: float = 0.0
        self.wanted, self.made = start, start
        self.qubit, self.environment = 0, np.eye(2, dtype=np.complex128)

    @property
    def infidelity(self) -> float:
        """The infidelity of all gates so far."""
        return self.spent

    def enter(self, qubit: int, exact: Matrix) -> None:
        """Come to a gate and gather what the overlap is for any 2x2 matrix in its place."""
        self.qubit, self.wanted = qubit, _apply(exact, qubit, self.wanted)
        shape = (-1, 2, (1 << qubit) * self.made.shape[1])
        self.environment = np.einsum("aib,ajb->ij", self.wanted.conj().reshape(shape), self.made.reshape(shape))

    def aim(self, wanted: Matrix) -> Matrix:
        """Return the unitary of the largest overlap."""
        left, _, right = np.linalg.svd(self.environment.conj())
        best = (left @ right).ravel()
        return complex(best[0]), complex(best[1]), complex(best[2]), complex(best[3])

    def after(self, step: Matrix, infidelity: float) -> float:
        """Return the infidelity with ``step`` in place."""
        overlap = float(abs(np.sum(self.environment * np.reshape(step, (2, 2)))))
        return float(max(0.0, 1 - overlap / self.made.shape[1]))

    def take(self, step: Matrix, infidelity: float) -> None:
        """Put ``step`` in the place of ``exact``."""
        self.spent = self.after(step, infidelity)
        self.made = _apply(step, self.qubit, self.made)

    def cz(self, a: int, b: int) -> None:
        """Pass a CZ."""
        self.wanted, self.made = (apply_gate("cz", (a, b), (), matrix) for matrix in (self.wanted, self.made))


Budget = AngleBudget | TraceBudget


def _apply(gate: Matrix, qubit: int, matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return ``gate @ matrix`` for a 2x2 gate on one qubit of (d, k) states."""
    if gate == IDENTITY:
        return matrix
    split = matrix.reshape(-1, 2, (1 << qubit) * matrix.shape[1])
    return np.asarray(np.einsum("ij,ajb->aib", np.reshape(gate, (2, 2)), split)).reshape(matrix.shape)
