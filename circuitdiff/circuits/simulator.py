"""Batched simulation of token circuits: any mix of structures in one batch, on any torch device.

Every gate is a product of Pauli rotations, so one primitive, ``exp(-i a/2 P) V = cos(a/2) V - i sin(a/2) P V`` with
``P V`` a permutation of rows with phases, serves every gate; which ``P`` may differ from circuit to circuit.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.gates import GATES, MAX_PARAMS
from circuitdiff.circuits.pauli import parse_pauli, pauli_phases
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, Vocabulary


class RotationTable(NamedTuple):
    """What each token does, as rotations; R is the longest product in the vocabulary."""

    rows: Tensor  # (V, R, d) int64: row s of P V is phases[s] * V[rows[s]]
    phases: Tensor  # (V, R, d) complex
    offset: Tensor  # (V, R) radians
    scale: Tensor  # (V, R, MAX_PARAMS)

    @property
    def dimension(self) -> int:
        """The dimension ``2^n`` of the register."""
        return self.rows.shape[-1]


def rotation_table(vocabulary: Vocabulary, device: torch.device | str = "cpu") -> RotationTable:
    """Tabulate the rotations of every token; PAD and MASK are the identity."""
    dimension = 1 << vocabulary.num_qubits
    longest = max(len(GATES[name].rotations) for name, _ in vocabulary.placed)
    rows = torch.arange(dimension).repeat(len(vocabulary), longest, 1)
    phases = torch.ones(len(vocabulary), longest, dimension, dtype=torch.complex128)
    offset = torch.zeros(len(vocabulary), longest, dtype=torch.float64)
    scale = torch.zeros(len(vocabulary), longest, MAX_PARAMS, dtype=torch.float64)
    for token, (name, qubits) in enumerate(vocabulary.placed, start=NUM_SPECIAL):
        for r, rotation in enumerate(GATES[name].rotations):
            pauli = parse_pauli(rotation.pauli, qubits)
            rows[token, r] = torch.arange(dimension) ^ pauli.x
            phases[token, r] = torch.from_numpy(pauli_phases(pauli, vocabulary.num_qubits))
            offset[token, r] = rotation.offset
            if rotation.param is not None:
                scale[token, r, rotation.param] = rotation.scale
    return RotationTable(rows.to(device), phases.to(device), offset.to(device), scale.to(device))


def unitaries(
    tokens: Tensor,
    params: Tensor,
    table: RotationTable,
    dtype: torch.dtype = torch.complex64,
    columns: int | None = None,
) -> Tensor:
    """Simulate circuits.

    Args:
        tokens: (batch, gates) int64.
        params: (batch, gates, MAX_PARAMS) radians.
        table: from `rotation_table`, on the same device.
        dtype: complex64 or complex128.
        columns: number of first basis states that are followed; None for all.

    Returns:
        (batch, d, columns): unitaries up to global phase, qubit 0 least significant, or their first columns.
    """
    followed = table.dimension if columns is None else columns
    unitary = torch.eye(table.dimension, followed, dtype=dtype, device=tokens.device).repeat(len(tokens), 1, 1)
    for position in range(tokens.shape[1]):
        for rotation in _rotations(tokens[:, position], params[:, position], table, dtype):
            unitary = _rotate(rotation, unitary)
    return unitary


def unitaries_and_jacobians(
    tokens: Tensor, params: Tensor, table: RotationTable, dtype: torch.dtype = torch.complex128
) -> tuple[Tensor, Tensor]:
    """Simulate circuits and differentiate by every angle.

    Arguments are those of `unitaries`.

    Returns:
        Unitaries (batch, d, d), and jacobians (batch, gates, MAX_PARAMS, d, d), zero for angles a gate lacks.
    """
    batch, gates = tokens.shape
    d = table.dimension
    unitary = torch.eye(d, dtype=dtype, device=tokens.device).repeat(batch, 1, 1)
    jacobian = torch.zeros(batch, gates, MAX_PARAMS, d, d, dtype=dtype, device=tokens.device)
    for position in range(gates):
        for rotation in _rotations(tokens[:, position], params[:, position], table, dtype):
            unitary = _rotate(rotation, unitary)
            jacobian[:, : position + 1] = _rotate(rotation, jacobian[:, : position + 1])
            generated = -0.5j * _apply(rotation, unitary)
            weights = rotation.scale.to(dtype)[:, :, None, None]
            jacobian[:, position] = jacobian[:, position] + weights * generated[:, None]
    return unitary, jacobian


class _Rotation(NamedTuple):
    angle: Tensor  # (batch,)
    rows: Tensor  # (batch, d)
    phases: Tensor  # (batch, d)
    scale: Tensor  # (batch, MAX_PARAMS)


def _rotations(tokens: Tensor, params: Tensor, table: RotationTable, dtype: torch.dtype) -> list[_Rotation]:
    real = torch.float32 if dtype == torch.complex64 else torch.float64
    scale = table.scale[tokens].to(real)  # (batch, R, MAX_PARAMS)
    angle = table.offset[tokens].to(real) + (scale * params[:, None].to(real)).sum(-1)
    rows, phases = table.rows[tokens], table.phases[tokens].to(dtype)
    used = (table.scale.abs().sum((0, 2)) + table.offset.abs().sum(0)) > 0
    return [_Rotation(angle[:, r], rows[:, r], phases[:, r], scale[:, r]) for r in range(len(used)) if used[r]]


def _apply(rotation: _Rotation, matrices: Tensor) -> Tensor:
    """Return ``P @ M`` for M of shape (batch, ..., d, d)."""
    shape = (len(matrices),) + (1,) * (matrices.dim() - 3) + (matrices.shape[-2], 1)
    gathered = torch.gather(matrices, -2, rotation.rows.view(shape).expand_as(matrices))
    return rotation.phases.view(shape) * gathered


def _rotate(rotation: _Rotation, matrices: Tensor) -> Tensor:
    half = (rotation.angle / 2).view((-1,) + (1,) * (matrices.dim() - 1))
    return torch.cos(half) * matrices - 1j * torch.sin(half) * _apply(rotation, matrices)
