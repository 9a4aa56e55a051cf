"""``circuitdiff compile``: a unitary or circuit in, a verified circuit out."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.exit_codes import TOLERANCE_NOT_MET
from circuitdiff.cli.options import (
    compiler_options,
    device_option,
    echo_json,
    json_option,
    output_option,
    positive_number,
)
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import progress
from circuitdiff.cli.wide import MAX_WIDE_QUBITS, resynthesized, table_of
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    from circuitdiff.resynthesis import Resynthesis
    from circuitdiff.synthesis import CompileResult

PARTITION_HELP = "Rewrite the circuit in blocks of so many qubits.  [default: 3, for more than 5 qubits]"
FORMATS = ("text", "qasm3", "qasm2", "qpy", "cirq", "json")
SUFFIX_FORMATS = {".qasm": "qasm3", ".qpy": "qpy", ".json": "cirq"}
"""What a file's suffix asks for: the formats in which the same suffix is read."""

LEAST_SECONDS = 0.01
"""What is left to the compiler when reading and importing have used up the time allowed."""


@click.command("compile", short_help="Compile a unitary or circuit.")
@click.argument("target")
@compiler_options
@click.option("--tol", type=positive_number, default=1e-10, show_default=True, metavar="X", help="Infidelity allowed.")
@click.option("--samples", type=click.IntRange(1), metavar="COUNT", help="Draws from the model.  [default: by effort]")
@click.option("--prompt", metavar="TEXT", help="Words to condition the model on.")
@device_option
@click.option("--partition-size", type=click.IntRange(2, 5), metavar="QUBITS", help=PARTITION_HELP)
@click.option("--cache", default="default", metavar="FILE", help="Where compiled blocks are kept; none for nowhere.")
@click.option("--endian", type=click.Choice(["little", "big"]), default="little", help="Bit order of a matrix target.")
@click.option("--format", "file_format", type=click.Choice(FORMATS), help="[default: by the suffix of FILE, or text]")
@output_option("Write the circuit to this file.")
@json_option
@click.option("--quiet", is_flag=True, help="No summary and no progress.")
def command(
    target: str, endian: str, file_format: str | None, output: str | None, as_json: bool, quiet: bool, **settings: Any
) -> int:
    """Find a circuit for TARGET with as few two-qubit gates as possible.

    TARGET is a unitary (.npy, .npz), a circuit (.qasm, .qpy, or .json of Cirq), or - for either on stdin.
    Circuits of more than 5 qubits are rewritten block by block, never with more two-qubit gates than before.
    """
    started = time.monotonic()
    file_format = file_format or SUFFIX_FORMATS.get(Path(output or "").suffix, "text")
    if output is not None:
        check_writable(output)
    elif file_format == "qpy" and not as_json and sys.stdout.isatty():
        raise InputError("a terminal cannot show QPY, which is binary; name a file with -o")
    with progress("compiling", quiet=quiet):
        result = _compile(target, endian, started, settings)
    if output is not None:
        write_atomically(output, render(result, file_format))
    if as_json:
        echo_json(result.as_dict())
    elif output is None:
        click.echo(render(result, file_format, summary=not quiet), nl=False)
    elif not quiet:
        click.echo(summary_of(result))
    if result.tol_met:
        return 0
    click.echo(f"warning: tolerance not met: infidelity {result.infidelity:.1e} > {settings['tol']:.0e}", err=True)
    return TOLERANCE_NOT_MET


def _compile(target: str, endian: str, started: float, settings: dict[str, Any]) -> CompileResult | Resynthesis:
    """Read and compile; the time that imports take counts against the time allowed."""
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.reading import MAX_QUBITS
    from circuitdiff.cli.targets import read_target

    given = read_target(target, endian=endian, max_qubits=MAX_WIDE_QUBITS)
    from circuitdiff.synthesis import compile as compile_target

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
    from circuitdiff.cli.drawing import draw
    from circuitdiff.interop import to_cirq_json, to_qasm, to_qpy

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
