"""Recognising Clifford unitaries and unitaries that are diagonal up to single-qubit gates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.pauli import Pauli, apply_pauli, pauli_phases

CLIFFORD_TOL = 1e-7
"""Largest deviation of a matrix entry from what is recognised."""


@dataclass(frozen=True)
class Tableau:
    """The images ``U X_q U^dagger`` and ``U Z_q U^dagger`` of a Clifford ``U``, each a Pauli string and a sign ±1."""

    x_images: tuple[tuple[Pauli, int], ...]
    z_images: tuple[tuple[Pauli, int], ...]

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        return len(self.x_images)


def clifford_tableau(U: NDArray[np.complex128], tol: float = CLIFFORD_TOL) -> Tableau | None:
    """Return the tableau of a (d, d) unitary, or None when it is not a Clifford."""
    n = U.shape[0].bit_length() - 1
    images: list[tuple[Pauli, int]] = []
    for pauli in [Pauli(1 << q, 0) for q in range(n)] + [Pauli(0, 1 << q) for q in range(n)]:
        found = as_pauli(U @ apply_pauli(pauli, U.conj().T), tol)
        if found is None:
            return None
        images.append(found)
    return Tableau(tuple(images[:n]), tuple(images[n:]))


def is_clifford(U: NDArray[np.complex128], tol: float = CLIFFORD_TOL) -> bool:
    """Tell whether a unitary maps every Pauli string to a Pauli string up to sign."""
    return clifford_tableau(U, tol) is not None


def as_pauli(matrix: NDArray[np.complex128], tol: float = CLIFFORD_TOL) -> tuple[Pauli, int] | None:
    """Return the Pauli string and sign that a Hermitian (d, d) matrix is, or None."""
    n = matrix.shape[0].bit_length() - 1
    x = int(np.argmax(abs(matrix[0])))
    rows = np.arange(1 << n)
    entries = matrix[rows, rows ^ x]
    if abs(entries[0]) < 0.5:
        return None
    z = sum(1 << q for q in range(n) if (entries[1 << q] / entries[0]).real < 0)
    pauli = Pauli(x, z)
    phases = pauli_phases(pauli, n)
    sign = 1 if (entries[0] / phases[0]).real > 0 else -1
    expected = np.zeros_like(matrix)
    expected[rows, rows ^ x] = sign * phases
    return (pauli, sign) if np.abs(matrix - expected).max() < tol else None


@dataclass(frozen=True)
class LocalDiagonal:
    """``U = (out_0 x out_1 ..) . diag(phases) . (in_0 x in_1 ..)``; ``outer`` and ``inner`` hold (2, 2) unitaries."""

    outer: tuple[NDArray[np.complex128], ...]
    phases: NDArray[np.float64]  # (d,) radians
    inner: tuple[NDArray[np.complex128], ...]


def local_diagonal_form(U: NDArray[np.complex128], tol: float = CLIFFORD_TOL) -> LocalDiagonal | None:
    """Write a unitary as single-qubit gates around a diagonal one, or return None.

    That is possible when every qubit has an axis ``v`` whose Pauli operator ``v.sigma`` the unitary maps to some
    ``u.sigma`` on the same qubit: the 3x3 block of its Pauli transfer matrix has a singular value one.
    """
    n = U.shape[0].bit_length() - 1
    outer, inner = [], []
    for q in range(n):
        left, values, right = np.linalg.svd(_transfer_block(U, q))
        if values[0] < 1 - tol:
            return None
        outer.append(_frame(left[:, 0]))
        inner.append(_frame(right[0]).conj().T)
    middle = _product(outer).conj().T @ U @ _product(inner).conj().T
    if np.abs(middle - np.diag(np.diag(middle))).max() > tol:
        return None
    return LocalDiagonal(tuple(outer), np.angle(np.diag(middle)), tuple(inner))


def walsh_angles(phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angles (d,) of ``diag(e^{i phases})`` as a product of ``exp(-i angle_m/2 Z^m)``, m a qubit mask.

    Each angle lies in (-pi, pi] up to a shift of single phases by 2 pi; entry 0 is the global phase times -2.
    """
    d = len(phases)
    angles = np.array(phases, dtype=np.float64).reshape((2,) * (d.bit_length() - 1))
    for axis in range(angles.ndim):
        low, high = np.take(angles, 0, axis), np.take(angles, 1, axis)
        angles = np.stack([low + high, low - high], axis)
    return np.asarray(angles.ravel() * (-2.0 / d))


_LETTERS = (Pauli(1, 0), Pauli(1, 1), Pauli(0, 1))


def _transfer_block(U: NDArray[np.complex128], qubit: int) -> NDArray[np.float64]:
    """Return ``tr(P_i U P_j U^dagger) / d`` for the X, Y, Z of one qubit: (3, 3)."""
    placed = [Pauli(p.x << qubit, p.z << qubit) for p in _LETTERS]
    images = [U @ apply_pauli(p, U.conj().T) for p in placed]
    block = [[np.trace(apply_pauli(p, image)).real for image in images] for p in placed]
    return np.asarray(np.array(block) / U.shape[0])


def _frame(axis: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Return a (2, 2) unitary ``R`` with ``R Z R^dagger = axis . sigma``, near-Pauli axes giving Clifford gates."""
    x, y, z = axis / np.linalg.norm(axis)
    if z < 0:  # from the opposite axis: 1 + z has no digits left near -Z
        return _frame(-axis)[:, ::-1]
    half = np.sqrt((1 + z) / 2)
    low = (x + 1j * y) / (2 * half)
    return np.array([[half, -np.conj(low)], [low, half]], dtype=np.complex128)


def _product(matrices: list[NDArray[np.complex128]]) -> NDArray[np.complex128]:
    total: NDArray[np.complex128] = np.ones((1, 1), dtype=np.complex128)
    for matrix in matrices:
        total = np.asarray(np.kron(matrix, total))
    return total
