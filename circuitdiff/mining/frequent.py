"""Frequent patterns of a sample of circuits, connected in the dependency graph, and the free angles they occur at."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.counting import counted
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import batches, open_shard, shards_of
from circuitdiff.mining.families import Ties
from circuitdiff.mining.patterns import Pattern, pattern_of
from circuitdiff.mining.windows import windows

logger = logging.getLogger(__name__)

SAMPLE = 1500
"""Circuits whose patterns are looked at: each takes some milliseconds."""

MOST_ANGLES = 200
"""Free angles of a pattern that are remembered."""


@dataclass
class Found:
    """How often patterns occur, in how many circuits, the first free angles of each, and what these are tied to."""

    circuits: int = 0
    counts: Counter[Pattern] = field(default_factory=Counter)
    angles: dict[Pattern, list[tuple[float, ...]]] = field(default_factory=dict)
    ties: Ties = field(default_factory=Ties)


class Sampled(NamedTuple):
    """A circuit and the name of its target, empty where it has none."""

    circuit: Circuit
    target: str


def sample_circuits(folder: Path, count: int = SAMPLE, seed: int = 0) -> Iterator[Sampled]:
    """Yield circuits drawn evenly from a dataset, the same ones for a seed.

    Raises:
        InputError: the folder holds no shards, or a bad one.
    """
    paths = shards_of(folder)
    sizes = [open_shard(path).metadata.num_rows for path in paths]
    total = sum(sizes)
    chosen = np.sort(np.random.default_rng(seed).permutation(total)[:count])
    first = 0
    for path, size in zip(paths, sizes, strict=True):
        rows = chosen[(chosen >= first) & (chosen < first + size)] - first
        first += size
        begun = 0
        if not len(rows):
            continue
        named = "target" in open_shard(path).schema_arrow.names
        for batch in batches(path, ["num_qubits", "gates", "qubits", "params", *(["target"] if named else [])]):
            inside = rows[(rows >= begun) & (rows < begun + len(batch))] - begun
            begun += len(batch)
            taken = batch.take(pa.array(inside))
            targets = taken.column("target").to_pylist() if named else [""] * len(taken)
            for part in read_circuits(taken):
                for row, place in enumerate(part.rows):
                    yield Sampled(part.arrays.circuit(row), targets[place])


def frequent_patterns(circuits: Iterable[Sampled], most_gates: int) -> Found:
    """Count the patterns of up to so many gates."""
    found = Found()
    for circuit, target in counted(list(circuits), "patterns of circuits", logger):
        found.circuits += 1
        for window in windows(circuit, most_gates):
            match = pattern_of([circuit.operations[i] for i in window])
            if match is None:
                continue
            found.counts[match.pattern] += 1
            if len(match.free) == 1:
                found.ties.note(match.pattern, match.free[0], target)
            if match.free:
                known = found.angles.setdefault(match.pattern, [])
                if len(known) < MOST_ANGLES:
                    known.append(match.free)
    return found
