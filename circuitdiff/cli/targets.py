"""Finding out what a compile target is, and reading it."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.program import Program
from circuitdiff.circuits.unitary_io import MAX_ARCHIVE_BYTES, MAX_QUBITS, NPY_MAGIC, ZIP_MAGIC
from circuitdiff.errors import InputError
from circuitdiff.interop.formats import FORMATS, BinaryFormat, format_of_suffix
from circuitdiff.interop.formats import suffixes as circuit_suffixes
from circuitdiff.spec.target import Kind, Target, parse_sparse_state, parse_target

MAX_BYTES = 1 << 24
"""The largest circuit file, and the most that is read from stdin; of compressed files what they hold counts."""

MATRIX = "matrix"
MATRIX_SUFFIXES = (".npy", ".npz")
"""In any case; ``.gz`` may follow, as after the suffixes of circuits."""

STDIN = "-"

QASM_WORDS = ("OPENQASM", "qelib1.inc", "qreg")
"""What tells OpenQASM without a name."""

GZIP_MAGIC = b"\x1f\x8b"
COMPRESSED = ".gz"

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The first bytes of a text that says how it is encoded; UTF-32's begin like UTF-16's, so they come first."""


def kind_of(path: str | Path) -> str | None:
    """Return what a file of this name holds: `MATRIX`, the name of a format of circuits, or None for other suffixes."""
    suffix = Path(Path(path).name.lower().removesuffix(COMPRESSED)).suffix
    return MATRIX if suffix in MATRIX_SUFFIXES else format_of_suffix(suffix)


def target_suffixes() -> tuple[str, ...]:
    """Return the suffixes of files that hold targets."""
    return *MATRIX_SUFFIXES, *circuit_suffixes()


def read_target(
    source: str,
    *,
    endian: str = "little",
    max_qubits: int = MAX_QUBITS,
    kinds: Sequence[Kind] = ("unitary",),
) -> NDArray[np.complex128] | Circuit:
    """Read a unitary or a circuit from a file, whose suffix says what it is, or from stdin, whose content does.

    A circuit may have up to ``max_qubits`` qubits, and holds gates alone. Where other ``kinds`` of targets are taken,
    their columns are returned.

    Raises:
        InputError: the source cannot be read, is none of the supported kinds or holds no supported target.
    """
    given = read_target_or_program(source, endian=endian, max_qubits=max_qubits, drop_barriers=True)
    if isinstance(given, Target):
        if given.kind not in kinds:
            expected = " or a ".join(kinds)
            raise InputError(f"{_name(source)} holds a target of kind {given.kind}, expected a {expected}")
        return given.columns
    if not isinstance(given, Program):
        return given
    try:
        return given.circuit()
    except InputError as error:
        raise InputError(f"{_name(source)}: {error}, and a target holds gates alone") from error


def read_target_or_program(
    source: str,
    *,
    endian: str = "little",
    max_qubits: int = MAX_QUBITS,
    drop_barriers: bool = False,
    tolerance: float | None = None,
) -> Target | Circuit | Program:
    """Read a unitary, state, isometry or circuit; circuits in OpenQASM and QPY as programs, with all that is no gate.

    Args:
        source: a path, or - for stdin.
        endian: bit order of an array; bit strings have qubit 0 last.
        max_qubits: of a circuit.
        drop_barriers: whether barriers are left out.
        tolerance: how far from unitary a matrix may be; see `circuitdiff.circuits.unitary_io.check_unitary`.

    Raises:
        InputError: see `read_target`.
    """
    name = _name(source)
    kind = None if source == STDIN else kind_of(source)
    if kind == MATRIX and not source.lower().endswith(COMPRESSED):
        return _read_array(source, endian, tolerance)
    try:
        data = _read_bounded(sys.stdin.buffer, name) if source == STDIN else _read_file(source)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error
    return parse_target_or_program(
        data, name, kind, endian=endian, max_qubits=max_qubits, drop_barriers=drop_barriers, tolerance=tolerance
    )


