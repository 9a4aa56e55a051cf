"""Pauli strings as pairs of bit masks.

A string on ``n`` qubits is ``(x, z)``: bit ``q`` of ``x`` says that X acts on qubit ``q``, bit ``q`` of ``z``
that Z does, both together that Y does.  As a Hermitian matrix it is ``i^|x&z| X^x Z^z``, so
``P|s> = i^|x&z| (-1)^(z.s) |s ^ x>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PAULI_MATRICES: Mapping[str, NDArray[np.complex128]] = MappingProxyType(
    {
        "I": np.array([[1, 0], [0, 1]], dtype=np.complex128),
        "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
        "Y": np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
        "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
    }
)
"""The Pauli matrices on one qubit by their letters."""


class Pauli(NamedTuple):
    """A Hermitian Pauli string without sign; qubit ``q`` is bit ``q`` of both masks."""

    x: int
    z: int

    def commutes(self, other: Pauli) -> bool:
        """Tell whether two strings commute."""
        return ((self.x & other.z).bit_count() + (self.z & other.x).bit_count()) % 2 == 0


def parse_pauli(text: str, qubits: tuple[int, ...]) -> Pauli:
    """Place a word such as ``"ZX"`` (character ``i`` acts on ``qubits[i]``) on a register."""
    x = sum(1 << q for letter, q in zip(text, qubits, strict=True) if letter in "XY")
    z = sum(1 << q for letter, q in zip(text, qubits, strict=True) if letter in "ZY")
    return Pauli(x, z)


def multiply(p: Pauli, q: Pauli) -> tuple[int, Pauli]:
    """Return ``(k, r)`` with ``P Q = i^k R``."""
    r = Pauli(p.x ^ q.x, p.z ^ q.z)
    power = (p.x & p.z).bit_count() + (q.x & q.z).bit_count() - (r.x & r.z).bit_count()
    return (power + 2 * (p.z & q.x).bit_count()) % 4, r


def parity(values: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """Return the number of set bits modulo two, elementwise (values below 2^16)."""
    bits = np.array(values, dtype=np.int64)
    for shift in (8, 4, 2, 1):
        bits = bits ^ (bits >> shift)
    return bits & 1


def pauli_phases(p: Pauli, num_qubits: int) -> NDArray[np.complex128]:
    """Return ``P[s, s ^ x]`` for every row ``s``: shape (2^n,), values in {1, -1, i, -i}."""
    rows = np.arange(1 << num_qubits)
    return np.asarray(1j ** ((p.x & p.z).bit_count() % 4) * (1 - 2 * parity((rows ^ p.x) & p.z)))


def apply_pauli(p: Pauli, matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return ``P @ matrix`` for a matrix with ``2^n`` rows, without building ``P``."""
    rows = np.arange(matrix.shape[0])
    phases = pauli_phases(p, matrix.shape[0].bit_length() - 1)
    return np.asarray(phases[:, None] * matrix[rows ^ p.x])


def apply_rotation(p: Pauli, angle: float, matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return ``exp(-i angle/2 P) @ matrix``; the angle is in radians."""
    return np.asarray(np.cos(angle / 2) * matrix - 1j * np.sin(angle / 2) * apply_pauli(p, matrix))
