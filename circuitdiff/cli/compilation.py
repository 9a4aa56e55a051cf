"""One target of ``circuitdiff compile``: read, compiled, and written in any format."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from circuitdiff.cli.wide import MAX_WIDE_QUBITS, resynthesized, table_of
from circuitdiff.errors import InputError
from circuitdiff.interop.formats import FORMATS, format_of_suffix, suffixes

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.program import Program
    from circuitdiff.resynthesis import Resynthesis
    from circuitdiff.spec.target import Target
    from circuitdiff.synthesis import CompileResult

TEXT, JSON = "text", "json"
"""What is written beside the formats of circuits: a drawing, and a result as data."""

LEAST_SECONDS = 0.01
"""What is left to the compiler when reading and importing have used up the time allowed."""


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
        content = _contents(self.written, file_format)
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


def compile_file(
    target: str, endian: str, started: float, settings: Mapping[str, Any], file_format: str = "text"
) -> Compiled:
    """Read and compile; the time that imports take counts against the time allowed.

    Args:
        target: a path, or - for stdin.
        endian: bit order of a matrix.
        started: value of `time.monotonic` from which time is counted.
        settings: keywords of `circuitdiff.compile`, ``partition_size``, ``cache``, ``drop_barriers``,
            ``unitary_tol``, ``keep_order`` and ``workers``.
        file_format: what the result will be written as; what cannot be is refused before any work.

    Raises:
        InputError: the target cannot be read, or an option does not apply to it.
        NoCircuitError: the time ran out before there was any circuit.
    """
    from circuitdiff.cli.targets import read_target_or_program
    from circuitdiff.validation import check_options

    settings = dict(settings)
    check_options(unitary_tol=settings.get("unitary_tol"))
    given = read_target_or_program(
        target,
        endian=endian,
        max_qubits=MAX_WIDE_QUBITS,
        drop_barriers=settings.pop("drop_barriers", False),
        tolerance=settings.pop("unitary_tol", None),
    )
    return compile_given(given, started, settings, file_format)


def compile_given(
    given: Target | Circuit | Program, started: float, settings: Mapping[str, Any], file_format: str = "text"
) -> Compiled:
    """Compile what was read; see `compile_file`.

    Args:
        given: as `circuitdiff.cli.targets.read_target_or_program` returns it.
        started: value of `time.monotonic` from which time is counted.
        settings: keywords of `circuitdiff.compile`, ``partition_size``, ``cache``, ``keep_order`` and ``workers``.
        file_format: what the result will be written as.

    Raises:
        InputError: an option does not apply.
        NoCircuitError: the time ran out before there was any circuit.
    """
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.program import Program
    from circuitdiff.circuits.unitary_io import MAX_QUBITS
    from circuitdiff.synthesis import compile as compile_target

    settings = dict(settings)
    timeout, size, cache = (settings.pop(name) for name in ("timeout", "partition_size", "cache"))
    blockwise = {"keep_order": settings.pop("keep_order", False), "workers": settings.pop("workers", None)}
    if timeout is not None:
        timeout = max(LEAST_SECONDS, timeout - (time.monotonic() - started))
    if isinstance(given, Program) and not given.is_circuit:
        if file_format != JSON:  # a format that cannot hold it is refused before any work
            _contents(given, file_format)
        rewritten = resynthesized(given, size, cache, timeout, {**settings, **blockwise})
        return Compiled(rewritten, rewritten.circuit)
    registers, given = (given, given.circuit()) if isinstance(given, Program) else (None, given)
    result: CompileResult | Resynthesis
    if isinstance(given, Circuit) and (size is not None or given.num_qubits > MAX_QUBITS):
        result = resynthesized(given, size, cache, timeout, {**settings, **blockwise})
    elif size is not None:
        raise InputError("--partition-size applies to circuits, and the target is a matrix")
    elif blockwise["workers"] is not None and not isinstance(given, Circuit):
        raise InputError("--workers applies to folders and circuits, and the target is a matrix")
    else:
        result = compile_target(given, timeout=timeout, **settings)
    circuit, before = result.circuit, given if isinstance(given, Circuit) else None
    if registers is not None and isinstance(circuit, Circuit):
        return Compiled(result, registers.with_circuit(circuit), before)
    return Compiled(result, circuit, before)


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


def _contents(circuit: Circuit | Program, file_format: str) -> bytes:
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
