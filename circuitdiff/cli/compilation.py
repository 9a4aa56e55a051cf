"""One target of ``circuitdiff compile``: read, compiled, and written in any format."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from circuitdiff.cli.wide import MAX_WIDE_QUBITS, resynthesized, table_of
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    from circuitdiff.resynthesis import Resynthesis
    from circuitdiff.synthesis import CompileResult

FORMATS = ("text", "qasm3", "qasm2", "qpy", "cirq", "json")

LEAST_SECONDS = 0.01
"""What is left to the compiler when reading and importing have used up the time allowed."""


def compile_file(target: str, endian: str, started: float, settings: Mapping[str, Any]) -> CompileResult | Resynthesis:
    """Read and compile; the time that imports take counts against the time allowed.

    Args:
        target: a path, or - for stdin.
        endian: bit order of a matrix.
        started: value of `time.monotonic` from which time is counted.
        settings: keywords of `circuitdiff.compile`, ``partition_size`` and ``cache``.

    Raises:
        InputError: the target cannot be read, or an option does not apply to it.
        NoCircuitError: the time ran out before there was any circuit.
    """
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.unitary_io import MAX_QUBITS
    from circuitdiff.cli.targets import read_target

    given = read_target(target, endian=endian, max_qubits=MAX_WIDE_QUBITS)
    from circuitdiff.synthesis import compile as compile_target

    settings = dict(settings)
    timeout, size, cache = (settings.pop(name) for name in ("timeout", "partition_size", "cache"))
    if timeout is not None:
        timeout = max(LEAST_SECONDS, timeout - (time.monotonic() - started))
    if isinstance(given, Circuit) and (size is not None or given.num_qubits > MAX_QUBITS):
        return resynthesized(given, size, cache, timeout, settings)
    if size is not None:
        raise InputError("--partition-size applies to circuits, and the target is a matrix")
    return compile_target(given, timeout=timeout, **settings)


def render(result: CompileResult | Resynthesis, file_format: str, *, summary: bool = True) -> bytes:
    """Return the contents of a file that holds a result in one of `FORMATS`."""
    from circuitdiff.interop import to_cirq_json, to_qasm, to_qpy
    from circuitdiff.reports.text_drawing import draw

    circuit = result.circuit
    match file_format:
        case "json":
            text = json.dumps(result.as_dict(), indent=2) + "\n"
        case "qasm3" | "qasm2":
            text = to_qasm(circuit, version=int(file_format[-1]))
        case "cirq":
            text = to_cirq_json(circuit)
        case "qpy":
            return to_qpy(circuit)
        case _:
            text = draw(circuit) + "\n" + (summary_of(result) + "\n") * summary
    return text.encode()


def summary_of(result: CompileResult | Resynthesis) -> str:
    """Return the figures of a result in a few lines."""
    from circuitdiff.resynthesis import Resynthesis

    if isinstance(result, Resynthesis):
        return table_of(result)
    counts = f"{result.two_qubit_count} two-qubit gates, {result.num_gates} gates, depth {result.depth}"
    device = f"gate set {result.gate_set}, coupling {result.coupling}"
    return f"{counts}, infidelity {result.infidelity:.1e}\n{device}; {result.source}, {result.seconds:.2f} s"
