"""``circuitdiff dataset``: make, inspect, check and query datasets of circuits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.exit_codes import FAILURE, TOLERANCE_NOT_MET
from circuitdiff.cli.options import COUPLING_HELP, Command, echo_json, json_option, positive_number, seed_option
from circuitdiff.cli.progress import progress

if TYPE_CHECKING:
    from circuitdiff.datasets.build import BuildReport, Job

FOLDER = click.Path(path_type=Path)


@click.group("dataset", short_help="Make, check and query datasets of circuits.")
def command() -> None:
    """Make datasets of verified circuits, look at them, check them and query them."""


@command.group("build", short_help="Make a dataset, or go on with one.")
def build() -> None:
    """Make a dataset of Parquet shards; the same command goes on where it was interrupted.

    A shard depends on the seed and its number alone, and is complete or absent.
    """


def _build_options(function: Command) -> Command:
    """Add what every build takes."""
    options = (
        click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes."),
        click.option(
            "--shard", "part", default="0/1", show_default=True, metavar="I/N", callback=_part, help=PART_HELP
        ),
        click.option("--cluster", metavar="ADDRESS", help="Dask cluster that does the work, instead of --workers."),
        click.option("-o", "--output", "folder", type=FOLDER, required=True, metavar="DIR", help="Where it goes."),
        seed_option,
        json_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


TARGET_HELP = "What to solve; repeatable."
SETS_HELP = "A preset or list of gates; repeatable."
MAPS_HELP = f"{COUPLING_HELP.removesuffix('.')}; repeatable."
FAMILIES_HELP = "Share of textbook circuits and pieces of them, 0 to 1: QFT, Trotter steps, oracles, adders, ..."
PART_HELP = "Make the shards whose number is I modulo N: for job arrays."


def _part(context: click.Context, option: click.Parameter, text: str) -> tuple[int, int]:
    first, _, second = text.partition("/")
    if not (first.isdecimal() and second.isdecimal() and int(first) < int(second)):
        raise click.BadParameter(f"{text!r} is not I/N with I from 0 to N - 1")
    return int(first), int(second)


@build.command("random")
@click.option("--qubits", "num_qubits", type=click.IntRange(2, 5), default=3, show_default=True, help="Register.")
@click.option("--max-gates", type=click.IntRange(1, 256), default=16, show_default=True, help="Most gates.")
@click.option("--count", type=click.IntRange(1), required=True, help="Circuits.")
@click.option("--gate-set", default="genqc-continuous", show_default=True, metavar="SET", help="A preset or list.")
@click.option("--coupling", default="all", show_default=True, metavar="MAP", help=COUPLING_HELP)
@click.option("--families", type=click.FloatRange(0, 1), default=0.0, metavar="SHARE", help=FAMILIES_HELP)
@_build_options
def random(
    folder: Path, workers: int, part: tuple[int, int], cluster: str | None, as_json: bool, **settings: Any
) -> int:
    """Make random circuits with their unitaries and Schmidt ranks, to train on."""
    from circuitdiff.datasets.build import build_random

    return _reported(lambda job: build_random(folder, job=job, **settings), (workers, *part, cluster), as_json)


@build.command("solutions")
@click.option("--target", "targets", required=True, multiple=True, metavar="TARGET", help=TARGET_HELP)
@click.option("--count", type=click.IntRange(1), required=True, help="Distinct circuits for each target and device.")
@click.option(
    "--gate-set", "gate_sets", multiple=True, default=("u,cx",), show_default=True, metavar="SET", help=SETS_HELP
)
@click.option(
    "--coupling", "couplings", multiple=True, default=("all",), show_default=True, metavar="MAP", help=MAPS_HELP
)
@click.option("--timeout", type=positive_number, metavar="SECONDS", help="Begin nothing new after that.")
@_build_options
def solutions(
    folder: Path, workers: int, part: tuple[int, int], cluster: str | None, as_json: bool, **settings: Any
) -> int:
    """Find many distinct circuits for the same operation, each verified to 1e-12.

    TARGET is a name as for "circuitdiff target", a family such as "tfim:3?t=0.1:1.0:32", a .npy file or a folder of
    them. Exit code 3 says that some target has fewer circuits than asked for; they are listed, and kept.
    """
    from circuitdiff.datasets.build_solutions import build_solutions

    return _reported(lambda job: build_solutions(folder, job=job, **settings), (workers, *part, cluster), as_json)


def _reported(make: Callable[[Job], BuildReport], share: tuple[int, int, int, str | None], as_json: bool) -> int:
    """Make a dataset with a share of the work, and print what came of it."""
    from circuitdiff.datasets.build import Job, WorkersDiedError

    try:
        with progress("building", quiet=as_json):
            report = make(Job(*share))
    except WorkersDiedError as error:
        click.echo(f"error: {error}", err=True)
        return FAILURE
    if as_json:
        echo_json(report.as_dict())
    else:
        click.echo(f"{report.path}: {report.circuits} circuits, {report.distinct} distinct")
        click.echo(f"{report.made} made in {report.seconds:.1f} s")
    for target, count in report.missing.items():
        click.echo(f"gap: {target} has {count} distinct circuits, fewer than asked for", err=True)
    return TOLERANCE_NOT_MET if report.missing else 0


@command.command("info")
@click.argument("folder", type=FOLDER, metavar="DIR")
@json_option
def info(folder: Path, as_json: bool) -> None:
    """Show what the dataset in DIR holds."""
    from circuitdiff.datasets.info import describe

    facts = describe(folder)
    if as_json:
        echo_json(facts)
        return
    click.echo(f"{folder}: {facts['kind']}, {facts['circuits']} circuits, {facts['distinct']} distinct")
    click.echo(f"{facts['shards']} shards, {facts['bytes']} bytes, by {facts['generator']}, seed {facts['seed']}")
    for name, value in facts["parameters"].items():
        click.echo(f"  {name}: {value}")
    click.echo("two-qubit gates: " + ", ".join(f"{n} x {count}" for n, count in facts["two_qubit_counts"].items()))
    for family, count in facts["families"].items():
        click.echo(f"  {family}: {count} circuits")
    for target, counts in facts["targets"].items():
        click.echo(f"  {target}: {counts['circuits']} circuits, {counts['structures']} structures")


@command.command("verify")
@click.argument("folder", type=FOLDER, metavar="DIR")
@json_option
def verify(folder: Path, as_json: bool) -> int:
    """Simulate every circuit in DIR again and compare it with its unitary; exit code 1 where one fails."""
    from circuitdiff.datasets.verify import verify_dataset

    with progress("verifying", quiet=as_json):
        report = verify_dataset(folder)
    if as_json:
        echo_json(report.as_dict())
    else:
        click.echo(
            f"{report.circuits} circuits, {report.failed} failed, largest infidelity {report.max_infidelity:.1e}"
        )
    return FAILURE if report.failed else 0


@command.command("query")
@click.argument("sql")
@click.argument("folder", type=FOLDER, metavar="DIR", default=".")
@json_option
def query(sql: str, folder: Path, as_json: bool) -> None:
    """Run SQL over the dataset in DIR; its circuits are the view "circuits"."""
    from circuitdiff.datasets.query import query as run

    columns, rows = run(sql, folder)
    if as_json:
        echo_json({"columns": columns, "rows": [[_plain(value) for value in row] for row in rows]})
        return
    click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(_text(value) for value in row))


def _plain(value: Any) -> Any:
    """Return a value that JSON has."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
