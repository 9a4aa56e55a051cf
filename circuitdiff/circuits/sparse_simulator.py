"""Batched simulation of gates whose matrices have at most two entries a row: two reads of the state a gate.

That holds for every gate of the library but ``u`` with its three angles and controlled rotations, whose angles have
period 4 pi. Up to global phase a gate of one angle is ``F0 + e^{i theta} F1``, with two projectors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import gate
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, Vocabulary
from circuitdiff.errors import InputError

_ENTRIES = 2
_TOLERANCE = 1e-12


class SparseTable(NamedTuple):
    """Every token's matrix: row s is ``sum_j (fixed[j, s] + e^{i theta} turned[j, s]) <columns[j, s]|``."""

    columns: Tensor  # (V, 2, d) int64
    fixed: Tensor  # (V, 2, d) complex
    turned: Tensor | None  # (V, 2, d) complex; None where no gate has an angle

    @property
    def dimension(self) -> int:
        """The dimension ``2^n`` of the register."""
        return self.columns.shape[-1]


def sparse_table(
    vocabulary: Vocabulary, device: torch.device | str = "cpu", dtype: torch.dtype = torch.complex64
) -> SparseTable:
    """Tabulate the matrices of every token; PAD and MASK are the identity.

    Raises:
        InputError: a gate of another form.
    """
    dimension = 1 << vocabulary.num_qubits
    columns = torch.arange(dimension).repeat(len(vocabulary), _ENTRIES, 1)
    fixed = torch.zeros(len(vocabulary), _ENTRIES, dimension, dtype=torch.complex128)
    turned = torch.zeros_like(fixed)
    fixed[:, 0] = 1
    for token, (name, qubits) in enumerate(vocabulary.placed, start=NUM_SPECIAL):
        parts = _parts(name, qubits, vocabulary.num_qubits)
        support = (abs(parts) > _TOLERANCE).any(0)  # (d, d)
        if support.sum(1).max() > _ENTRIES:
            raise InputError(f"gate {name} has more than {_ENTRIES} entries in a row")
        chosen = np.argsort(~support, axis=1, kind="stable")[:, :_ENTRIES]
        entries = torch.from_numpy(np.take_along_axis(parts, chosen[None].repeat(2, 0), axis=2)).transpose(1, 2)
        columns[token], fixed[token], turned[token] = torch.from_numpy(chosen.T.copy()), entries[0], entries[1]
    angled = turned.to(device, dtype) if bool(turned.any()) else None
    return SparseTable(columns.to(device), fixed.to(device, dtype), angled)


def run_gates(tokens: Tensor, angles: Tensor, table: SparseTable, start: Tensor) -> Tensor:
    """Apply circuits to states or to matrices.

    Args:
        tokens: (batch, gates) int64.
        angles: (batch, gates) radians, the angle of each gate that has one.
        table: from `sparse_table`, on the same device.
        start: (batch, d) or (batch, d, columns) complex.

    Returns:
        The same shape as `start`, up to global phase.
    """
    state = start.reshape(len(start), table.dimension, -1)
    for position in range(tokens.shape[1]):
        token = tokens[:, position]
        entries = table.fixed[token]  # (batch, 2, d)
        if table.turned is not None:
            phase = torch.polar(torch.ones_like(angles[:, position]), angles[:, position]).to(state.dtype)
            entries = entries + phase[:, None, None] * table.turned[token]
        columns = table.columns[token]
        parts = [
            entries[:, j, :, None] * torch.gather(state, 1, columns[:, j, :, None].expand_as(state))
            for j in range(_ENTRIES)
        ]
        state = parts[0] + parts[1]
    return state.view(start.shape)


def sequence_unitaries(tokens: Tensor, angles: Tensor, table: SparseTable) -> Tensor:
    """Return the unitaries (batch, d, d) of circuits up to global phase, qubit 0 least significant."""
    identity = torch.eye(table.dimension, dtype=table.fixed.dtype, device=tokens.device)
    return run_gates(tokens, angles, table, identity.expand(len(tokens), -1, -1))


def sequence_states(tokens: Tensor, angles: Tensor, table: SparseTable) -> Tensor:
    """Return what circuits make of |0...0>, (batch, d), up to global phase."""
    zero = torch.zeros(len(tokens), table.dimension, dtype=table.fixed.dtype, device=tokens.device)
    zero[:, 0] = 1
    return run_gates(tokens, angles, table, zero)


def _parts(name: str, qubits: tuple[int, ...], num_qubits: int) -> NDArray[np.complex128]:
    """Return F0 and F1, (2, d, d)."""

    def placed(angle: float) -> NDArray[np.complex128]:
        return Circuit.from_gates(num_qubits, [(name, qubits, (angle,) * count)]).unitary()

    count = gate(name).num_params
    if count == 0:
        return np.stack([placed(0.0), np.zeros((1 << num_qubits,) * 2)])
    half = 0.0 if np.allclose(placed(2 * math.pi), placed(0.0)) else 0.5
    zero, turned, generic = (placed(angle) * np.exp(1j * half * angle) for angle in (0.0, math.pi, 1.1))
    parts = np.stack([(zero + turned) / 2, (zero - turned) / 2])
    if count > 1 or not np.allclose(parts[0] + np.exp(1.1j) * parts[1], generic):
        raise InputError(f"gate {name} is not of the form F0 + exp(i theta) F1")
    return parts
