"""Shards of random circuits: gates, angles, unitary and Schmidt ranks, in batches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_layout import GateLayout
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.sparse_simulator import sequence_states, sequence_unitaries
from circuitdiff.data.entangled import schmidt_ranks
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.sequences import SequenceTables, permitted_tokens, random_sequences, sequence_tables
from circuitdiff.datasets.arrays import from_tokens
from circuitdiff.datasets.schema import circuit_columns, matrix_column, vector_column
from circuitdiff.errors import InputError

SHARD_ROWS = 32_768
CHUNK = 4096
"""Circuits that are made at a time."""

CACHED_ENTRIES = 1 << 17
"""Entries of matrices that are simulated at a time: what a processor's cache holds."""

MIN_GATES = 2


def check_random(parameters: Mapping[str, Any]) -> None:
    """Check what circuits are asked for.

    Raises:
        InputError: gates that random circuits cannot have, or a coupling map that does not fit.
    """
    _tables(parameters["gate_set"], parameters["num_qubits"], parameters["max_gates"])
    parse_coupling(parameters["coupling"], parameters["num_qubits"])


def random_columns(parameters: Mapping[str, Any], seed: int, shard: int, rows: int) -> dict[str, Any]:
    """Make the first rows of a shard, a function of the arguments alone.

    Lengths are uniform from `MIN_GATES` to ``max_gates``; see `random_sequences` for gates and angles.
    """
    num_qubits = parameters["num_qubits"]
    tables = _tables(parameters["gate_set"], num_qubits, parameters["max_gates"])
    coupling = parse_coupling(parameters["coupling"], num_qubits)
    generator = torch.Generator().manual_seed(derived_seed(Stream.DATASET, seed, shard))
    made = [_chunk(tables, coupling.pairs, generator) for _ in range(-(-rows // CHUNK))]
    tokens, angles, unitary, ranks = (torch.cat(parts)[:rows].numpy() for parts in zip(*made, strict=True))
    arrays = from_tokens(tokens, angles, tables.layout.vocabulary)
    columns = circuit_columns(arrays, parameters["gate_set"], parameters["coupling"])
    return columns | {"srv": vector_column(ranks), "unitary": matrix_column(unitary)}


def _chunk(
    tables: SequenceTables, pairs: tuple[tuple[int, int], ...], generator: torch.Generator
) -> tuple[torch.Tensor, ...]:
    """Return tokens, angles, unitaries and Schmidt ranks of `CHUNK` circuits."""
    layout = tables.layout
    coupled = torch.tensor([tuple(pair) in pairs for pair in tables.pairs.tolist()])
    registers = torch.full((CHUNK,), layout.num_qubits)
    gates = torch.ones(CHUNK, len(layout.gates), dtype=torch.bool)
    permitted = permitted_tokens(gates, coupled.expand(CHUNK, -1), registers, tables)
    length = torch.randint(min(MIN_GATES, layout.max_gates), layout.max_gates + 1, (CHUNK,), generator=generator)
    tokens, angles = random_sequences(permitted, length, tables, generator)
    ranks = schmidt_ranks(sequence_states(tokens, angles, tables.simulate), registers)
    few = max(1, CACHED_ENTRIES >> 2 * layout.num_qubits)
    parts = zip(torch.split(tokens, few), torch.split(angles, few), strict=True)
    unitary = torch.cat([sequence_unitaries(*part, tables.simulate) for part in parts])
    return tokens, angles.double(), unitary, ranks.to(torch.int8)


@lru_cache(maxsize=4)
def _tables(gate_set: str, num_qubits: int, max_gates: int) -> SequenceTables:
    gates = parse_gate_set(gate_set).gates
    fitting = tuple(name for name in gates if GATES[name].num_qubits <= num_qubits and name != "id")
    if not any(GATES[name].num_qubits > 1 for name in fitting):
        raise InputError(f"gate set {gate_set} has no gate that couples {num_qubits} qubits")
    return sequence_tables(GateLayout(num_qubits, fitting, max_gates))
