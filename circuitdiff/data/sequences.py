"""Random circuits as sequences of placed gates, in normal form and without neighbours that cancel or merge."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from circuitdiff.circuits.commutation import commuting, inverse_tokens, normal_order
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.sparse_simulator import SparseTable, sparse_table
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD


@dataclass(frozen=True)
class SequenceTables:
    """What there is to know of a layout's tokens, on one device."""

    layout: Layout
    commute: Tensor  # (V, V) bool, see `commuting`
    inverse: Tensor  # (V,) int64, see `inverse_tokens`
    simulate: SparseTable
    gate_of: Tensor  # (V, gates) bool: the gate of each token; none for PAD and MASK
    acts_on: Tensor  # (V, qubits) bool
    couples: Tensor  # (V, pairs) bool: the pairs of qubits that each token couples, in the order of `pairs`
    pairs: Tensor  # (pairs, 2) int64, a < b
    entangling: Tensor  # (V,) bool
    has_angle: Tensor  # (V, MAX_PARAMS) bool

    @property
    def device(self) -> torch.device:
        """Where the tables are."""
        return self.pairs.device


def sequence_tables(layout: Layout, device: torch.device | str = "cpu") -> SequenceTables:
    """Tabulate a layout."""
    vocabulary = layout.vocabulary
    acts_on = torch.from_numpy(layout.acts_on)
    pairs = torch.combinations(torch.arange(layout.num_qubits))
    gate_of = torch.zeros(len(vocabulary), len(layout.gates), dtype=torch.bool)
    for token, (name, _) in enumerate(vocabulary.placed, start=NUM_SPECIAL):
        gate_of[token, layout.gates.index(name)] = True
    return SequenceTables(
        layout=layout,
        commute=commuting(vocabulary).to(device),
        inverse=inverse_tokens(vocabulary).to(device),
        simulate=sparse_table(vocabulary, device),
        gate_of=gate_of.to(device),
        acts_on=acts_on.to(device),
        couples=(acts_on[:, pairs[:, 0]] & acts_on[:, pairs[:, 1]]).to(device),
        pairs=pairs.to(device),
        entangling=torch.from_numpy(layout.is_entangling).to(device),
        has_angle=torch.from_numpy(layout.has_angle).to(device),
    )


