"""The formats in which circuits come and go, one table for reading and writing; help reads it, so it loads nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from circuitdiff.errors import InputError
from circuitdiff.registry import Registry

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.program import Program


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
    from circuitdiff.interop.qiskit_programs import program_from_qasm

    return program_from_qasm(text, drop_barriers=drop_barriers)


def _read_qpy(data: bytes, drop_barriers: bool) -> Program:
    from circuitdiff.interop.qiskit_programs import program_from_qpy

    return program_from_qpy(data, drop_barriers=drop_barriers)


def _write_qpy(circuit: Circuit | Program) -> bytes:
    from circuitdiff.circuits.program import Program
    from circuitdiff.interop.qiskit_programs import program_to_qpy
    from circuitdiff.interop.qpy import to_qpy

    return program_to_qpy(circuit) if isinstance(circuit, Program) else to_qpy(circuit)


def _read_cirq(text: str, drop_barriers: bool) -> Circuit:
    from circuitdiff.interop.cirq import from_cirq_json

    return from_cirq_json(text)


def _write_cirq(circuit: Circuit | Program) -> str:
    from circuitdiff.circuits.program import Program
    from circuitdiff.interop.cirq import to_cirq_json

    try:
        return to_cirq_json(circuit.circuit() if isinstance(circuit, Program) else circuit)
    except InputError as error:
        raise InputError(f"Cirq's JSON is written for gates alone: {error}; qasm3 and qpy hold it") from error


FORMATS: Registry[TextFormat | BinaryFormat] = Registry(
    "format",
    {
        "qasm3": TextFormat((".qasm", ".qasm3"), _read_qasm, lambda circuit: circuit.to_qasm()),
        "qasm2": TextFormat((".qasm2",), _read_qasm, lambda circuit: circuit.to_qasm(version=2)),
        "qpy": BinaryFormat((".qpy",), _read_qpy, _write_qpy),
        "cirq": TextFormat((".json",), _read_cirq, _write_cirq),
    },
)
"""Every format by name: a new one, of another SDK perhaps, is a file with its two functions and an entry."""


def format_of_suffix(suffix: str) -> str | None:
    """Return the name of the format of a suffix, in any case; None where none has it."""
    return next((name for name, entry in FORMATS.items() if suffix.lower() in entry.suffixes), None)


def suffixes() -> tuple[str, ...]:
    """Return the suffixes of all formats."""
    return tuple(suffix for entry in FORMATS.values() for suffix in entry.suffixes)
