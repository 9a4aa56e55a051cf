"""Every single-qubit operator of Clifford+T, counted by T gates.

Up to phase such an operator is, in one way only, ``R(P1) R(P2) … R(Pk) C`` with ``R(P) = exp(-i pi/8 P)``, Paulis of
which no two neighbours are equal, and ``C`` one of 24 Cliffords; ``k`` is its T count.  There are ``24 * 3 * 2^(k-1)``
with ``k`` T, and they make ``12 * 2^(k-1)`` states of ``|0>``.

A unitary up to sign is a quaternion ``(a, b, c, d)``, meaning ``a - i (b X + c Y + d Z)``.

Reference: Gosset, Kliuchnikov, Mosca & Russo, arXiv:1308.4134; Matsumoto & Amano, arXiv:0806.3834.
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, log2, pi, sin, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.single_qubit import Matrix

Quaternions = NDArray[np.float64]  # (operators, 4)

EIGHTH = np.array([[cos(pi / 8), *(sin(pi / 8) * np.eye(3)[p])] for p in range(3)])
"""``R(P)`` for X, Y, Z; (3, 4)."""


class Products(NamedTuple):
    """Products ``R(P1) … R(Pk)`` of one length.

    ``codes`` writes the Paulis as digits to base 3, the first one most significant; both have k digits' length.
    """

    quaternions: Quaternions
    codes: NDArray[np.int64]


def multiply(a: Quaternions, b: Quaternions) -> Quaternions:
    """Return the products ``a b`` of quaternions (..., 4), broadcast against each other."""
    a0, a1, a2, a3 = _components(a)
    b0, b1, b2, b3 = _components(b)
    parts = np.stack(
        [
            a0 * b0 - a1 * b1 - a2 * b2 - a3 * b3,
            a0 * b1 + a1 * b0 + a2 * b3 - a3 * b2,
            a0 * b2 - a1 * b3 + a2 * b0 + a3 * b1,
            a0 * b3 + a1 * b2 - a2 * b1 + a3 * b0,
        ],
        axis=-1,
    )
    return np.asarray(parts)


def conjugate(a: Quaternions) -> Quaternions:
    """Return the inverses of unit quaternions (..., 4)."""
    return np.asarray(a * np.array([1.0, -1.0, -1.0, -1.0]))


def quaternion(matrix: Matrix) -> NDArray[np.float64]:
    """Return the quaternion (4,) of a 2x2 unitary; its sign is arbitrary."""
    root = (matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
    m0, m1, m2, m3 = (entry / root for entry in matrix)
    parts = [(m0 + m3).real, -(m1 + m2).imag, (m2 - m1).real, (m3 - m0).imag]
    return np.asarray(np.array(parts) / np.linalg.norm(parts))


def matrix_of(q: NDArray[np.float64]) -> Matrix:
    """Return the 2x2 matrix of a quaternion (4,)."""
    a, b, c, d = (float(part) for part in q)
    return complex(a, -d), complex(-c, -b), complex(c, -b), complex(a, d)


def bloch(q: Quaternions) -> NDArray[np.float64]:
    """Return the Bloch vectors (..., 3) of ``U|0>``."""
    a, b, c, d = _components(q)
    return np.stack([2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c], axis=-1)


def rotate(q: Quaternions, vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Bloch vectors (..., 3) turned by unitaries (..., 4)."""
    w, x, y, z = _components(q)
    u, v, t = _components(vector)
    a, b, c = 2 * (y * t - z * v), 2 * (z * u - x * t), 2 * (x * v - y * u)
    turned = [u + w * a + y * c - z * b, v + w * b + z * a - x * c, t + w * c + x * b - y * a]
    return np.stack(turned, axis=-1)


def _components(array: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return views (...) along the last axis; `np.moveaxis` and `np.cross` take longer than small products do."""
    return tuple(array[..., place] for place in range(array.shape[-1]))


@lru_cache(maxsize=1)
def cliffords() -> Quaternions:
    """Return the 24 single-qubit Cliffords, (24, 4), the identity first."""
    gates = [np.array([sqrt(0.5), 0, 0, sqrt(0.5)]), np.array([0, sqrt(0.5), 0, sqrt(0.5)])]
    found = [np.array([1.0, 0, 0, 0])]
    for element in found:  # grows while it is read
        for gate in gates:
            new = multiply(gate, element)
            if not any(abs(abs(float(known @ new)) - 1) < 1e-9 for known in found):
                found.append(new)
    return np.array(found)


@lru_cache(maxsize=32)
def products(length: int) -> Products:
    """Return all ``R(P1) … R(Pk)`` of a length, extended on the right from those that are one shorter."""
    if length == 0:
        return Products(np.array([[1.0, 0, 0, 0]]), np.zeros(1, dtype=np.int64))
    shorter = products(length - 1)
    last = shorter.codes % 3 if length > 1 else np.full(1, -1)
    parts, codes = [], []
    for pauli in range(3):
        extended = last != pauli
        parts.append(multiply(shorter.quaternions[extended], EIGHTH[pauli]))
        codes.append(shorter.codes[extended] * 3 + pauli)
    return Products(np.concatenate(parts), np.concatenate(codes))


def paulis_of(code: int, length: int) -> tuple[int, ...]:
    """Return the Paulis of a code, X as 0, Y as 1, Z as 2, the leftmost factor first."""
    return tuple(code // 3**place % 3 for place in range(length - 1, -1, -1))


def t_estimate(leaves: bool, infidelity: float) -> float:
    """Return how many T a generic gate takes, from how densely Clifford+T operators lie."""
    if leaves:  # 12 * 2^k states on a sphere
        return max(1.0, log2(1 / (24 * infidelity)))
    return max(2.0, 1.5 * log2(1 / (2 * infidelity)) - 4.9)  # 72 * 2^k operators in SU(2) / +-1
