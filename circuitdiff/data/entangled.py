"""Circuits by the entanglement of the state that they make of |0...0>, balanced over the Schmidt ranks."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.entanglement import schmidt_rank_vectors
from circuitdiff.data.sequences import SequenceTables

ENTANGLED_POOL = 3
"""Circuits drawn for each that is kept."""


def schmidt_ranks(states: Tensor, num_qubits: Tensor) -> Tensor:
    """Return the Schmidt ranks (batch, qubits) int64 of states (batch, 2^n), 0 for qubits beyond `num_qubits`."""
    ranks = schmidt_rank_vectors(states)
    return ranks * (torch.arange(ranks.shape[1], device=ranks.device) < num_qubits[:, None])


def draw_regions(num_qubits: Tensor, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw at least two of the first `num_qubits` (batch,) qubits, (batch, qubits) bool; rather many than few."""
    register = tables.layout.num_qubits
    draw = torch.rand(len(num_qubits), register, generator=generator, device=tables.device)
    draw = draw + 2.0 * (torch.arange(register, device=tables.device) >= num_qubits[:, None])
    share = torch.rand(len(num_qubits), 1, generator=generator, device=tables.device).pow(0.25)
    return (draw < share) | (draw.argsort(1).argsort(1) < 2)


def region_couplings(regions: Tensor, tables: SequenceTables) -> Tensor:
    """Return the pairs within regions (batch, qubits), (batch, pairs) bool."""
    return regions[:, tables.pairs[:, 0]] & regions[:, tables.pairs[:, 1]]


def balanced_rows(ranks: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Choose `size` rows without repetition, each class of ranks (batch, qubits) as likely as the others."""
    code = (ranks * 3 ** torch.arange(ranks.shape[1], device=ranks.device)).sum(1)
    _, classes, counts = torch.unique(code, return_inverse=True, return_counts=True)
    size_of_register = (ranks > 0).sum(1)
    kinds = torch.zeros(ranks.shape[1] + 1, device=ranks.device)
    first = torch.zeros(len(counts), dtype=torch.int64, device=ranks.device).scatter(0, classes, size_of_register)
    kinds.scatter_add_(0, first, torch.ones_like(first, dtype=kinds.dtype))
    weights = 1.0 / (counts[classes] * kinds[size_of_register])  # equal shares for registers, then for their classes
    return torch.multinomial(weights, size, generator=generator)
