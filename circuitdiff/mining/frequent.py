"""Frequent patterns of a sample of circuits, connected in the dependency graph, and the free angles they occur at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import batches, open_shard, shards_of
from circuitdiff.mining.patterns import Pattern, pattern_of
from circuitdiff.mining.windows import windows

SAMPLE = 1500
"""Circuits whose patterns are looked at: each takes some milliseconds."""

MOST_ANGLES = 200
"""Free angles of a pattern that are remembered."""


@dataclass
class Found:
    """How often patterns occur, in how many circuits, and the first free angles of each."""

    circuits: int = 0
    counts: Counter[Pattern] = field(default_factory=Counter)
    angles: dict[Pattern, list[tuple[float, ...]]] = field(default_factory=dict)


def sample_circuits(folder: Path, count: int = SAMPLE, seed: int = 0) -> Iterator[Circuit]:
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
        for batch in batches(path, ["num_qubits", "gates", "qubits", "params"]) if len(rows) else ():
            inside = rows[(rows >= begun) & (rows < begun + len(batch))] - begun
            begun += len(batch)
            for part in read_circuits(batch.take(pa.array(inside))):
                yield from (part.arrays.circuit(row) for row in range(len(part.rows)))


def frequent_patterns(circuits: Iterator[Circuit], most_gates: int) -> Found:
    """Count the patterns of up to so many gates."""
    found = Found()
    for circuit in circuits:
        found.circuits += 1
        for window in windows(circuit, most_gates):
            match = pattern_of([circuit.operations[i] for i in window])
            if match is None:
                continue
            found.counts[match.pattern] += 1
            if match.free:
                known = found.angles.setdefault(match.pattern, [])
                if len(known) < MOST_ANGLES:
                    known.append(match.free)
    return found
