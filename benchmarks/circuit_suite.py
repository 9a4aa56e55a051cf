"""A folder of OpenQASM circuits rewritten within so many processor seconds each: two-qubit gates left, geometric mean.

python benchmarks/circuit_suite.py FOLDER [--seconds 10] [--effort default] [--free] [--workers 1] [-o rows.jsonl]
python benchmarks/circuit_suite.py FOLDER --seconds 1,10,60 -o rows.jsonl --plot left.svg
python benchmarks/circuit_suite.py FOLDER --peers qiskit,pytket

A run with ``-o`` goes on where it stopped; each limit is a run of its own, from the beginning.

Peers are held to the same condition: where the order of the outputs is kept, as it is without --free, swaps that they
leave to the reader count three gates each.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from circuit_peers import COUNTS

from circuitdiff import Circuit, resynthesize
from circuitdiff.reports.charts import CHART_STYLE, Axis, Series, chart

WARM_UP = Circuit.from_gates(4, [("ccx", (0, 1, 2), ()), ("cswap", (2, 0, 1), ()), ("ccx", (1, 2, 3), ())])


LOOK_EVERY = 2e-3
"""Seconds between two looks at the processor's clock, which take a quarter of a millisecond on some machines."""


def processor_clock() -> Callable[[], float]:
    """Return a function that says how many seconds of processor time this process has used."""
    now, last = time.monotonic, [float("-inf"), 0.0]

    def used() -> float:
        if now() - last[0] >= LOOK_EVERY:
            last[:] = [now(), time.process_time()]
        return last[1]

    return used


STYLE = CHART_STYLE + ".cd-chart{--cd-1:#3367d6;--cd-2:#c0561a;--cd-3:#1e8e5a}"

Row = dict[str, Any]
"""Of a circuit and a limit: the gates before and after, those of peers, the infidelity."""


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--seconds", default="10", show_default=True, help="Limits in processor seconds of all threads, by commas."
)
@click.option("--effort", default="default", show_default=True)
@click.option("--free", is_flag=True, help="Leave the order of the outputs free.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--proposers", default="", help="Those that take part in the compilation of blocks, separated by commas.")
@click.option("--peers", default="", help=f"Run beside, separated by commas: {', '.join(COUNTS)}.")
@click.option("--plot", type=click.Path(path_type=Path), help="An SVG of the gates left against time.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Rows as JSON; rows in it are kept.")
def main(
    folder: Path,
    seconds: str,
    effort: str,
    free: bool,
    workers: int,
    seed: int,
    proposers: str,
    peers: str,
    plot: Path | None,
    output: Path | None,
) -> None:
    """Rewrite every file for the gate set u,cx, and report."""
    time.monotonic = processor_clock()  # a busy machine would count against the limit
    limits, beside = [float(limit) for limit in seconds.split(",")], [peer for peer in peers.split(",") if peer]
    rows: dict[tuple[str, float], Row] = {}
    if output is not None and output.exists():
        rows = {(row["file"], row["limit"]): row for row in map(json.loads, output.read_text().splitlines())}
    resynthesize(WARM_UP, effort="fast", cache=None, timeout=5.0, workers=1)
    for path in sorted(folder.rglob("*.qasm")):
        name = str(path.relative_to(folder))
        given = Circuit.from_qasm(path.read_text())
        counts = peer_counts(given, [row for (file, _), row in rows.items() if file == name], beside, not free)
        for limit in limits:
            if (name, limit) not in rows:
                found = resynthesize(
                    given,
                    effort=effort,
                    cache=None,
                    timeout=limit,
                    keep_order=not free,
                    workers=workers,
                    seed=seed,
                    proposers=proposers.split(",") if proposers else None,
                )
                rows[name, limit] = {
                    "file": name,
                    "limit": limit,
                    "before": given.two_qubit_count,
                    "after": found.circuit.two_qubit_count,
                    **counts,
                    "infidelity": found.infidelity,
                    "seconds": round(found.seconds, 1),
                }
                if output is not None:
                    with output.open("a") as file:
                        file.write(json.dumps(rows[name, limit]) + "\n")
            click.echo(json.dumps(rows[name, limit]))
    means = {limit: mean_left((row for row in rows.values() if row["limit"] == limit), "after") for limit in limits}
    for limit, left in means.items():
        click.echo(f"geometric mean {left:.3f} after {limit:g} s")
    theirs = {peer: mean_left((row for row in rows.values() if row["limit"] == limits[0]), peer) for peer in beside}
    for peer, left in theirs.items():
        click.echo(f"geometric mean {left:.3f}, {peer}")
    if plot is not None:
        plot.write_text(drawn(means, theirs))


def peer_counts(given: Circuit, rows: Sequence[Row], peers: Sequence[str], keep_order: bool) -> dict[str, int]:
    """Return by peer the gates that it leaves, from a circuit's rows where they have them."""
    known = {peer: row[peer] for row in rows for peer in peers if peer in row}
    return {peer: known[peer] if peer in known else COUNTS[peer](given.to_qiskit(), keep_order) for peer in peers}


def mean_left(rows: Iterable[Row], name: str) -> float:
    """Return the geometric mean of what is left, of those circuits that have gates before and after."""
    ratios = [row[name] / row["before"] for row in rows if row["before"] and row.get(name)]
    return math.exp(sum(map(math.log, ratios)) / max(1, len(ratios)))


def drawn(means: dict[float, float], theirs: dict[str, float]) -> str:
    """Return a drawing of what is left after some times, and of what peers leave, a level each."""
    ends = [min(means), max(means)]
    series = [Series("circuitdiff", sorted(means.items()))]
    series += [Series(peer, [(end, left) for end in ends]) for peer, left in theirs.items()]
    svg = chart(series, Axis("processor seconds", log=True), Axis("two-qubit gates left, geometric mean"))
    return svg.replace(">", f"><style>{STYLE}</style>", 1)


if __name__ == "__main__":
    main()