def draw_lines(num_qubits: Tensor, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw a line through the first `num_qubits` (batch,) qubits in random order: (batch, pairs) bool."""
    register = tables.layout.num_qubits
    place = torch.rand(len(num_qubits), register, generator=generator, device=tables.device)
    place = place + (torch.arange(register, device=tables.device) >= num_qubits[:, None])
    rank = place.argsort(1).argsort(1)
    first, second = rank[:, tables.pairs[:, 0]], rank[:, tables.pairs[:, 1]]
    return ((first - second).abs() == 1) & (torch.maximum(first, second) < num_qubits[:, None])


def permitted_tokens(gates: Tensor, coupling: Tensor, num_qubits: Tensor, tables: SequenceTables) -> Tensor:
    """Combine gate sets (batch, gates), couplings (batch, pairs) and registers (batch,) to (batch, V) bool.

    PAD is always permitted. Where nothing that entangles would be left, the coupling and then the gate set are dropped.
    """
    idle = torch.arange(tables.layout.num_qubits, device=tables.device) >= num_qubits[:, None]
    inside = ~(idle[:, None] & tables.acts_on).any(-1) & tables.gate_of.any(-1)
    coupled = ~(~coupling[:, None] & tables.couples).any(-1) & inside
    named = (gates[:, None] & tables.gate_of).any(-1)
    permitted = coupled & named
    for wider in (inside & named, inside):
        lost = ~(permitted & tables.entangling).any(-1, keepdim=True)
        permitted = torch.where(lost, wider, permitted)
    permitted[:, PAD] = True
    return permitted


def random_sequences(
    permitted: Tensor, length: Tensor, tables: SequenceTables, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw circuits from permitted tokens (batch, V), of up to `length` (batch,) gates.

    The gates of a circuit have frequencies of their own, log-normal around equal ones; their placements are equally
    likely. A gate that commutes its way back to its inverse, or to an equal rotation, is not drawn.

    Returns:
        tokens (batch, max_gates) int64 in normal form, PAD at the end, and angles (batch, max_gates), 0 where there is
        none.
    """
    weights = token_weights(permitted, tables, generator)
    return draw_sequences(lambda _: weights, length, tables, generator)


def draw_sequences(
    weights: Callable[[Tensor | None], Tensor], length: Tensor, tables: SequenceTables, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Draw circuits gate by gate, without gates that cancel or merge.

    Args:
        weights: given the tokens drawn last (batch,), None at the start, returns the likelihood of each token
            (batch, V), 0 for PAD; a circuit that can go on with none ends.
        length: (batch,) int64, most gates of each circuit.
        tables: of the layout.
        generator: of the device of `tables`.

    Returns:
        As `random_sequences`.
    """
    reducible = torch.zeros(len(length), len(tables.inverse), dtype=torch.bool, device=tables.device)
    drawn: list[Tensor] = []
    for position in range(tables.layout.max_gates):
        free = weights(drawn[-1] if drawn else None).masked_fill(reducible, 0.0)
        stuck = (free.sum(1) == 0) | (position >= length)
        free[:, PAD] = torch.where(stuck, 1.0, free[:, PAD])
        token = torch.multinomial(free, 1, generator=generator)[:, 0]
        token = torch.where(stuck, PAD, token)
        reducible = (reducible & tables.commute[token]).scatter(1, tables.inverse[token][:, None], True)
        drawn.append(token)
    tokens = torch.stack(drawn, dim=1)
    tokens = torch.gather(tokens, 1, normal_order(tokens, tables.commute))
    angles = styled_angles(len(length), tokens.shape[1], generator)
    return tokens, torch.where(tables.has_angle[:, 0][tokens], angles, 0.0)


def in_any_order(
    tokens: Tensor, angles: Tensor, tables: SequenceTables, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Exchange neighbours that commute, at random and often enough for any gate to reach any place it can.

    Arguments and result are those that `random_sequences` returns, but for the order of the gates.
    """
    count = tokens.shape[1]
    for sweep in range(2 * count):
        first = torch.arange(sweep % 2, count - 1, 2, device=tokens.device)
        ours, theirs = tokens[:, first], tokens[:, first + 1]
        swapped = torch.rand(ours.shape, generator=generator, device=tokens.device) < 0.5
        swapped &= tables.commute[ours, theirs] & (theirs != PAD)
        place = torch.arange(count, device=tokens.device).repeat(len(tokens), 1)
        place[:, first] += swapped.long()
        place[:, first + 1] -= swapped.long()
        tokens, angles = torch.gather(tokens, 1, place), torch.gather(angles, 1, place)
    return tokens, angles


def token_weights(permitted: Tensor, tables: SequenceTables, generator: torch.Generator) -> Tensor:
    """Draw how likely each permitted token is, (batch, V): see `random_sequences`."""
    gates = tables.gate_of.float()
    frequency = torch.randn(len(permitted), gates.shape[1], generator=generator, device=permitted.device).exp()
    placements = (permitted.float() @ gates).clamp_min(1)
    return (frequency / placements) @ gates.T * permitted


def styled_angles(batch: int, count: int, generator: torch.Generator) -> Tensor:
    """Draw angles (batch, count) in [0, 2 pi), each circuit in a style of its own.

    Half of the circuits have free angles, an eighth each multiples of pi/4, fractions pi/2^k of either sign, a few
    values that recur, and small ones.
    """
    device = generator.device

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=device)

    free = 2 * math.pi * uniform(batch, count)
    eighths = (1 + (7 * uniform(batch, count)).floor()) * (math.pi / 4)  # not 0
    sign = 1 - 2 * (uniform(batch, count) < 0.5).float()
    halves = sign * math.pi * 0.5 ** (5 * uniform(batch, count)).floor()
    palette = 2 * math.pi * uniform(batch, 2)
    recurring = torch.where(uniform(batch, count) < 0.5, palette[:, :1], sign * palette[:, 1:])
    small = 0.3 * torch.randn(batch, count, generator=generator, device=device)
    style = (8 * uniform(batch, 1)).floor()
    chosen = free
    for kind, angles in enumerate((eighths, halves, recurring, small)):
        chosen = torch.where(style == kind, angles, chosen)
    return torch.remainder(chosen, 2 * math.pi)
