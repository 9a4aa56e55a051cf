"""Finding out what a compile target is, and reading it."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.unitary_io import MAX_QUBITS, NPY_MAGIC, ZIP_MAGIC, parse_unitary, read_unitary
from circuitdiff.errors import InputError

MAX_BYTES = 1 << 24
"""The largest circuit file, and the most that is read from stdin."""

KINDS = {".npy": "matrix", ".npz": "matrix", ".qasm": "qasm", ".qpy": "qpy", ".json": "cirq"}
STDIN = "-"


def read_target(
    source: str, *, endian: str = "little", max_qubits: int = MAX_QUBITS
) -> NDArray[np.complex128] | Circuit:
    """Read a unitary or a circuit from a file, whose suffix says what it is, or from stdin, whose content does.

    A circuit may have up to ``max_qubits`` qubits.

    Raises:
        InputError: the source cannot be read, is none of the supported kinds or holds no supported target.
    """
    kind = None if source == STDIN else KINDS.get(Path(source).suffix)
    if kind == "matrix":
        return read_unitary(source, endian=endian)
    name = "stdin" if source == STDIN else source
    try:
        data = _read_bounded(sys.stdin.buffer, name) if source == STDIN else _read_file(source)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    if not data.strip():
        raise InputError(f"{name} is empty")
    kind = kind or _sniff(data, name)
    if kind == "matrix":
        return parse_unitary(io.BytesIO(data), name, endian=endian)
    circuit = _parse_circuit(data, kind, name)
    if not 1 <= circuit.num_qubits <= max_qubits:
        raise InputError(f"{name} has more qubits than supported: {circuit.num_qubits} > {max_qubits}")
    return circuit


def _read_file(source: str) -> bytes:
    with open(source, "rb") as file:
        return _read_bounded(file, source)


def _read_bounded(file: IO[bytes], name: str) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} has more than the {MAX_BYTES} bytes that are read")
    return data


def _sniff(data: bytes, name: str) -> str:
    """Return the kind of content that has no suffix to tell it."""
    start = data.lstrip()
    if data.startswith((NPY_MAGIC, ZIP_MAGIC)):
        return "matrix"
    if data.startswith(b"QISKIT"):
        return "qpy"
    if start.startswith(b"{"):
        return "cirq"
    if b"OPENQASM" in start:
        return "qasm"
    raise InputError(f"{name} is none of {' '.join(KINDS)} (it begins with {data[:8]!r})")


def _parse_circuit(data: bytes, kind: str, name: str) -> Circuit:
    from circuitdiff.interop import from_cirq_json, from_qasm, from_qpy

    try:
        if kind == "qpy":
            return from_qpy(data)
        text = data.decode()
        return from_qasm(text) if kind == "qasm" else from_cirq_json(text)
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not text: byte {error.start} is {data[error.start]:#04x}") from error
    except InputError as error:
        raise InputError(f"{name}: {error}") from error
