"""Circuits by the entanglement of the state that they make of |0...0>, balanced over the Schmidt ranks."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.data.sequences import SequenceTables, draw_sequences, token_weights
from circuitdiff.features.entanglement import schmidt_rank_vectors

ENTANGLED_POOL = 2
"""Circuits drawn for each that is kept."""


def schmidt_ranks(states: Tensor, num_qubits: Tensor) -> Tensor:
    """Return the Schmidt ranks (batch, qubits) int64 of states (batch, 2^n), 0 for qubits beyond `num_qubits`."""
    ranks = schmidt_rank_vectors(states)
    return ranks * (torch.arange(ranks.shape[1], device=ranks.device) < num_qubits[:, None])


def draw_entangled_sets(num_qubits: Tensor, tables: SequenceTables, generator: torch.Generator) -> Tensor:
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


def draw_ancillas(entangled: Tensor, permitted: Tensor, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw qubits outside each set that connect it where it is not connected; none where nothing does.

    No ancilla could be left out: without it the set falls apart. There are none either where the gates would not
    fit.

    Args:
        entangled: (batch, qubits) bool.
        permitted: (batch, V) bool, tokens that may be used.
        tables: of a layout with h and cx.
        generator: of the device of `tables`.

    Returns:
        (batch, qubits) bool.
    """
    _, control, target = _joining(tables)
    adjacent = torch.einsum("bv,vi,vj->bij", permitted.float(), control, target) > 0
    chosen = entangled | adjacent.any(1)
    order = torch.rand(entangled.shape, generator=generator, device=tables.device).argsort(1)
    rows = torch.arange(len(entangled), device=tables.device)
    possible = _connected(entangled, chosen, adjacent)
    for qubit in order.T:
        without = chosen.clone()
        without[rows, qubit] = entangled[rows, qubit]
        chosen = torch.where(_connected(entangled, without, adjacent)[:, None], without, chosen)
    ancillas = chosen & ~entangled & possible[:, None]
    return ancillas & (fewest_gates(entangled, ancillas) <= tables.layout.max_gates)[:, None]


def _connected(entangled: Tensor, chosen: Tensor, adjacent: Tensor) -> Tensor:
    """Return (batch,) bool: whether a set (batch, qubits) hangs together within `chosen` (batch, qubits)."""
    within = (adjacent & chosen[:, :, None] & chosen[:, None]).float()
    reached = torch.nn.functional.one_hot(entangled.int().argmax(1), entangled.shape[1]).float()
    for _ in range(entangled.shape[1] - 1):
        reached = ((reached + torch.bmm(reached[:, None], within)[:, 0]) > 0).float()
    return ~(entangled & (reached == 0)).any(1)


def grown_sequences(
    permitted: Tensor,
    entangled: Tensor,
    ancillas: Tensor,
    length: Tensor,
    tables: SequenceTables,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Draw circuits that entangle a set qubit by qubit, among other gates at random.

    One qubit of the set is put into superposition by h, then each of the others joins by a cx from one that has
    joined. Carriers join with them, and leave when all are there, last first and each by the cx by which it came, so
    that they end separable. The rest of the gates fall anywhere between and may undo it.

    Args:
        permitted: (batch, V) bool.
        entangled: (batch, qubits) bool.
        ancillas: (batch, qubits) bool, outside the entangled sets.
        length: (batch,) int64, most gates; see `fewest_gates`.
        tables: of a layout with h and cx.
        generator: of the device of `tables`.

    Returns:
        As `random_sequences`.
    """
    growth = _Growth(tables, entangled, ancillas)
    other = token_weights(permitted, tables, generator)

    def weights(last: Tensor | None) -> Tensor:
        growth.follow(last)
        steps = growth.steps() * permitted
        chance = torch.rand(len(length), generator=generator, device=tables.device)
        grows = (chance * (length - growth.position) < growth.missing()) & (steps.sum(1) > 0)
        return torch.where(grows[:, None], steps, other)

    return draw_sequences(weights, length, tables, generator)


def fewest_gates(entangled: Tensor, ancillas: Tensor) -> Tensor:
    """Return (batch,) int64: the gates of circuits that do nothing but entangle a set through its ancillas."""
    return entangled.sum(1) + 2 * ancillas.sum(1)


def _joining(tables: SequenceTables) -> tuple[Tensor, Tensor, Tensor]:
    """Return (V, qubits) of 0 and 1: the qubit of each h, and the control and the target of each cx."""
    placed, size = tables.layout.vocabulary.placed, len(tables.inverse)
    starts, control, target = (torch.zeros(size, tables.layout.num_qubits) for _ in range(3))
    for token, (name, qubits) in enumerate(placed, start=size - len(placed)):
        if name == "h":
            starts[token, qubits[0]] = 1
        if name == "cx":
            control[token, qubits[0]] = target[token, qubits[1]] = 1
    return starts.to(tables.device), control.to(tables.device), target.to(tables.device)


class _Growth:
    """Which qubits of a set have joined, and which of its ancillas are still there, gate by gate."""

    def __init__(self, tables: SequenceTables, entangled: Tensor, ancillas: Tensor) -> None:
        self.starts, self.control, self.target = _joining(tables)
        self.entangled, self.ancillas, self.position = entangled, ancillas, -1
        self.joined = torch.zeros_like(entangled)
        self.arrival = torch.full(entangled.shape, -1, device=tables.device)  # position of each one's gate
        self.entry = torch.zeros_like(self.arrival)  # its token
        self.rows = torch.arange(len(entangled), device=tables.device)

    def follow(self, last: Tensor | None) -> None:
        """Take note of the tokens (batch,) that were drawn last."""
        self.position += 1
        if last is None:
            return
        latest = self._latest()
        leaves = (self._absent().sum(1) == 0) & (latest >= 0) & (self.entry[self.rows, latest] == last)
        begins = (self.starts[last] > 0) & self.entangled & ~self.joined.any(1, keepdim=True)
        reached = ((self.control[last] > 0) & self.joined).any(1, keepdim=True) & (self.target[last] > 0)
        arrives = (begins | reached) & self._absent()
        self.joined = self.joined | arrives
        self.arrival = torch.where(arrives, self.position, self.arrival)
        self.entry = torch.where(arrives, last[:, None], self.entry)
        gone = leaves[:, None] & (torch.arange(self.joined.shape[1], device=last.device) == latest[:, None])
        self.ancillas, self.joined = self.ancillas & ~gone, self.joined & ~gone

    def steps(self) -> Tensor:
        """Return (batch, V): 1 for the tokens by which a qubit joins or, when all have, the last ancilla leaves."""
        absent = self._absent()
        first = (absent & self.entangled).float() @ self.starts.T * ~self.joined.any(1, keepdim=True)
        joining = first + (self.joined.float() @ self.control.T) * (absent.float() @ self.target.T)
        latest = self._latest()
        leaving = torch.zeros_like(joining).scatter(1, self.entry[self.rows, latest.clamp_min(0)][:, None], 1.0)
        leaving *= ((latest >= 0) & ~absent.any(1))[:, None]
        return joining + leaving

    def missing(self) -> Tensor:
        """Return (batch,) int64: the steps that are left."""
        return self._absent().sum(1) + self.ancillas.sum(1)

    def _absent(self) -> Tensor:
        return (self.entangled | self.ancillas) & ~self.joined

    def _latest(self) -> Tensor:
        """Return (batch,) int64: of the ancillas that are there the one that joined last, -1 for none."""
        arrival, qubit = torch.where(self.ancillas & self.joined, self.arrival, -1).max(1)
        return torch.where(arrival >= 0, qubit, -1)
