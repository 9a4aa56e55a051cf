"""The formats in which circuits come and go, one table for reading and writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.program import Program
from circuitdiff.errors import InputError
from circuitdiff.interop.cirq import from_cirq_json, to_cirq_json
from circuitdiff.interop.qiskit_programs import program_from_qasm, program_from_qpy, program_to_qpy
from circuitdiff.interop.qpy import to_qpy
from circuitdiff.registry import Registry


@dataclass(frozen=True)
class TextFormat:
    """A text that holds a circuit.

    Attributes:
        suffixes: of its files; where two formats share one, the first is written.
        read: from the text, and whether barriers are left out.
        write: to the text.
    """

    suffixes: tuple[str, ...]
    read: Callable[[str, bool], Circuit | Program]
    write: Callable[[Circuit | Program], str]


@dataclass(frozen=True)
class BinaryFormat:
    """Bytes that hold a circuit; attributes as those of `TextFormat`."""

    suffixes: tuple[str, ...]
    read: Callable[[bytes, bool], Circuit | Program]
    write: Callable[[Circuit | Program], bytes]


def _read_qasm(text: str, drop_barriers: bool) -> Program:
    return program_from_qasm(text, drop_barriers=drop_barriers)


def _write_qpy(circuit: Circuit | Program) -> bytes:
    return program_to_qpy(circuit) if isinstance(circuit, Program) else to_qpy(circuit)


def _write_cirq(circuit: Circuit | Program) -> str:
    try:
        return to_cirq_json(circuit.circuit() if isinstance(circuit, Program) else circuit)
    except InputError as error:
        raise InputError(f"Cirq's JSON is written for gates alone: {error}; qasm3 and qpy hold it") from error


FORMATS: Registry[TextFormat | BinaryFormat] = Registry(
    "format",
    {
        "qasm3": TextFormat((".qasm", ".qasm3"), _read_qasm, lambda circuit: circuit.to_qasm()),
        "qasm2": TextFormat((".qasm2",), _read_qasm, lambda circuit: circuit.to_qasm(version=2)),
        "qpy": BinaryFormat((".qpy",), lambda data, drop: program_from_qpy(data, drop_barriers=drop), _write_qpy),
        "cirq": TextFormat((".json",), lambda text, drop: from_cirq_json(text), _write_cirq),
    },
)
"""Every format by name: a new one, of another SDK perhaps, is a file with its two functions and an entry."""


def format_of_suffix(suffix: str) -> str | None:
    """Return the name of the format of a suffix, in any case; None where none has it."""
    return next((name for name, entry in FORMATS.items() if suffix.lower() in entry.suffixes), None)


def suffixes() -> tuple[str, ...]:
    """Return the suffixes of all formats."""
    return tuple(suffix for entry in FORMATS.values() for suffix in entry.suffixes)
