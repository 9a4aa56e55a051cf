"""Gates as kinds: a name and what its angles mean, a fixed fraction of pi or free."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from circuitdiff.circuits.gates import GATES
from circuitdiff.datasets.arrays import MAX_ANGLES, MAX_ARITY, NAMES, GateArrays
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import batches, open_shard, shards_of

FRACTION = pi / 16
"""Angles at a multiple of this are fixed."""

FREE = 32
"""Label of every other angle; fixed ones are labelled by their multiple."""

ANGLE_TOL = 1e-6
MAX_KINDS = 320
"""Most kinds; beyond, the rarer ones count as the same gate at free angles."""

MAX_CIRCUITS = 8_000_000
"""Circuits that are looked at, at about a hundred bytes each; of larger datasets, the first shards."""


GROUPED_BY = ("gate_set", "coupling", "family")
"""Columns by which circuits are told apart."""


class Kind(NamedTuple):
    """A gate and the labels of its angles."""

    name: str
    labels: tuple[int, ...] = ()


@dataclass
class Corpus:
    """Many circuits, gate by gate, of one dataset.

    Attributes:
        kinds: what the numbers in `kind` stand for.
        kind: (gates,) int32.
        qubits: (gates, MAX_ARITY) int8, -1 past the last.
        start: (circuits + 1,) int64, where each circuit begins.
        groups: what the numbers in `group` stand for, a value for each of `GROUPED_BY`; empty where there is no such
            column.
        group: (circuits,) int64.
    """

    kinds: list[Kind]
    kind: NDArray[np.int32]
    qubits: NDArray[np.int8]
    start: NDArray[np.int64]
    groups: list[tuple[str, ...]]
    group: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.start) - 1


def read_corpus(folder: Path, most: int = MAX_CIRCUITS) -> Corpus:
    """Read the gates of a dataset's circuits.

    Raises:
        InputError: the folder holds no shards, or a bad one.
    """
    codes: list[NDArray[np.int32]] = []
    qubits: list[NDArray[np.int8]] = []
    counts: list[NDArray[np.int64]] = []
    groups: dict[tuple[str, ...], int] = {}
    group: list[NDArray[np.int64]] = []
    seen = 0
    for path in shards_of(folder):
        present = [name for name in GROUPED_BY if name in open_shard(path).schema_arrow.names]
        for batch in batches(path, ["num_qubits", "gates", "qubits", "params", *present]):
            labels = _groups_of(batch, groups)
            for part in read_circuits(batch):
                taken = part.arrays.gates >= 0
                codes.append(kind_codes(part.arrays)[taken])
                qubits.append(part.arrays.qubits[taken])
                counts.append(taken.sum(1))
                group.append(labels[part.rows])
            seen += len(batch)
        if seen >= most:
            break
    kinds, kind = number_kinds(np.concatenate(codes) if codes else np.zeros(0, dtype=np.int32))
    places = np.concatenate(qubits) if qubits else np.zeros((0, MAX_ARITY), dtype=np.int8)
    start = np.concatenate(([0], np.cumsum(np.concatenate(counts)))) if counts else np.zeros(1)
    labels = np.concatenate(group) if group else np.zeros(0, dtype=np.int64)
    return Corpus(kinds, kind, np.ascontiguousarray(places), start.astype(np.int64), list(groups), labels)


def _groups_of(batch: pa.RecordBatch, groups: dict[tuple[str, ...], int]) -> NDArray[np.int64]:
    """Return the number of each row's group; `groups` grows by those that are new."""
    code = np.zeros(len(batch), dtype=np.int64)
    values = []
    for name in GROUPED_BY:
        column = batch.column(name) if name in batch.schema.names else pa.repeat("", len(batch))
        encoded = column.dictionary_encode()
        values.append(encoded.dictionary.to_pylist())
        code = code * len(values[-1]) + encoded.indices.to_numpy(zero_copy_only=False)
    known, inverse = np.unique(code, return_inverse=True)
    places = zip(*np.unravel_index(known, [len(value) for value in values]), strict=True)
    names = [tuple(value[i] for value, i in zip(values, place, strict=True)) for place in places]
    return np.array([groups.setdefault(name, len(groups)) for name in names], dtype=np.int64)[inverse.reshape(-1)]


def kind_codes(arrays: GateArrays) -> NDArray[np.int32]:
    """Return a number for each gate's name and labels, (rows, length)."""
    steps = arrays.params / FRACTION
    nearest = np.round(steps)
    fixed = np.abs(steps - nearest) < ANGLE_TOL / FRACTION
    labels = np.where(fixed, nearest.astype(np.int64) % FREE, FREE)
    weights = (FREE + 1) ** np.arange(MAX_ANGLES)
    return np.asarray(arrays.gates + len(NAMES) * (labels * weights).sum(-1), dtype=np.int32)


def number_kinds(codes: NDArray[np.int32]) -> tuple[list[Kind], NDArray[np.int32]]:
    """Number the kinds that occur, the frequent ones by themselves."""
    known, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    frequent = set(np.argsort(-counts, kind="stable")[: MAX_KINDS - 2 * len(NAMES)].tolist())
    kinds: dict[Kind, int] = {}
    numbers = np.empty(len(known), dtype=np.int32)
    for index, code in enumerate(known.tolist()):
        kind = _kind(code)
        if index not in frequent:
            kind = Kind(kind.name, (FREE,) * len(kind.labels))
        numbers[index] = kinds.setdefault(kind, len(kinds))
    return list(kinds), numbers[inverse.reshape(-1)]


def _kind(code: int) -> Kind:
    name, rest = NAMES[code % len(NAMES)], code // len(NAMES)
    labels = tuple(rest // (FREE + 1) ** k % (FREE + 1) for k in range(GATES[name].num_params))
    return Kind(name, labels)
