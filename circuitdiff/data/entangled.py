"""Circuits by the entanglement of the state that they make of |0...0>, balanced over the Schmidt ranks."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.entanglement import schmidt_rank_vectors
from circuitdiff.data.sequences import SequenceTables, draw_sequences, token_weights

ENTANGLED_POOL = 2
"""Circuits drawn for each that is kept."""


def schmidt_ranks(states: Tensor, num_qubits: Tensor) -> Tensor:
    """Return the Schmidt ranks (batch, qubits) int64 of states (batch, 2^n), 0 for qubits beyond `num_qubits`."""
    ranks = schmidt_rank_vectors(states)
    return ranks * (torch.arange(ranks.shape[1], device=ranks.device) < num_qubits[:, None])


def draw_regions(num_qubits: Tensor, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw at least two of the first `num_qubits` (batch,) qubits, (batch, qubits) bool, each such set as likely."""
    register = tables.layout.num_qubits
    draw = torch.rand(len(num_qubits), register, generator=generator, device=tables.device)
    beyond = torch.arange(register, device=tables.device) >= num_qubits[:, None]
    chosen = (draw < 0.5) & ~beyond
    return chosen | ((chosen.sum(1, keepdim=True) < 2) & ((draw + 2.0 * beyond).argsort(1).argsort(1) < 2))


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


def grown_sequences(
    permitted: Tensor, regions: Tensor, length: Tensor, tables: SequenceTables, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw circuits that entangle a region qubit by qubit, among other gates at random.

    One qubit of the region is put into superposition by h, then each of the others joins by a cx from one that has
    joined; the rest of the gates fall anywhere between and may undo it. Arguments and result are those of
    `random_sequences`, but for `regions` (batch, qubits) bool. The layout has h and cx.
    """
    joins = _Joins(tables, regions)
    other = token_weights(permitted, tables, generator)

    def weights(last: Tensor | None) -> Tensor:
        joins.follow(last)
        steps = joins.steps() * permitted
        missing = regions.sum(1) - joins.joined.sum(1)
        chance = torch.rand(len(length), generator=generator, device=tables.device)
        grows = (chance * (length - joins.position) < missing) & (steps.sum(1) > 0)
        return torch.where(grows[:, None], steps, other)

    return draw_sequences(weights, length, tables, generator)


class _Joins:
    """Which qubits of a region have joined, gate by gate."""

    def __init__(self, tables: SequenceTables, regions: Tensor) -> None:
        placed, size = tables.layout.vocabulary.placed, len(tables.inverse)
        starts, control, target = (torch.zeros(size, regions.shape[1]) for _ in range(3))
        for token, (name, qubits) in enumerate(placed, start=size - len(placed)):
            if name == "h":
                starts[token, qubits[0]] = 1
            if name == "cx":
                control[token, qubits[0]] = target[token, qubits[1]] = 1
        self.starts, self.control, self.target = (part.to(tables.device) for part in (starts, control, target))
        self.regions, self.joined, self.position = regions, torch.zeros_like(regions), -1

    def follow(self, last: Tensor | None) -> None:
        """Take note of the tokens (batch,) that were drawn last."""
        self.position += 1
        if last is None:
            return
        begins = (self.starts[last] > 0) & ~self.joined.any(1, keepdim=True)
        reached = ((self.control[last] > 0) & self.joined).any(1, keepdim=True)
        self.joined = self.joined | (self.regions & (begins | (reached & (self.target[last] > 0))))

    def steps(self) -> Tensor:
        """Return (batch, V): 1 for the tokens by which a qubit joins."""
        absent = (self.regions & ~self.joined).float()
        first = absent @ self.starts.T * ~self.joined.any(1, keepdim=True)
        return first + (self.joined.float() @ self.control.T) * (absent @ self.target.T)