def parse_target_or_program(
    data: bytes,
    name: str,
    kind: str | None = None,
    *,
    endian: str = "little",
    max_qubits: int = MAX_QUBITS,
    drop_barriers: bool = False,
    tolerance: float | None = None,
) -> Target | Circuit | Program:
    """Read the contents of a file; see `read_target_or_program`.

    Args:
        data: the contents, perhaps compressed.
        name: what they are called in messages.
        kind: see `kind_of`; None to find out.
        endian: of arrays, like the rest as there.
        max_qubits: of a circuit.
        drop_barriers: whether barriers are left out.
        tolerance: how far from unitary a matrix may be.

    Raises:
        InputError: see `read_target`.
    """
    if data.startswith(GZIP_MAGIC):
        data = _decompressed(data, name)
    if not data.strip():
        raise InputError(f"{name} is empty")
    kind = kind or _sniff(data, name)
    if kind == MATRIX:
        return parse_target(io.BytesIO(data), name, endian=endian, tolerance=tolerance)
    if kind == "cirq" and _is_sparse_state(data):
        return parse_sparse_state(_text(data, name), name, tolerance=tolerance)
    given = _parse_circuit(data, kind, name, drop_barriers)
    if given.num_qubits == 0:
        raise InputError(f"{name} has no qubits")
    if given.num_qubits > max_qubits:
        raise InputError(f"{name} has more qubits than supported: {given.num_qubits} > {max_qubits}")
    return given


def _read_array(path: str, endian: str, tolerance: float | None) -> Target:
    """Read a file of numbers without holding more of it than a target needs."""
    try:
        with open(path, "rb") as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            stream = file if is_regular else io.BytesIO(file.read(MAX_ARCHIVE_BYTES + 1))
            return parse_target(stream, path, endian=endian, tolerance=tolerance)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _is_sparse_state(data: bytes) -> bool:
    """Tell whether JSON holds a state rather than what Cirq writes, which names its type."""
    return data.lstrip().startswith(b"{") and b"cirq_type" not in data


def _name(source: str) -> str:
    return "stdin" if source == STDIN else source


def _read_file(source: str) -> bytes:
    with open(source, "rb") as file:
        return _read_bounded(file, source)


def _read_bounded(file: IO[bytes] | gzip.GzipFile, name: str) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} has more than the {MAX_BYTES} bytes that are read")
    return data


def _decompressed(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return _read_bounded(file, f"{name}, decompressed,")
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{name} is not a readable gzip file: {error}") from error


def _sniff(data: bytes, name: str) -> str:
    """Return the kind of content that has no suffix to tell it."""
    start = data.lstrip()
    if data.startswith((NPY_MAGIC, ZIP_MAGIC)):
        return MATRIX
    if data.startswith(b"QISKIT"):
        return "qpy"
    if start.startswith(b"{"):
        return "cirq"
    try:
        text = _text(data, name)
    except InputError:
        if any(word.encode() in data for word in QASM_WORDS):
            raise
        text = ""
    if any(word in text for word in QASM_WORDS):
        return "qasm3"
    if text.lstrip().startswith("{"):
        return "cirq"
    raise InputError(f"{name} is none of {' '.join(target_suffixes())} (it begins with {data[:8]!r})")


def _text(data: bytes, name: str) -> str:
    """Decode UTF-8, or what a byte-order mark says."""
    encoding = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        place = f"byte {error.start} is {data[error.start]:#04x}" if error.start < len(data) else "it is cut off"
        raise InputError(f"{name} is not {encoding.removesuffix('-sig')} text: {place}") from error


def _parse_circuit(data: bytes, kind: str, name: str, drop_barriers: bool) -> Circuit | Program:
    entry = FORMATS[kind]
    try:
        if isinstance(entry, BinaryFormat):
            return entry.read(data, drop_barriers)
        return entry.read(_text(data, name), drop_barriers)
    except InputError as error:
        message = str(error)
        raise InputError(message if message.startswith(name) else f"{name}: {message}") from error
