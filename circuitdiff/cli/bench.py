"""``circuitdiff bench``: measure against other compilers, live."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from circuitdiff.cli.exit_codes import FAILURE
from circuitdiff.cli.options import (
    compiler_options,
    echo_json,
    json_option,
    name_list,
    output_option,
    positive_number,
    report_option,
)
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import progress
from circuitdiff.errors import InputError

if TYPE_CHECKING:
    from circuitdiff.evaluation.ablation_report import AblationReport
    from circuitdiff.evaluation.deep import DeepReport
    from circuitdiff.evaluation.papers.report import PapersReport
    from circuitdiff.evaluation.report import BenchReport
    from circuitdiff.evaluation.state_structures import StructuresReport
    from circuitdiff.evaluation.states import StatesReport

ABLATION, DEEP, PAPERS, STATES, STRUCTURES = "ablation", "deep", "papers", "states", "state-structures"
PEERS_HELP = "Some of qiskit, qiskit-free, bqskit (or -o1, -o2, -o3, -qsearch, -leap behind it); or none."


@click.command("bench", short_help="Measure against other compilers, live.")
@click.argument("suite")
@compiler_options
@click.option("--timeout", type=positive_number, metavar="SECONDS", help="Take the best circuit by then.")
@click.option("--peers", type=name_list, default="qiskit", show_default=True, metavar="NAMES", help=PEERS_HELP)
@click.option(
    "--qubits", type=click.IntRange(1), multiple=True, metavar="N", help="Keep this register size; repeatable."
)
@click.option("--family", "families", multiple=True, metavar="NAME", help="Keep this family; repeatable.")
@click.option("--limit", type=click.IntRange(1), metavar="COUNT", help="Stop after this many targets.")
@click.option("--only", metavar="KEY", help="Of papers: this row alone.")
@click.option("--targets", type=click.IntRange(1), metavar="COUNT", help="Of papers: targets of each row.")
@output_option("Write the report to this JSON file.")
@report_option
@json_option
def command(suite: str, output: str | None, report: str | None, as_json: bool, **settings: Any) -> int:
    """Compile every target of SUITE, a folder of .npy files or a built-in suite, beside other compilers.

    Built-in suites are smoke, named, haar and shallow; the seed also draws the random circuits of shallow, of which
    only the unitaries are shown. The timeout is for each target and compiler. The proposer random, drawn blindly, is a
    control. A circuit of circuitdiff that is not exact or does not fit the device makes the exit code 1.

    The suite ablation, or ablation:FOLDER to add a folder's targets, compares the model's structures and angles with
    blind ones at equal budget, on circuits that were never trained on; it takes --model, --coupling, --seed and
    --limit (circuits of each length).

    The suite deep looks for circuits of exactly 2 to 10 entanglers with random angles, a second of one core each, with
    the model's structures and with blind ones; it takes the same.

    The suite papers measures what the papers that the models follow measured, a row a protocol; it takes --only,
    --targets, --seed and --model, which serves wherever it fits.

    The suite states prepares generic and structured states of 3 to 8 qubits; it takes --peers (qiskit, qclib,
    squander), --effort, --timeout, --qubits, --family, --limit, --proposers, --model and --seed.

    The suite state-structures fits the model's structures for states, and blind ones of the same lengths, for equal
    work; it takes --model, --coupling, --qubits, --limit (states of each random family and register) and --seed.
    """
    from circuitdiff.evaluation.machine import use_one_thread

    for path in filter(None, (output, report)):
        check_writable(path)
    use_one_thread()
    with progress(f"bench {suite}"):
        measured = _report(suite, settings)
    if output is not None:
        write_atomically(output, (json.dumps(measured.as_dict(), indent=2) + "\n").encode())
    if report is not None:
        from circuitdiff.reports.bench_page import bench_page

        write_atomically(report, bench_page(suite, measured).encode())
    if as_json:
        echo_json(measured.as_dict())
    else:
        click.echo(measured.table())
    return 0 if measured.is_sound else FAILURE


def _report(
    suite: str, settings: dict[str, Any]
) -> BenchReport | AblationReport | DeepReport | PapersReport | StatesReport | StructuresReport:
    name, _, folder = suite.partition(":")
    chosen = {key: settings.pop(key) for key in ("only", "targets")}
    if suite == PAPERS:
        from circuitdiff.evaluation.papers.bench import run_papers

        return run_papers(**chosen, seed=settings["seed"], model=settings["model"])
    if any(value is not None for value in chosen.values()):
        raise InputError(f"--only and --targets belong to the suite {PAPERS}, not to {suite}")
    taken = {key: settings[key] for key in ("model", "coupling", "seed", "limit")}
    if name == ABLATION:
        from circuitdiff.evaluation.ablation import run_ablation

        return run_ablation(folder=folder or None, **taken)
    if suite == DEEP:
        from circuitdiff.evaluation.deep import run_deep

        return run_deep(**taken)
    if suite == STRUCTURES:
        from circuitdiff.evaluation.state_structures import run_state_structures

        return run_state_structures(qubits=settings["qubits"], **taken)
    peers = () if settings["peers"] == ("none",) else settings["peers"]
    if suite == STATES:
        from circuitdiff.evaluation.states import run_states

        names = ("effort", "timeout", "qubits", "families", "limit", "seed", "proposers", "model")
        kept = {key: settings[key] for key in names}
        return run_states(peers=peers, **kept)
    from circuitdiff.evaluation.bench import run_bench

    return run_bench(suite, **(settings | {"peers": peers}))
