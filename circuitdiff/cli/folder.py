"""``circuitdiff compile FOLDER``: every target in a folder, each by itself, on as many processes as wanted."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from circuitdiff.cli.compilation import render, suffix_of
from circuitdiff.cli.compile import compile_file
from circuitdiff.cli.exit_codes import BAD_INPUT, NO_CIRCUIT, TOLERANCE_NOT_MET
from circuitdiff.cli.options import echo_json
from circuitdiff.cli.output import write_atomically
from circuitdiff.cli.progress import progress
from circuitdiff.cli.targets import COMPRESSED, kind_of, target_suffixes
from circuitdiff.errors import InputError, NoCircuitError


@dataclass(frozen=True)
class Outcome:
    """What became of one target.

    Attributes:
        content: of the file to write, None where there is no circuit.
        figures: of the result as ``--json`` prints it, or why there is none, under ``error``.
        status: exit code that the target alone would have.
    """

    content: bytes | None
    figures: dict[str, Any]
    status: int


def compile_folder(
    folder: Path,
    output: str | None,
    workers: int,
    endian: str,
    file_format: str,
    as_json: bool,
    quiet: bool,
    settings: Mapping[str, Any],
) -> int:
    """Compile a folder's targets, write each as soon as it is done, and report all.

    Args:
        folder: its files of the supported suffixes are the targets, in order of their names.
        output: another folder, made if it is missing.
        workers: processes.
        endian: bit order of matrices.
        file_format: one of `format_names`.
        as_json: whether to print one JSON object rather than a table.
        quiet: whether to leave out the table and progress.
        settings: as of `compile_file`.

    Returns:
        The exit code: that of bad input before that of no circuit in time, before that of a tolerance not met.

    Raises:
        InputError: there is no target, or nowhere to write.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if kind_of(path) is not None and path.is_file())
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror or error}") from error
    destinations = _destinations(folder, paths, output, suffix_of(file_format))
    job = partial(_outcome, endian=endian, file_format=file_format, settings=settings)
    outcomes: dict[str, Outcome] = {}
    with progress("compiling", quiet=quiet):
        for path, outcome in zip(paths, _mapped(job, paths, workers), strict=True):
            if outcome.content is not None:
                write_atomically(destinations[path], outcome.content)
            outcomes[path.name] = outcome
    for name, outcome in outcomes.items():
        if "error" in outcome.figures:
            click.echo(f"error: {name}: {outcome.figures['error']}", err=True)
    if as_json:
        echo_json({"targets": {name: outcome.figures for name, outcome in outcomes.items()}})
    elif not quiet:
        click.echo(_table(outcomes))
    statuses = {outcome.status for outcome in outcomes.values()}
    return next((code for code in (BAD_INPUT, NO_CIRCUIT, TOLERANCE_NOT_MET) if code in statuses), 0)


def _destinations(folder: Path, paths: Sequence[Path], output: str | None, suffix: str) -> dict[Path, Path]:
    """Return the file to write for each target, and make the folder for them."""
    if not paths:
        raise InputError(f"{folder} has no file of {' '.join(target_suffixes())}")
    if output is None:
        raise InputError(f"{folder} is a folder with {len(paths)} targets; name a folder for their circuits with -o")
    into = Path(output)
    if into.resolve() == folder.resolve():
        raise InputError(f"{into} holds the targets; name another folder with -o")
    destinations = {path: into / f"{Path(path.name.removesuffix(COMPRESSED)).stem}{suffix}" for path in paths}
    if len(set(destinations.values())) < len(paths):
        raise InputError(f"{folder} has targets whose names differ in nothing but their suffixes")
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot write {into}: {error.strerror or error}") from error
    return destinations


def _outcome(path: Path, endian: str, file_format: str, settings: Mapping[str, Any]) -> Outcome:
    """Compile one target; what is wrong with it is an outcome like any other."""
    try:
        compiled = compile_file(str(path), endian, time.monotonic(), settings, file_format)
    except InputError as error:
        return Outcome(None, {"error": str(error)}, BAD_INPUT)
    except NoCircuitError as error:
        return Outcome(None, {"error": str(error)}, NO_CIRCUIT)
    return Outcome(
        render(compiled, file_format), compiled.as_dict(), 0 if compiled.result.tol_met else TOLERANCE_NOT_MET
    )


def _mapped(job: Callable[[Path], Outcome], paths: Sequence[Path], workers: int) -> Iterator[Outcome]:
    """Yield outcomes in the order of the paths."""
    if workers == 1 or len(paths) == 1:
        yield from map(job, paths)
        return
    context = multiprocessing.get_context("spawn")  # a forked child would hang on threads that it did not inherit
    with ProcessPoolExecutor(min(workers, len(paths)), context) as pool:
        try:
            yield from pool.map(job, paths)
        except BrokenProcessPool as error:
            raise click.ClickException("a worker died (killed, or out of memory); earlier targets are done") from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _table(outcomes: Mapping[str, Outcome]) -> str:
    """Return one line a target: two-qubit gates before, where a circuit was given block by block, and after."""
    lines = [f"{'target':<32}{'before':>8}{'after':>8}{'gates':>8}{'depth':>8}{'seconds':>9}  infidelity"]
    for name, outcome in outcomes.items():
        figures = outcome.figures
        if "error" in figures:
            lines.append(f"{name:<32}{'-':>8}{'-':>8}{'-':>8}{'-':>8}{'-':>9}  -")
            continue
        before = str(figures["before"]["two_qubit_count"]) if "before" in figures else "-"
        missed = "-" if figures["infidelity"] is None else f"{figures['infidelity']:.1e}"
        lines.append(
            f"{name:<32}{before:>8}{figures['two_qubit_count']:>8}{figures['num_gates']:>8}{figures['depth']:>8}"
            f"{figures['seconds']:>9.2f}  {missed}"
        )
    return "\n".join(lines)
