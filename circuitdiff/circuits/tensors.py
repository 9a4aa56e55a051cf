"""Circuits as tensors: a token for each placed gate, and its angles beside it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES, MAX_PARAMS
from circuitdiff.circuits.vocabulary import MASK, NUM_SPECIAL, PAD, Vocabulary, written_order
from circuitdiff.errors import InputError


def encode(circuits: Sequence[Circuit], vocabulary: Vocabulary, max_gates: int) -> tuple[Tensor, Tensor]:
    """Turn circuits into tokens and angles, padded at the end.

    Returns:
        tokens (batch, max_gates) int64 and params (batch, max_gates, MAX_PARAMS) float64, radians.

    Raises:
        InputError: a circuit with more gates than fit, or a gate that the vocabulary lacks.
    """
    tokens = torch.full((len(circuits), max_gates), PAD, dtype=torch.int64)
    params = torch.zeros(len(circuits), max_gates, MAX_PARAMS, dtype=torch.float64)
    for row, circuit in enumerate(circuits):
        if circuit.num_gates > max_gates:
            raise InputError(f"circuit has {circuit.num_gates} gates, more than the {max_gates} that fit")
        for position, operation in enumerate(circuit.operations):
            name, qubits, angles = _placed(operation)
            token = vocabulary.index(name, qubits)
            if token is None:
                raise InputError(f"gate {name} on qubits {qubits} is not in the vocabulary")
            tokens[row, position] = token
            params[row, position, : len(angles)] = torch.tensor(angles, dtype=torch.float64)
    return tokens, params


def decode(tokens: Tensor, params: Tensor, vocabulary: Vocabulary) -> list[Circuit]:
    """Turn tokens (batch, gates) and params (batch, gates, MAX_PARAMS) back into circuits; PAD is left out.

    Raises:
        InputError: a position that is still masked.
    """
    circuits: list[Circuit] = []
    for row, angles in zip(tokens.tolist(), params.tolist(), strict=True):
        operations: list[Operation] = []
        for token, values in zip(row, angles, strict=True):
            if token == MASK:
                raise InputError("a masked position stands for no gate")
            if token != PAD:
                name, qubits = vocabulary.placed[token - NUM_SPECIAL]
                operations.append(Operation(name, qubits, tuple(values[: GATES[name].num_params])))
        circuits.append(Circuit(vocabulary.num_qubits, tuple(operations)))
    return circuits


def _placed(operation: Operation) -> Operation:
    """Write a gate whose qubits may be exchanged on ascending ones, each qubit's angles of a ``dcz`` moving along."""
    name, qubits, angles = operation
    if name == "dcz" and qubits[0] > qubits[1]:
        return Operation(name, qubits[::-1], (*angles[2:], *angles[:2]))
    return Operation(name, written_order(name, qubits), angles)
