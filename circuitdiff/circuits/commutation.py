"""Which placed gates commute, and one sequence for all orders of commuting gates.

Sequences that differ by exchanging neighbours that commute mean the same. Each such class has one normal form: every
gate in the earliest layer that holds nothing it must wait for, the gates of a layer in the order of their tokens
(Cartier and Foata, *Problemes combinatoires de commutation et rearrangements*, 1969).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD, Vocabulary

_TOLERANCE = 1e-9
_GENERIC = (0.7, 1.9, 2.3, 0.4)  # angles at which gates commute only if they do at all angles


def commuting(vocabulary: Vocabulary) -> Tensor:
    """Return (vocabulary, vocabulary) bool: which tokens commute up to global phase, at any angles.

    A token does not count as commuting with itself, PAD commutes with everything, and MASK with nothing.
    """
    size = len(vocabulary)
    table = torch.zeros(size, size, dtype=torch.bool)
    table[PAD] = table[:, PAD] = True
    for first, one in enumerate(vocabulary.placed, start=NUM_SPECIAL):
        for second, other in enumerate(vocabulary.placed[: first - NUM_SPECIAL], start=NUM_SPECIAL):
            table[first, second] = table[second, first] = _commute(*one, *other)
    return table


def inverse_tokens(vocabulary: Vocabulary) -> Tensor:
    """Return (vocabulary,) int64: the token that cancels each or, turning about the same axis, merges with it.

    PAD where no single gate of the vocabulary does.
    """
    found = [PAD] * NUM_SPECIAL
    for name, qubits in vocabulary.placed:
        parts = GATES[name].inverse((0.0,) * GATES[name].num_params)
        single = vocabulary.index(parts[0][0], tuple(qubits[i] for i in parts[0][1])) if len(parts) == 1 else None
        found.append(PAD if single is None or parts[0][0] not in vocabulary.gate_names else single)
    return torch.tensor(found)


def normal_order(tokens: Tensor, table: Tensor) -> Tensor:
    """Return the positions (batch, gates) int64 of the gates of each circuit in normal form, PAD last.

    Args:
        tokens: (batch, gates) int64 without MASK.
        table: from `commuting`, on the same device.
    """
    layer = torch.zeros(len(tokens), len(table), dtype=torch.int64, device=tokens.device)  # where each token would go
    layers = torch.zeros_like(tokens)
    for position in range(tokens.shape[1]):
        token = tokens[:, position]
        layers[:, position] = torch.gather(layer, 1, token[:, None])[:, 0]
        waits = ~table[token]
        layer = torch.where(waits, torch.maximum(layer, layers[:, position, None] + 1), layer)
    beyond = tokens.shape[1] + 1
    key = torch.where(tokens == PAD, beyond, layers) * len(table) + tokens
    return torch.argsort(key, dim=1, stable=True)


def _commute(first: str, ours: tuple[int, ...], second: str, theirs: tuple[int, ...]) -> bool:
    if not set(ours) & set(theirs):
        return True
    place = {qubit: i for i, qubit in enumerate(sorted({*ours, *theirs}))}
    return _commute_locally(first, tuple(place[q] for q in ours), second, tuple(place[q] for q in theirs))


@cache
def _commute_locally(first: str, ours: tuple[int, ...], second: str, theirs: tuple[int, ...]) -> bool:
    register = max(*ours, *theirs) + 1
    gates = [(first, ours, _GENERIC[: GATES[first].num_params]), (second, theirs, _GENERIC[: GATES[second].num_params])]
    one, other = (Circuit.from_gates(register, order).unitary() for order in (gates, gates[::-1]))
    return bool(abs(np.vdot(one, other)) > len(one) * (1 - _TOLERANCE))
