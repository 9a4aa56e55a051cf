"""Schmidt-rank vectors: which qubits of a pure state are entangled with the rest (arXiv 1805.06421, 2311.02041)."""

from __future__ import annotations

import torch
from torch import Tensor

RANK_TOL = 1e-6
"""Determinant of a reduced density matrix up to which its qubit counts as separable; rounding stays under it."""


def schmidt_rank_vectors(states: Tensor) -> Tensor:
    """Return the rank of every qubit's reduced density matrix, 1 where it is separable and 2 where it is not.

    Args:
        states: (batch, 2^n) complex, normalised, qubit 0 least significant.

    Returns:
        (batch, n) int64, entry q for qubit q.
    """
    batch, size = states.shape
    ranks = []
    for q in range(size.bit_length() - 1):
        halves = states.reshape(batch, -1, 2, 2**q)
        zero, one = halves[:, :, 0].flatten(1), halves[:, :, 1].flatten(1)
        overlap = (zero.conj() * one).sum(1).abs()
        determinant = zero.abs().square().sum(1) * one.abs().square().sum(1) - overlap.square()
        ranks.append(1 + (determinant > RANK_TOL).long())
    return torch.stack(ranks, dim=1)


def possible_ranks(ranks: tuple[int, ...]) -> bool:
    """Return whether some state has these Schmidt ranks: a qubit cannot be entangled with nothing but itself."""
    return set(ranks) <= {1, 2} and ranks.count(2) != 1
