"""The columns of a shard, and circuits written to and read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from circuitdiff.datasets.arrays import (
    NAMES,
    GateArrays,
    canonical_keys,
    from_flat,
    layers,
    two_qubit_counts,
)
from circuitdiff.errors import InputError

SCHEMA_VERSION = 2
"""What is written; datasets of the versions in `SCHEMAS` are read, and gone on with as they are."""

_COMMON = [
    ("key", pa.int64()),  # the same for circuits that are equal up to commuting disjoint gates and global phase
    ("structure", pa.int64()),  # the same with all angles left out
    ("num_qubits", pa.int8()),
    ("gates", pa.list_(pa.string())),
    ("qubits", pa.list_(pa.int8())),  # of all gates, end to end
    ("params", pa.list_(pa.float64())),  # of all gates, end to end, radians
    ("num_gates", pa.int16()),
    ("two_qubit_count", pa.int16()),
    ("depth", pa.int16()),
    ("gate_set", pa.string()),
    ("coupling", pa.string()),
]
_FAMILY = [
    ("family", pa.string()),  # what kind of circuit it is
    ("piece", pa.bool_()),  # whether it is a part of one
]
_RANDOM = [
    ("srv", pa.list_(pa.int8())),  # Schmidt rank of each qubit in the state made of |0...0>
    ("unitary", pa.list_(pa.float32())),  # rows, real and imaginary parts in turn, up to global phase
]
_SOLUTIONS = [
    ("target", pa.string()),
    ("source", pa.string()),
    ("infidelity", pa.float64()),
    ("unitary", pa.list_(pa.float64())),  # of the target: rows, real and imaginary parts in turn
]
SCHEMAS: Mapping[int, Mapping[str, pa.Schema]] = {
    1: {"random": pa.schema([*_COMMON, *_RANDOM]), "solutions": pa.schema([*_COMMON, *_SOLUTIONS])},
    2: {"random": pa.schema([*_COMMON, *_FAMILY, *_RANDOM]), "solutions": pa.schema([*_COMMON, *_SOLUTIONS])},
}
"""The columns of each kind of dataset in each version."""


def circuit_columns(arrays: GateArrays, gate_set: str | list[str], coupling: str) -> dict[str, Any]:
    """Return the columns that every kind of dataset has."""
    rows = len(arrays)
    counts = (arrays.gates >= 0).sum(1)
    names = pa.DictionaryArray.from_arrays(pa.array(arrays.gates[arrays.gates >= 0]), pa.array(NAMES))
    sets = [gate_set] * rows if isinstance(gate_set, str) else gate_set
    return {
        "key": canonical_keys(arrays),
        "structure": canonical_keys(arrays, angles=False),
        "num_qubits": np.full(rows, arrays.num_qubits, dtype=np.int8),
        "gates": _lists(names.cast(pa.string()), counts),
        "qubits": _lists(pa.array(arrays.qubits[arrays.has_qubit]), arrays.has_qubit.sum((1, 2))),
        "params": _lists(pa.array(arrays.params[arrays.has_angle]), arrays.has_angle.sum((1, 2))),
        "num_gates": counts.astype(np.int16),
        "two_qubit_count": two_qubit_counts(arrays).astype(np.int16),
        "depth": (layers(arrays).max(1, initial=-1) + 1).astype(np.int16),
        "gate_set": sets,
        "coupling": [coupling] * rows,
    }


def matrix_column(unitaries: NDArray[Any]) -> pa.Array:
    """Return the column of matrices (rows, d, d), real and imaginary parts in turn."""
    real = np.float32 if unitaries.dtype == np.complex64 else np.float64
    flat = np.ascontiguousarray(unitaries).reshape(len(unitaries), unitaries.shape[1] ** 2).view(real)
    return _lists(pa.array(flat.ravel()), np.full(len(flat), flat.shape[1]))


def vector_column(vectors: NDArray[np.int8]) -> pa.Array:
    """Return the column of vectors (rows, n)."""
    return _lists(pa.array(vectors.ravel()), np.full(len(vectors), vectors.shape[1]))


@dataclass(frozen=True)
class StoredCircuits:
    """Some rows of a shard on one register.

    Attributes:
        rows: (rows,) int64, which rows of the batch they are.
        arrays: the circuits.
        unitaries: (rows, d, d) complex128, what they are to do up to global phase; None where not asked for.
    """

    rows: NDArray[np.int64]
    arrays: GateArrays
    unitaries: NDArray[np.complex128] | None


def read_circuits(batch: pa.RecordBatch, *, unitaries: bool = False) -> Iterator[StoredCircuits]:
    """Read the circuits of a batch, checked, register by register.

    Raises:
        InputError: gates, qubits or angles that make no circuit, or a matrix of the wrong size.
    """
    registers = batch.column("num_qubits").to_numpy(zero_copy_only=False)
    for num_qubits in np.unique(registers):
        rows = np.flatnonzero(registers == num_qubits)
        part = batch if len(rows) == len(batch) else batch.take(pa.array(rows))
        gates = part.column("gates")
        names = pc.index_in(gates.flatten(), value_set=pa.array(NAMES)).fill_null(-1)
        counts = gates.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        qubits, params = part.column("qubits").flatten(), part.column("params").flatten()
        arrays = from_flat(
            int(num_qubits),
            names.to_numpy(zero_copy_only=False).astype(np.int16),
            counts,
            qubits.to_numpy(zero_copy_only=False).astype(np.int8),
            params.to_numpy(zero_copy_only=False).astype(np.float64),
        )
        yield StoredCircuits(rows, arrays, _matrices(part, int(num_qubits)) if unitaries else None)


def _matrices(batch: pa.RecordBatch, num_qubits: int) -> NDArray[np.complex128]:
    column, side = batch.column("unitary"), 1 << num_qubits
    values = column.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    if not (column.value_lengths().to_numpy(zero_copy_only=False) == 2 * side * side).all():
        raise InputError(f"a unitary of {num_qubits} qubits does not have {2 * side * side} numbers")
    return np.ascontiguousarray(values).view(np.complex128).reshape(-1, side, side)


def _lists(values: pa.Array, counts: NDArray[Any]) -> pa.Array:
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)
