"""An error budget and what has been spent of it.

The tolerance bounds ``1 - |tr(U†V)| / d``.  The arc cosine of the overlap ``|tr(U†V)| / d`` is a metric, and one gate
that is off by an angle ``delta`` moves a circuit by that: `AngleBudget` adds up angles, which bounds the infidelity of
any circuit, ``1 - cos(delta_1 + delta_2 + …)``.  Errors in random directions add up in infidelity, ``delta^2 / 2``,
not in angle.  So where matrices are small enough `TraceBudget` multiplies them out: it knows what each gate has really
cost, the next ones can spend what is left, and each is aimed at what undoes most of the error made before it.

An infidelity of ``tol`` is an average gate infidelity of ``(1 - (1 - tol)^2) d / (d + 1)``, about ``2 tol``, and the
diamond distance to the target is at most ``2 d sqrt(2 tol)``.  It is ``2 sin(delta)`` for one qubit.
"""

from __future__ import annotations

from math import acos, sqrt

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import apply_gate
from circuitdiff.circuits.single_qubit import IDENTITY, Matrix

MEASURED_QUBITS = 7
"""Largest register of which the matrices are multiplied out."""


class AngleBudget:
    """Angles that add up, whatever the circuit."""

    doublings = 2.0
    """Factors of two in infidelity that are one in what is spent."""

    def __init__(self, tol: float) -> None:
        self.total = acos(1 - tol) if tol > 1e-12 else sqrt(2 * tol)
        self.spent = 0.0

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
    """Infidelity as it is, from the (d, d) matrices of what was wanted so far and what was made; see `AngleBudget`."""

    doublings = 1.0

    def __init__(self, tol: float, num_qubits: int) -> None:
        self.total, self.spent = tol, 0.0
        self.wanted = np.eye(1 << num_qubits, dtype=np.complex128)
        self.made = self.wanted.copy()
        self.qubit, self.environment = 0, np.eye(2, dtype=np.complex128)

    def enter(self, qubit: int, exact: Matrix) -> None:
        """Come to a gate and gather what the overlap is for any 2x2 matrix in its place."""
        self.qubit, self.wanted = qubit, _apply(exact, qubit, self.wanted)
        shape = (-1, 2, (1 << qubit) * len(self.made))
        self.environment = np.einsum("aib,ajb->ij", self.wanted.conj().reshape(shape), self.made.reshape(shape))

    def aim(self, wanted: Matrix) -> Matrix:
        """Return the unitary of the largest overlap."""
        left, _, right = np.linalg.svd(self.environment.conj())
        best = (left @ right).ravel()
        return complex(best[0]), complex(best[1]), complex(best[2]), complex(best[3])

    def after(self, step: Matrix, infidelity: float) -> float:
        """Return the infidelity with ``step`` in place."""
        overlap = abs(complex(np.sum(self.environment * np.reshape(step, (2, 2)))))
        return max(0.0, 1 - overlap / len(self.made))

    def take(self, step: Matrix, infidelity: float) -> None:
        """Put ``step`` in the place of ``exact``."""
        self.spent = self.after(step, infidelity)
        self.made = _apply(step, self.qubit, self.made)

    def cz(self, a: int, b: int) -> None:
        """Pass a CZ."""
        self.wanted, self.made = (apply_gate("cz", (a, b), (), matrix) for matrix in (self.wanted, self.made))


Budget = AngleBudget | TraceBudget


def budget_for(tol: float, num_qubits: int, measured: bool = True) -> Budget:
    """Return the budget that suits a register."""
    return TraceBudget(tol, num_qubits) if measured and num_qubits <= MEASURED_QUBITS else AngleBudget(tol)


def _apply(gate: Matrix, qubit: int, matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return ``gate @ matrix`` for a 2x2 gate on one qubit of a (d, d) matrix."""
    if gate == IDENTITY:
        return matrix
    split = matrix.reshape(-1, 2, (1 << qubit) * matrix.shape[1])
    return np.asarray(np.einsum("ij,ajb->aib", np.reshape(gate, (2, 2)), split)).reshape(matrix.shape)
