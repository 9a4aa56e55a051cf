"""Tensor factors of a unitary: idle qubits, and groups of qubits that nothing entangles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.features.lower_bounds import cut_matrix, cuts, schmidt_values

Factor = tuple[tuple[int, ...], NDArray[np.complex128]]

SEPARABLE_TOL = 1e-7
"""Second Schmidt coefficient below which a cut is a tensor product: factoring then costs 1e-14 infidelity."""


def separable_factors(U: NDArray[np.complex128], tol: float = SEPARABLE_TOL) -> list[Factor]:
    """Split a unitary, or its first ``2^m`` columns, into the smallest tensor factors on disjoint groups of qubits.

    Returns:
        ``(qubits, unitary or columns)`` by lowest qubit; qubits ascend, the first is the least significant of its
        factor, and the product of all factors is ``U``, global phase included.
    """
    n = U.shape[0].bit_length() - 1
    free = [set(cut) for cut in cuts(n) if np.all(schmidt_values(U, cut)[1:] < tol)]
    factors: list[Factor] = []
    left, rest = tuple(range(n)), U
    while left:
        group = tuple(q for q in left if all((q in cut) == (left[0] in cut) for cut in free))
        if len(group) == len(left):
            return [*factors, (left, rest)]
        inside, rest = _split(rest, [left.index(q) for q in group])
        factors.append((group, inside))
        left = tuple(q for q in left if q not in group)
    return factors


def combine_factors(factors: Sequence[Factor]) -> NDArray[np.complex128]:
    """Return the unitary of tensor factors on disjoint groups that together are qubits 0..n-1."""
    order: list[int] = []
    product: NDArray[np.complex128] = np.ones((1, 1), dtype=np.complex128)
    for qubits, matrix in factors:
        product = np.asarray(np.kron(matrix, product))
        order += qubits
    n = len(order)
    axes = [n - 1 - order.index(q) for q in reversed(range(n))]
    return product.reshape((2,) * (2 * n)).transpose([*axes, *(n + a for a in axes)]).reshape(1 << n, 1 << n)


def _split(U: NDArray[np.complex128], subset: Sequence[int]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Split a tensor product into the nearest unitaries on ``subset`` and on the rest."""
    matrix = cut_matrix(U, subset)
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    shapes = (1 << len(subset), -1), (U.shape[0] >> len(subset), -1)
    inside, outside = (
        _nearest_unitary(v.reshape(shape)) for v, shape in zip((left[:, 0], right[0]), shapes, strict=True)
    )
    phase = np.vdot(np.outer(inside.ravel(), outside.ravel()), matrix)
    return inside * (phase / abs(phase)), outside


def _nearest_unitary(matrix: NDArray[np.complex128]) -> NDArray[np.complex128]:
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return np.asarray(left @ right)
