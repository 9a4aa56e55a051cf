"""Entanglement of an operator: minus the logarithm of its purity across cuts of the register.

An operator on ``n`` qubits is a state of its ``2n`` legs. Across a cut ``S`` its purity is the sum of squares of the
entries of its Pauli transfer matrix whose Paulis lie in ``S`` on both sides, over the dimension of those legs. It is 1
where the operator is a product across the cut. A state is an operator without input legs, an isometry one with fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.pauli import parity

Qubits = tuple[int, ...]

LARGEST_SIDE = 2
"""Qubits on the smaller side of the cuts that are looked at."""


@dataclass(frozen=True)
class TransferRows:
    """Rows of a Pauli transfer matrix: the images of all Paulis on at most `LARGEST_SIDE` input qubits.

    Attributes:
        num_qubits: number of output qubits.
        num_inputs: number of input qubits, the least significant of the outputs' numbers.
        paulis: (m,) int64 indices ``x << n | z`` of the input Paulis, the identity first.
        rows: (m, 4^n) float64; entry ``[j, x << n | z]`` is ``tr(P U Q_j U^dagger) / tr(U^dagger U)``.
    """

    num_qubits: int
    num_inputs: int
    paulis: NDArray[np.int64]
    rows: NDArray[np.float64]

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Where the image of a Pauli index is among the rows, -1 where it is not."""
        place = np.full(4**self.num_qubits, -1)
        place[self.paulis] = np.arange(len(self.paulis))
        return place

    def purity(self, cut: Qubits) -> float:
        """Return the purity across a cut of at most `LARGEST_SIDE` qubits."""
        inside = self.rows[np.ix_(self.inputs(cut), paulis_on(cut, self.num_qubits))]
        return float((inside**2).sum() / self.dimension(cut))

    def inputs(self, cut: Qubits) -> NDArray[np.int64]:
        """Return the rows that belong to Paulis on the input qubits of a cut."""
        return self.place[paulis_on(tuple(q for q in cut if q < self.num_inputs), self.num_qubits)]

    def dimension(self, cut: Qubits) -> int:
        """Return the dimension of the legs of a cut."""
        return int(2 ** (len(cut) + sum(q < self.num_inputs for q in cut)))


def transfer_rows(operator: NDArray[np.complex128]) -> TransferRows:
    """Return the images under ``U . U^dagger`` of (2^n, 2^m) ``U``, a multiple of an isometry."""
    d, columns = operator.shape
    n, m = d.bit_length() - 1, columns.bit_length() - 1
    sides = (side for size in range(min(LARGEST_SIDE, m) + 1) for side in combinations(range(m), size))
    indices = np.unique(np.concatenate([paulis_on(side, n) for side in sides]))
    return TransferRows(n, m, indices, _images(operator, indices))


def _images(operator: NDArray[np.complex128], indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ``tr(P U Q U^dagger) / tr(U^dagger U)`` for Paulis ``Q`` of some indices, the identity first."""
    d, columns = operator.shape
    n = d.bit_length() - 1
    x, z = indices >> n, indices & (d - 1)
    state = np.arange(columns)
    phases = 1j ** (_ones(x & z) % 4)[:, None] * (1 - 2 * parity(z[:, None] & state))  # Q|s> = phase |s ^ x>
    turned = operator[:, state[None] ^ x[:, None]] * phases  # (d, m, columns): U Q by columns
    images = np.matmul(turned.transpose(1, 0, 2), operator.conj().T)
    return np.asarray(_coordinates(images) / np.trace(images[0]).real)


def pauli_transfer(operator: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the Pauli transfer matrix (4^n, 4^n) of a (d, d) unitary; row Q holds the coordinates of its image."""
    return _images(operator, np.arange(operator.size))


def entanglement(rows: TransferRows) -> float:
    """Return the sum of minus the logarithms of the purities across all cuts, each counted once."""
    return float(-sum(np.log(rows.purity(cut)) for cut in small_cuts(rows.num_qubits)))


@cache
def small_cuts(num_qubits: int) -> tuple[Qubits, ...]:
    """Return the smaller sides of all cuts, up to `LARGEST_SIDE` qubits, each cut once."""
    found: list[Qubits] = []
    for size in range(1, min(LARGEST_SIDE, num_qubits // 2) + 1):
        sides = combinations(range(num_qubits), size)
        found += [side for side in sides if 2 * size < num_qubits or 0 in side]
    return tuple(found)


@cache
def paulis_on(qubits: Qubits, num_qubits: int) -> NDArray[np.int64]:
    """Return the indices ``x << n | z`` of the 4^k Paulis on some qubits, those of ``qubits[0]`` least significant.

    The order is that of the Paulis' indices on a register of those qubits alone.
    """
    k = len(qubits)
    local = np.arange(4**k)
    x = sum((((local >> k) >> i & 1) << q for i, q in enumerate(qubits)), np.zeros(4**k, dtype=np.int64))
    z = sum(((local >> i & 1) << q for i, q in enumerate(qubits)), np.zeros(4**k, dtype=np.int64))
    return np.asarray(x << num_qubits | z)


def quadratic_form(rows: TransferRows, cut: Qubits, turned: Sequence[int]) -> NDArray[np.float64]:
    """Return how the purity across a cut depends on a gate on some of the output qubits, of which the cut has a part.

    Returns:
        (4^k, 4^k) positive ``Q``: after a gate ``W`` on the ``turned`` qubits the purity is the sum of
        ``v^T Q v`` over the Paulis on the part, ``v`` being the coordinates of ``W^dagger P W``.
    """
    n = rows.num_qubits
    others = tuple(q for q in cut if q not in turned)
    columns = paulis_on(tuple(turned), n)[:, None] ^ paulis_on(others, n)[None]  # disjoint supports
    inside = rows.rows[rows.inputs(cut)[:, None, None], columns]  # (inputs, 4^k, others)
    flat = inside.transpose(1, 0, 2).reshape(len(columns), -1)
    return np.asarray(flat @ flat.T / rows.dimension(cut))


def _coordinates(images: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return ``tr(P H)`` (m, 4^n) of Hermitian (m, d, d) ``H``."""
    d = images.shape[1]
    t = np.arange(d)
    shifted = images[:, t[None], t[None] ^ t[:, None]]  # [x, t]: H[t, t ^ x]
    signs = (1 - 2 * parity(t[:, None] & t[None])).astype(np.float64)  # [t, z]
    # P[t ^ x, t] = i^|x&z| (-1)^(z.t), so tr(P H) = i^|x&z| sum_t (-1)^(z.t) H[t, t ^ x]
    power = _ones(t[:, None] & t[None]) % 4
    real, imaginary = shifted.real @ signs, shifted.imag @ signs
    powers_of_i = np.array([1, 1j, -1, -1j])[power]
    return np.asarray((powers_of_i.real * real - powers_of_i.imag * imaginary).reshape(len(images), -1))


def _ones(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(sum((values >> bit & 1 for bit in range(16)), np.zeros_like(values)))
