"""Shards of random circuits: gates, angles, unitary and Schmidt ranks, in batches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.sparse_simulator import sequence_states, sequence_unitaries
from circuitdiff.data.entangled import schmidt_ranks
from circuitdiff.data.seeds import Stream, derived_seed
from circuitdiff.data.sequences import SequenceTables, permitted_tokens, random_sequences, sequence_tables
from circuitdiff.datasets.arrays import from_tokens
from circuitdiff.datasets.family_circuits import FamilyTables, draw_families, family_tables
from circuitdiff.datasets.schema import circuit_columns, matrix_column, vector_column
from circuitdiff.datasets.textbook import FAMILIES
from circuitdiff.errors import InputError

SHARD_ROWS = 32_768
CHUNK = 4096
"""Circuits that are made at a time."""

CACHED_ENTRIES = 1 << 17
"""Entries of matrices that are simulated at a time: what a processor's cache holds."""

MIN_GATES = 2

FAMILY_SHARE = "families"
"""The parameter that tells the share of circuits out of textbooks; datasets without them lack it."""

LABELS = np.array(["random", *FAMILIES])
"""What the column ``family`` says."""


def check_random(parameters: Mapping[str, Any]) -> None:
    """Check what circuits are asked for.

    Raises:
        InputError: gates that random circuits cannot have, or a coupling map that does not fit.
    """
    _tables(parameters["gate_set"], parameters["num_qubits"], parameters["max_gates"])
    parse_coupling(parameters["coupling"], parameters["num_qubits"])
    if FAMILY_SHARE in parameters:
        if not 0 < parameters[FAMILY_SHARE] <= 1:
            raise InputError(f"a share of {parameters[FAMILY_SHARE]} of circuits from families is not within 0 and 1")
        _family_tables(*(parameters[name] for name in ("gate_set", "num_qubits", "max_gates", "coupling")))


def random_columns(parameters: Mapping[str, Any], seed: int, shard: int, rows: int) -> dict[str, Any]:
    """Make the first rows of a shard, a function of the arguments alone.

    Lengths are uniform from `MIN_GATES` to ``max_gates``; see `random_sequences` for gates and angles, and
    `draw_families` for the share that comes out of textbooks.
    """
    generator = torch.Generator().manual_seed(derived_seed(Stream.DATASET, seed, shard))
    made = [_chunk(parameters, generator) for _ in range(-(-rows // CHUNK))]
    tokens, angles, unitary, ranks, labels, piece = (
        torch.cat(parts)[:rows].numpy() for parts in zip(*made, strict=True)
    )
    layout = _tables(parameters["gate_set"], parameters["num_qubits"], parameters["max_gates"]).layout
    columns = circuit_columns(
        from_tokens(tokens, angles, layout.vocabulary), parameters["gate_set"], parameters["coupling"]
    )
    return columns | {
        "family": LABELS[labels],
        "piece": piece,
        "srv": vector_column(ranks),
        "unitary": matrix_column(unitary),
    }


class _Chunk(NamedTuple):
    """`CHUNK` circuits."""

    tokens: Tensor  # (CHUNK, gates) int64
    angles: Tensor  # (CHUNK, gates) float64 radians
    unitary: Tensor  # (CHUNK, d, d) complex64
    ranks: Tensor  # (CHUNK, qubits) int8
    labels: Tensor  # (CHUNK,) int64, place in `LABELS`
    piece: Tensor  # (CHUNK,) bool


def _chunk(parameters: Mapping[str, Any], generator: torch.Generator) -> _Chunk:
    """Make `CHUNK` circuits."""
    gate_set, num_qubits, max_gates = (parameters[name] for name in ("gate_set", "num_qubits", "max_gates"))
    tables, coupling = _tables(gate_set, num_qubits, max_gates), parameters["coupling"]
    share = parameters.get(FAMILY_SHARE)
    labels, piece = torch.zeros(CHUNK, dtype=torch.int64), torch.zeros(CHUNK, dtype=torch.bool)
    if share is None:
        tokens, angles = _random(CHUNK, tables, coupling, generator)
    else:
        textbook = torch.rand(CHUNK, generator=generator) < share
        count = int(textbook.sum())
        families = _family_tables(gate_set, num_qubits, max_gates, coupling)
        drawn = draw_families(count, families, tables, MIN_GATES, generator)
        order = torch.cat([textbook.nonzero()[:, 0], (~textbook).nonzero()[:, 0]]).argsort()
        others = _random(CHUNK - count, tables, coupling, generator)
        tokens, angles = (torch.cat(parts)[order] for parts in zip((drawn.tokens, drawn.angles), others, strict=True))
        labels[textbook], piece[textbook] = drawn.family + 1, drawn.piece
    single = angles.float()
    ranks = schmidt_ranks(sequence_states(tokens, single, tables.simulate), torch.full((CHUNK,), num_qubits))
    few = max(1, CACHED_ENTRIES >> 2 * num_qubits)
    parts = zip(torch.split(tokens, few), torch.split(single, few), strict=True)
    unitary = torch.cat([sequence_unitaries(*part, tables.simulate) for part in parts])
    return _Chunk(tokens, angles, unitary, ranks.to(torch.int8), labels, piece)


def _random(size: int, tables: SequenceTables, coupling: str, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return tokens and angles (size, gates) of random circuits."""
    layout = tables.layout
    gates = torch.ones(size, len(layout.gates), dtype=torch.bool)
    coupled = _coupled(coupling, tables).expand(size, -1)
    permitted = permitted_tokens(gates, coupled, torch.full((size,), layout.num_qubits), tables)
    length = torch.randint(min(MIN_GATES, layout.max_gates), layout.max_gates + 1, (size,), generator=generator)
    tokens, angles = random_sequences(permitted, length, tables, generator)
    return tokens, angles.double()


def _coupled(coupling: str, tables: SequenceTables) -> Tensor:
    """Return which pairs of a layout (pairs,) a coupling map has."""
    pairs = parse_coupling(coupling, tables.layout.num_qubits).pairs
    return torch.tensor([tuple(pair) in pairs for pair in tables.pairs.tolist()])


@lru_cache(maxsize=4)
def _family_tables(gate_set: str, num_qubits: int, max_gates: int, coupling: str) -> FamilyTables:
    tables = _tables(gate_set, num_qubits, max_gates)
    return family_tables(tables, _coupled(coupling, tables))


@lru_cache(maxsize=4)
def _tables(gate_set: str, num_qubits: int, max_gates: int) -> SequenceTables:
    gates = parse_gate_set(gate_set).gates
    fitting = tuple(name for name in gates if GATES[name].num_qubits <= num_qubits and name != "id")
    if not any(GATES[name].num_qubits > 1 for name in fitting):
        raise InputError(f"gate set {gate_set} has no gate that couples {num_qubits} qubits")
    return sequence_tables(Layout(num_qubits, fitting, max_gates))
