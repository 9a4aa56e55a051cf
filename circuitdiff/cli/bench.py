"""``circuitdiff bench``: measure against other compilers, live."""

from __future__ import annotations

import json
from typing import Any

import click

from circuitdiff.cli.options import compiler_options, echo_json, json_option, name_list, output_option
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import progress


@click.command("bench", short_help="Measure against other compilers, live.")
@click.argument("suite")
@compiler_options
@click.option("--peers", type=name_list, default="qiskit", show_default=True, metavar="NAMES", help="qiskit, bqskit.")
@click.option("--limit", type=click.IntRange(1), metavar="COUNT", help="Stop after this many targets.")
@output_option("Write the report to this JSON file.")
@json_option
def command(
    suite: str, peers: tuple[str, ...], limit: int | None, output: str | None, as_json: bool, **settings: Any
) -> None:
    """Compile every target of SUITE, a folder of .npy files or a built-in suite, beside other compilers.

    The timeout is for each target and compiler. The proposer random, drawn blindly, is a control; --peers none
    leaves the others out.
    """
    if output is not None:
        check_writable(output)
    from circuitdiff.evaluation.bench import run_bench

    with progress(f"bench {suite}"):
        report = run_bench(suite, peers=() if peers == ("none",) else peers, limit=limit, **settings)
    if output is not None:
        write_atomically(output, (json.dumps(report.as_dict(), indent=2) + "\n").encode())
    if as_json:
        echo_json(report.as_dict())
    else:
        click.echo(report.table())
