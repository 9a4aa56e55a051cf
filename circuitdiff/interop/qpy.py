"""QPY, Qiskit's binary format."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.errors import InputError
from circuitdiff.interop.layouts import with_output_permutation
from circuitdiff.interop.qiskit import from_qiskit, to_qiskit
from circuitdiff.interop.qiskit_loading import load_qiskit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_REGISTER = 1_000
"""Most qubits or bits that a file may claim."""

OLDEST_VERSION = 10
"""First version of the format that is read: that of Qiskit 0.45."""

_FILE_HEADER = struct.Struct("!6sBBBBQcc")  # name, version of QPY, of Qiskit (3), circuits, encoding, kind
_CIRCUIT_HEADER = struct.Struct("!HcHII")  # length of name, kind and length of phase, qubits, bits, ...
_FIRST_WITH_TABLE = 16


def to_qpy(circuit: Circuit, output_permutation: Sequence[int] | None = None) -> bytes:
    """Return a QPY file that holds the circuit, and as its layout that output ``q`` belongs on ``permutation[q]``."""
    load_qiskit()
    from qiskit import qpy

    buffer = io.BytesIO()
    qpy.dump(with_output_permutation(to_qiskit(circuit), output_permutation), buffer)
    return buffer.getvalue()


def from_qpy(data: bytes) -> Circuit:
    """Read the one circuit of a QPY file.

    Raises:
        InputError: a file that `qpy_to_qiskit` or a circuit that `from_qiskit` refuses.
    """
    return from_qiskit(qpy_to_qiskit(data))


def qpy_to_qiskit(data: bytes) -> QuantumCircuit:
    """Read the one circuit of a QPY file as a Qiskit circuit.

    Raises:
        InputError: no valid QPY, or more or fewer than one circuit.
    """
    load_qiskit()
    from qiskit import QuantumCircuit, qpy

    _check_header(data)
    try:
        circuits = qpy.load(io.BytesIO(data))
    except (Exception, SystemError) as error:  # the parser lets through whatever its parts raise
        raise InputError(f"not a readable QPY file: {_first_line(error)}") from error
    if len(circuits) != 1 or not isinstance(circuits[0], QuantumCircuit):
        raise InputError(f"a QPY file must hold one circuit, this holds {len(circuits)}")
    return circuits[0]


def _check_header(data: bytes) -> None:
    """Refuse what the parser would believe: other files, several circuits, and sizes that no file of ours needs."""
    try:
        name, version, _, _, _, circuits, _, _ = _FILE_HEADER.unpack_from(data)
        place = _FILE_HEADER.size
        if version >= _FIRST_WITH_TABLE:
            (place,) = struct.unpack_from("!Q", data, place)
        _, _, _, num_qubits, num_bits = _CIRCUIT_HEADER.unpack_from(data, place)
    except (struct.error, OverflowError) as error:
        raise InputError(f"not a readable QPY file: {len(data)} bytes hold no header") from error
    if name != b"QISKIT" or version < OLDEST_VERSION:
        raise InputError(f"not a QPY file of version {OLDEST_VERSION} or later")
    if circuits != 1:
        raise InputError(f"a QPY file must hold one circuit, this holds {circuits}")
    if max(num_qubits, num_bits) > MAX_REGISTER:
        raise InputError(f"QPY file claims {num_qubits} qubits and {num_bits} bits, more than {MAX_REGISTER}")


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
