"""Numbers that gates on single qubits leave as they are: unitaries that differ in those alone have the same ones."""

from __future__ import annotations

from functools import cache
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.pauli import apply_pauli, parse_pauli

AT_A_TIME = 256
"""Unitaries whose images are held at once."""


def local_invariants(unitaries: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return invariants of unitaries under single-qubit gates before and after them.

    The image ``U P_i U^dagger`` of the three Paulis on a qubit is split by the support S of its terms into real
    matrices M_S of three rows. Gates on single qubits turn their rows together, and the columns of each, so that
    ``tr M_S M_S^T M_T M_T^T`` stays.

    Args:
        unitaries: (batch, d, d), d = 2^n.

    Returns:
        (batch, 2, n, 2^n, 2^n): for U and its inverse, by qubit, by the supports S and T as bit masks, symmetric.
    """
    parts = [unitaries[start : start + AT_A_TIME] for start in range(0, len(unitaries), AT_A_TIME)]
    return np.concatenate([_invariants(part) for part in parts])


def relabelled(invariants: NDArray[np.float64], order: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the invariants (batch, 2, n, 2^n, 2^n) with qubit ``order[k]`` in the place of qubit ``k``."""
    masks = _moved_masks(order)
    return invariants[:, :, list(order)][:, :, :, masks][:, :, :, :, masks]


@cache
def orders(num_qubits: int) -> tuple[tuple[int, ...], ...]:
    """Return all orders of some qubits."""
    return tuple(permutations(range(num_qubits)))


@cache
def _moved_masks(order: tuple[int, ...]) -> list[int]:
    return [sum(1 << qubit for k, qubit in enumerate(order) if mask >> k & 1) for mask in range(1 << len(order))]


def _invariants(unitaries: NDArray[np.complex128]) -> NDArray[np.float64]:
    batch, d, _ = unitaries.shape
    n = d.bit_length() - 1
    strings, supports = _pauli_strings(n)
    singles = strings[[letter * 4**q for q in range(n) for letter in (1, 2, 3)]]
    sides = np.stack([unitaries, unitaries.conj().transpose(0, 2, 1)], axis=1)[:, :, None]
    moved = sides @ singles @ sides.conj().swapaxes(-1, -2)
    images = (moved.reshape(batch, 2, 3 * n, d * d) @ strings.conj().reshape(-1, d * d).T).real / d
    by_qubit = images.reshape(batch, 2, n, 3, -1)
    grams = np.stack(
        [(part := by_qubit[..., supports == mask]) @ part.swapaxes(-1, -2) for mask in range(1 << n)], axis=3
    ).reshape(batch, 2, n, 1 << n, 9)
    return np.asarray(grams @ grams.swapaxes(-1, -2))


@cache
def _pauli_strings(n: int) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
    """Return (4^n, d, d) Pauli strings, the digit of weight 4^q for qubit q, and their supports as bit masks."""
    eye, qubits = np.eye(1 << n, dtype=np.complex128), tuple(reversed(range(n)))
    paulis = [parse_pauli("".join(letters), qubits) for letters in product("IXYZ", repeat=n)]
    return np.stack([apply_pauli(pauli, eye) for pauli in paulis]), np.array([pauli.x | pauli.z for pauli in paulis])
