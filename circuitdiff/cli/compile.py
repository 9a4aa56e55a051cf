"""``circuitdiff compile``: a unitary, state or circuit in, a verified circuit out; or a folder of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.compilation import (
    JSON,
    Compiled,
    contents_of,
    format_names,
    format_of,
    page_of,
    render,
    summary_of,
)
from circuitdiff.cli.exit_codes import INTERRUPTED, TOLERANCE_NOT_MET
from circuitdiff.cli.options import (
    COST_HELP,
    DEVICE_HELP,
    compiler_options,
    echo_json,
    json_option,
    output_option,
    positive_number,
    report_option,
    seconds_or_none,
)
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import compile_progress
from circuitdiff.cli.wide import MAX_WIDE_QUBITS, resynthesized
from circuitdiff.errors import InputError
from circuitdiff.interruption import graceful_interruption

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit
    from circuitdiff.circuits.program import Program
    from circuitdiff.resynthesis import Resynthesis
    from circuitdiff.spec.target import Target
    from circuitdiff.synthesis import CompileResult

LEAST_SECONDS = 0.01
"""What is left to the compiler when reading and importing have used up the time allowed."""

WORKERS_HELP = "Processes for a folder, or threads for a circuit's blocks.  [default: 1, or one a core]"
TIMEOUT_HELP = (
    "Take the best circuit by then; none for no limit.  [default: no limit for a target; where a circuit is rewritten "
    "block by block 60 s and 0.2 s for each two-qubit gate, at most 300; at effort fast 30 and 0.05, at most 120; "
    "at max 600 and 2, at most 3600]"
)
PARTITION_HELP = "Rewrite the circuit in blocks of so many qubits.  [default: 3, for more than 5 qubits]"
ORDER_HELP = "Let every qubit of a circuit end on its own wire; by default the order is free, and said."
BARRIERS_HELP = "Leave barriers out; by default they stay, and nothing moves past them."
TOLERANCE_HELP = "Take a matrix that is unitary to so much, and compile the nearest unitary.  [default: 1e-8]"


@click.command("compile", short_help="Compile a unitary, state or circuit.")
@click.argument("target")
@compiler_options
@click.option("--timeout", type=seconds_or_none, metavar="SECONDS", help=TIMEOUT_HELP)
@click.option("--tol", type=positive_number, default=1e-10, show_default=True, metavar="X", help="Infidelity allowed.")
@click.option("--samples", type=click.IntRange(1), metavar="COUNT", help="Draws from the model.  [default: by effort]")
@click.option("--prompt", metavar="TEXT", help='Gates and coupling in words, such as "only h and cx, on a line".')
@click.option("--device", "torch_device", default="cpu", show_default=True, metavar="DEVICE", help=DEVICE_HELP)
@click.option("--cost", metavar="NAME", help=COST_HELP)
@click.option("--up-to", type=click.Choice(["output-permutation"]), help="Leave the order of the output qubits free.")
@click.option("--partition-size", type=click.IntRange(2, 5), metavar="QUBITS", help=PARTITION_HELP)
@click.option("--keep-order", is_flag=True, help=ORDER_HELP)
@click.option("--drop-barriers", is_flag=True, help=BARRIERS_HELP)
@click.option("--unitary-tol", type=positive_number, metavar="X", help=TOLERANCE_HELP)
@click.option("--cache", default="default", metavar="FILE", help="Where compiled blocks are kept; none for nowhere.")
@click.option("--endian", type=click.Choice(["little", "big"]), default="little", help="Bit order of a matrix target.")
@click.option(
    "--format", "file_format", type=click.Choice(format_names()), help="[default: by the suffix of FILE, or text]"
)
@click.option("--workers", type=click.IntRange(1), metavar="N", help=WORKERS_HELP)
@output_option("Write the circuit to this file, or a folder's to this folder.")
@report_option
@json_option
@click.option("--quiet", is_flag=True, help="No summary and no progress.")
@click.option("--progress", "show_progress", is_flag=True, help="Every improvement on stderr, terminal or not.")
def command(
    target: str,
    endian: str,
    file_format: str | None,
    workers: int | None,
    output: str | None,
    report: str | None,
    as_json: bool,
    quiet: bool,
    show_progress: bool,
    **settings: Any,
) -> int:
    """Find a circuit for TARGET with as few two-qubit gates as possible.

    TARGET is a unitary, state or isometry (.npy, .npz: 2^n x 2^n, 2^n or 2^n x 2^m), a sparse state (.json such as
    {"000": 0.6, "111": 0.8}), a circuit (.qasm, .qpy, or .json of Cirq), or - for any on stdin.
    Circuits of more than 5 qubits, and those that measure, reset, branch or hold barriers, are rewritten block by
    block, never with more two-qubit gates than before; what is no gate stays. Ctrl-C writes the best so far.
    Of a folder, every such file is compiled by itself, and what fails keeps nothing else from being written.
    """
    started = time.monotonic()
    if Path(target).is_dir():
        if report is not None:
            raise InputError("--report applies to one target, and the target is a folder")
        from circuitdiff.cli.folder import compile_folder

        return compile_folder(
            Path(target), output, workers or 1, endian, file_format or "qasm3", as_json, quiet, settings
        )
    settings["workers"] = workers
    file_format = file_format or format_of(output)
    if report is not None:
        check_writable(report)
    if output is not None:
        check_writable(output)
    elif file_format == "qpy" and not as_json and sys.stdout.isatty():
        raise InputError("a terminal cannot show QPY, which is binary; name a file with -o")
    shown = compile_progress(settings["timeout"], quiet=quiet, always=show_progress)
    with shown as on_candidate, graceful_interruption() as interruption:
        compiled = compile_file(target, endian, started, settings | {"on_candidate": on_candidate}, file_format)
    if output is not None:
        write_atomically(output, render(compiled, file_format))
    if report is not None:
        write_atomically(report, page_of(compiled, Path(target).name if target != "-" else "standard input"))
    if as_json:
        echo_json(compiled.as_dict())
    elif output is None:
        click.echo(render(compiled, file_format, summary=not quiet), nl=False)
    elif not quiet:
        click.echo(summary_of(compiled.result))
    if interruption.happened:
        click.echo("warning: interrupted; this is the best so far", err=True)
        return INTERRUPTED
    if compiled.result.tol_met:
        return 0
    missed = f"infidelity {compiled.result.infidelity:.1e} > {settings['tol']:.0e}"
    timeout = settings["timeout"]
    why = ", the time allowed ran out" if timeout is not None and time.monotonic() - started > timeout else ""
    click.echo(f"warning: tolerance not met: {missed}{why}", err=True)
    return TOLERANCE_NOT_MET


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
            contents_of(given, file_format)
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
