"""What ``circuitdiff compile`` hands over: a result and its circuit, written in any format."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from circuitdiff.cli.wide import table_of
from circuitdiff.errors import InputError
from circuitdiff.interop.formats import FORMATS, format_of_suffix, suffixes

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.program import Program
    from circuitdiff.resynthesis import Resynthesis
    from circuitdiff.synthesis import CompileResult

TEXT, JSON = "text", "json"
"""What is written beside the formats of circuits: a drawing, and a result as data."""


@dataclass(frozen=True)
class Compiled:
    """A result, and its circuit as it is written: on the registers of the file from which the target was read.

    Attributes:
        given: the circuit that was the target, None for a matrix or state.
    """

    result: CompileResult | Resynthesis
    written: Circuit | Program
    given: Circuit | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain data for JSON."""
        return self.result.as_dict(self.contents("qasm3").decode())

    def contents(self, file_format: str) -> bytes:
        """Return the circuit in one of `FORMATS` but JSON; QPY and OpenQASM say the order of the outputs."""
        order = self.result.output_permutation
        if file_format == "qpy" and order is not None:
            from circuitdiff.circuits.program import Program
            from circuitdiff.interop import program_to_qpy, to_qpy

            if isinstance(self.written, Program):
                return program_to_qpy(self.written, order)
            return to_qpy(self.written, order)
        content = contents_of(self.written, file_format)
        if file_format in ("qasm3", "qasm2") and order is not None:
            listed = json.dumps({"output_permutation": list(order)})
            content += (
                f"// output qubit q holds what the given circuit has on output_permutation[q]\n// {listed}\n".encode()
            )
        return content


def format_names() -> tuple[str, ...]:
    """Return the names of what can be written."""
    return TEXT, *FORMATS, JSON


def suffix_of(file_format: str) -> str:
    """Return what files of a format are called."""
    if file_format in (TEXT, JSON):
        return ".txt" if file_format == TEXT else ".json"
    first = FORMATS[file_format].suffixes[0]
    return ".qasm" if first.startswith(".qasm") else first


def format_of(output: str | None) -> str:
    """Return the format that a file to write asks for by its suffix; text for none, and for devices and pipes.

    Raises:
        InputError: the suffix says nothing.
    """
    if output is None:
        return TEXT
    path = Path(output)
    known = TEXT if path.suffix.lower() == ".txt" else format_of_suffix(path.suffix)
    if known is None and (not path.exists() or path.is_file()):
        listed = " ".join((*suffixes(), ".txt"))
        raise InputError(f"{output} says no format; name a file of {listed}, or a format with --format")
    return known or TEXT


def render(compiled: Compiled, file_format: str, *, summary: bool = True) -> bytes:
    """Return the contents of a file that holds a result in one of `format_names`."""
    if file_format == JSON:
        return (json.dumps(compiled.as_dict(), indent=2) + "\n").encode()
    content = compiled.contents(file_format)
    return content + f"{summary_of(compiled.result)}\n".encode() * (summary and file_format == TEXT)


def page_of(compiled: Compiled, title: str) -> bytes:
    """Return a page about a compilation, as HTML that needs nothing else."""
    from circuitdiff.reports.compilation_page import compilation_page

    return compilation_page(title, compiled.result, compiled.given, compiled.written).encode()


def contents_of(circuit: Circuit | Program, file_format: str) -> bytes:
    """Return a circuit in one of the formats of circuits, or drawn.

    Raises:
        InputError: the format cannot hold the circuit.
    """
    if file_format == TEXT:
        return _drawn(circuit).encode()
    content = FORMATS[file_format].write(circuit)
    return content if isinstance(content, bytes) else content.encode()


def _drawn(circuit: Circuit | Program) -> str:
    from circuitdiff.circuits.program import Program
    from circuitdiff.interop import program_to_qiskit
    from circuitdiff.reports.text_drawing import draw

    if isinstance(circuit, Program) and not circuit.is_circuit:
        return str(program_to_qiskit(circuit).draw("text", fold=100)) + "\n"
    return draw(circuit.circuit() if isinstance(circuit, Program) else circuit) + "\n"


def summary_of(result: CompileResult | Resynthesis) -> str:
    """Return the figures of a result in a few lines."""
    from circuitdiff.resynthesis import Resynthesis

    if isinstance(result, Resynthesis):
        return table_of(result)
    t_gates = f"{result.circuit.t_count} T in {result.circuit.t_depth} layers, " if result.circuit.t_count else ""
    counts = f"{t_gates}{result.two_qubit_count} two-qubit gates, {result.num_gates} gates, depth {result.depth}"
    device = f"gate set {result.gate_set}, coupling {result.coupling}"
    text = f"{counts}, infidelity {result.infidelity:.1e}\n{device}; {result.source}, {result.seconds:.2f} s"
    if result.output_permutation is None:
        return text
    order = " ".join(map(str, result.output_permutation))
    return f"{text}\noutput qubits hold those of the target in this order: {order}"
