"""What a state shows up to gates on single qubits: Schmidt spectra of its cuts, and invariants of pairs of qubits.

Circuits of dressed entanglers end with a free gate on every qubit, so that nothing else of a state matters for their
structure. Invariants of a pair are made of its one- and two-qubit Pauli expectation values.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product

import numpy as np
import torch
from torch import Tensor

from circuitdiff.circuits.pauli import PAULI_MATRICES
from circuitdiff.features.invariants import leg_spectra

SPECTRUM_FLOOR = 1e-6
"""Squared Schmidt coefficient below which nothing is told apart."""

PAIR_INVARIANTS = 9


@lru_cache
def cut_sides(num_qubits: int) -> tuple[tuple[int, ...], ...]:
    """Return the smaller side of every cut of a register, by size, then lexicographic; of halves that with qubit 0."""
    smaller = [side for size in range(1, (num_qubits + 1) // 2) for side in combinations(range(num_qubits), size)]
    halves = combinations(range(1, num_qubits), num_qubits // 2 - 1) if num_qubits % 2 == 0 else ()
    return (*smaller, *((0, *rest) for rest in halves))


def membership(num_qubits: int) -> Tensor:
    """Return (sides, qubits) bool: which qubits are on each of the `cut_sides`."""
    return torch.tensor([[qubit in side for qubit in range(num_qubits)] for side in cut_sides(num_qubits)])


def sides_within(registers: Tensor, num_qubits: int) -> Tensor:
    """Return (batch, sides) bool: the `cut_sides` of a register that are within the first `registers` (batch,) qubits.

    The others show nothing of a state that leaves its last qubits in zero.
    """
    highest = torch.tensor([max(side) for side in cut_sides(num_qubits)], device=registers.device)
    return highest < registers[:, None]


def num_features(num_qubits: int) -> int:
    """Return how many features each side has."""
    return 2 * (1 << num_qubits // 2) + PAIR_INVARIANTS


def state_features(states: Tensor) -> Tensor:
    """Return what is shown of each of the `cut_sides`.

    Args:
        states: (batch, 2^n) complex, of norm one, qubit 0 least significant.

    Returns:
        (batch, sides, features) float32 of order one: the spectrum and its logarithms, and on sides of two qubits the
        invariants of the pair.
    """
    n = states.shape[1].bit_length() - 1
    # Axis i of the reshaped state is qubit n-1-i.
    tensor = states.reshape([len(states)] + [2] * n).permute([0, *range(n, 0, -1)])
    spectra = leg_spectra(tensor, cut_sides(n), 1 << n // 2)
    pairs = torch.zeros(*spectra.shape[:2], PAIR_INVARIANTS, dtype=spectra.dtype, device=states.device)
    for place, side in enumerate(cut_sides(n)):
        if len(side) == 2:
            pairs[:, place] = _pair_invariants(pauli_expectations(tensor, side))
    logs = spectra.clamp_min(SPECTRUM_FLOOR).log()
    return torch.cat((4 * spectra, 0.3 * logs, 2 * pairs), dim=-1).float()


def pauli_expectations(tensor: Tensor, pair: tuple[int, ...]) -> Tensor:
    """Return the expectation values of P x Q on two qubits, in the order I, X, Y, Z.

    Args:
        tensor: (batch, 2, ..., 2) complex, axis 1 + q of qubit q.
        pair: the two qubits.

    Returns:
        (batch, 4, 4) real.
    """
    rest = [leg for leg in range(tensor.dim() - 1) if leg not in pair]
    matrix = tensor.permute([0, *(1 + leg for leg in (*pair, *rest))]).reshape(len(tensor), 4, -1)
    reduced = matrix @ matrix.mH
    paulis = _pauli_pairs(tensor.dtype, tensor.device)
    return torch.einsum("pij,bji->bp", paulis, reduced).real.reshape(-1, 4, 4)


def _pair_invariants(values: Tensor) -> Tensor:
    """Return polynomials of expectation values (batch, 4, 4) that rotations of either qubit leave as they are."""
    a, b, t = values[:, 1:, 0, None], values[:, 0, 1:, None], values[:, 1:, 1:]
    connected = t - a @ b.mT
    gram = t @ t.mT
    lengths = (a**2).sum((1, 2)), (b**2).sum((1, 2))
    return torch.stack(
        (
            lengths[0] + lengths[1],
            lengths[0] * lengths[1],
            (t**2).sum((1, 2)),
            (gram**2).sum((1, 2)),
            torch.linalg.det(t),
            (a.mT @ t @ b)[:, 0, 0],
            ((t @ b) ** 2).sum((1, 2)) + ((t.mT @ a) ** 2).sum((1, 2)),
            (connected**2).sum((1, 2)),
            torch.linalg.det(connected),
        ),
        dim=1,
    )


@lru_cache
def _pauli_pairs(dtype: torch.dtype, device: torch.device) -> Tensor:
    pairs = [np.kron(p, q) for p, q in product(PAULI_MATRICES.values(), repeat=2)]
    return torch.from_numpy(np.stack(pairs)).to(device, dtype)
