"""Circuits of one's own as training circuits, among those that are made on the fly."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.commutation import commuting, normal_order
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.sparse_simulator import sequence_states
from circuitdiff.circuits.tensors import encode
from circuitdiff.data.entangled import schmidt_ranks
from circuitdiff.data.gate_mixture import GateMixture, draw_couplings, draw_gate_sets, show_circuits
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.sequences import SequenceTables, permitted_tokens, sequence_tables
from circuitdiff.data.stream import CircuitBatch, CircuitStream
from circuitdiff.errors import InputError

FEWEST_QUBITS = 2
"""The smallest register that a circuit is shown on."""

_HELD_OUT = 10  # one in so many
_CHUNK = 4096  # circuits read at a time


@dataclass(frozen=True)
class FineTuningSet:
    """Circuits of a layout.

    Attributes:
        tokens: (circuits, max_gates) int64 in normal form, PAD at the end.
        angles: (circuits, max_gates) float32 radians in [0, 2 pi), 0 where there is none.
        num_qubits: (circuits,) int64, the register of each.
        refused: how many others did not fit, by the reason.
    """

    tokens: Tensor
    angles: Tensor
    num_qubits: Tensor
    refused: Mapping[str, int]

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.tokens)

    def split(self) -> tuple[FineTuningSet, FineTuningSet]:
        """Return circuits to train on and circuits held out, a tenth; of fewer than ten, all are both."""
        held_out = torch.arange(len(self)) % _HELD_OUT == _HELD_OUT - 1
        return (self._rows(~held_out), self._rows(held_out)) if held_out.any() else (self, self)

    def _rows(self, rows: Tensor) -> FineTuningSet:
        return FineTuningSet(self.tokens[rows], self.angles[rows], self.num_qubits[rows], self.refused)


def fitting_circuits(circuits: Iterable[Circuit | None], layout: Layout) -> FineTuningSet:
    """Return those circuits that a layout can write.

    Args:
        circuits: in any order of commuting gates; the global phase does not count. None for one that could not be read.
        layout: of the network that is to learn them.

    Raises:
        InputError: none fits.
    """
    refused = Counter[str]()
    parts: list[tuple[Tensor, Tensor]] = []
    registers: list[int] = []
    batch: list[Circuit] = []

    def finish() -> None:
        tokens, params = encode(batch, layout.vocabulary, layout.max_gates)
        parts.append((tokens, torch.remainder(params[..., 0], 2 * math.pi).float()))
        registers.extend(max(circuit.num_qubits, FEWEST_QUBITS) for circuit in batch)
        batch.clear()

    for circuit in circuits:
        if circuit is None or (reason := _unfit(circuit, layout)):
            refused["not readable" if circuit is None else reason] += 1
            continue
        batch.append(circuit)
        if len(batch) == _CHUNK:
            finish()
    if batch:
        finish()
    if not parts:
        raise InputError(f"none of {refused.total()} circuits fits the model: {refusals(refused) or 'there are none'}")
    tokens, angles = (torch.cat(items) for items in zip(*parts, strict=True))
    order = normal_order(tokens, commuting(layout.vocabulary))
    return FineTuningSet(
        torch.gather(tokens, 1, order), torch.gather(angles, 1, order), torch.tensor(registers), dict(refused)
    )


def refusals(refused: Mapping[str, int]) -> str:
    """Say how many circuits were refused for which reasons."""
    return ", ".join(f"{count} {reason}" for reason, count in sorted(refused.items()))


class MixedStream:
    """Makes batches of an ordinary stream's circuits and then one's own, which are drawn again and again.

    A batch is a function of the seed and its number alone.
    """

    def __init__(
        self, ordinary: CircuitStream, mixture: GateMixture, own: FineTuningSet, count: int, batch_size: int
    ) -> None:
        """Set up; `count` circuits of `batch_size` are one's own, and `ordinary` makes as many as the others.

        `mixture` says what is shown of one's own.
        """
        self.mixture, self.tables = mixture, sequence_tables(ordinary.layout, ordinary.device)
        self.ordinary, self.own, self.count, self.batch_size = ordinary, own, count, batch_size
        self.chunk = (ordinary.chunk // ordinary.batch_size) * batch_size
        self._generator = torch.Generator(ordinary.device)

    def batch(self, number: int) -> CircuitBatch:
        """Return batch `number` (0, 1, ...)."""
        like = self.ordinary
        self._generator.manual_seed(derived_seed(Stream.OWN, int(like.stream), like.seed, number))
        own = fine_tuning_batch(self.count, self.own, self.mixture, self.tables, self._generator, like.largest_side)
        return own if self.count == self.batch_size else _joined(like.batch(number), own)


def _joined(first: CircuitBatch, second: CircuitBatch) -> CircuitBatch:
    """Put batches of one layout and mixture one after the other."""
    values: dict[str, Any] = {}
    for field in fields(first):
        parts = getattr(first, field.name), getattr(second, field.name)
        values[field.name] = None if parts[0] is None else torch.cat(parts)
    return CircuitBatch(**values)


def fine_tuning_batch(
    size: int,
    own: FineTuningSet,
    mixture: GateMixture,
    tables: SequenceTables,
    generator: torch.Generator,
    largest_side: int | None = None,
) -> CircuitBatch:
    """Draw `size` of one's own circuits; gates and couplings that are permitted beside theirs come from the mixture."""
    rows = torch.randint(len(own), (size,), generator=generator, device=tables.device).cpu()
    tokens, angles, num_qubits = (part[rows].to(tables.device) for part in (own.tokens, own.angles, own.num_qubits))
    gates = draw_gate_sets(size, mixture, tables, generator) | tables.gate_of[tokens].any(1)
    coupling = draw_couplings(num_qubits, mixture, tables, generator) | tables.couples[tokens].any(1)
    permitted = permitted_tokens(gates, coupling, num_qubits, tables)
    ranks = torch.zeros(size, tables.layout.num_qubits, dtype=torch.int64, device=tables.device)
    if mixture.entanglement:
        ranks = schmidt_ranks(sequence_states(tokens, angles, tables.simulate), num_qubits)
    return show_circuits(tokens, angles, ranks, permitted, mixture, tables, generator, largest_side)


def _unfit(circuit: Circuit, layout: Layout) -> str:
    """Return why a layout cannot write a circuit, nothing where it can."""
    if circuit.num_qubits > layout.num_qubits:
        return f"on more than {layout.num_qubits} qubits"
    if not circuit.operations:
        return "without gates"
    if circuit.num_gates > layout.max_gates:
        return f"of more than {layout.max_gates} gates"
    missing = sorted(circuit.gate_names - set(layout.gates))
    return f"with gates that the model lacks ({missing[0]})" if missing else ""
