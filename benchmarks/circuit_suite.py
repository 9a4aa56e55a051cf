"""A folder of OpenQASM circuits rewritten within so many processor seconds each: two-qubit gates left, geometric mean.

python benchmarks/circuit_suite.py FOLDER [--seconds 10] [--effort default] [--free] [--workers 1] [-o rows.jsonl]
python benchmarks/circuit_suite.py FOLDER --peers qiskit,pytket

Peers are held to the same condition: where the order of the outputs is kept, as it is without --free, swaps that they
leave to the reader count three gates each.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from circuit_peers import COUNTS

from circuitdiff import Circuit, resynthesize

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


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seconds", type=float, default=10.0, show_default=True, help="Processor seconds of all threads.")
@click.option("--effort", default="default", show_default=True)
@click.option("--free", is_flag=True, help="Leave the order of the outputs free.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--peers", default="", help=f"Run beside, separated by commas: {', '.join(COUNTS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A row for each file; rows in it are kept.")
def main(folder: Path, seconds: float, effort: str, free: bool, workers: int, peers: str, output: Path | None) -> None:
    """Rewrite every file for the gate set u,cx, and report."""
    time.monotonic = processor_clock()  # a busy machine would count against the limit
    done: dict[str, dict[str, Any]] = {}
    if output is not None and output.exists():
        done = {row["file"]: row for row in map(json.loads, output.read_text().splitlines())}
    resynthesize(WARM_UP, effort="fast", cache=None, timeout=5.0, workers=1)
    for path in sorted(folder.rglob("*.qasm")):
        name = str(path.relative_to(folder))
        if name not in done:
            given = Circuit.from_qasm(path.read_text())
            found = resynthesize(
                given, effort=effort, cache=None, timeout=seconds, keep_order=not free, workers=workers
            )
            counts = {"before": given.two_qubit_count, "after": found.circuit.two_qubit_count}
            counts |= {peer: COUNTS[peer](given.to_qiskit(), not free) for peer in filter(None, peers.split(","))}
            done[name] = {"file": name, **counts, "infidelity": found.infidelity, "seconds": round(found.seconds, 1)}
            if output is not None:
                with output.open("a") as rows:
                    rows.write(json.dumps(done[name]) + "\n")
        click.echo(json.dumps(done[name]))
    for name in ("after", *filter(None, peers.split(","))):
        ratios = [row[name] / row["before"] for row in done.values() if row["before"] and row.get(name)]
        mean = math.exp(sum(map(math.log, ratios)) / max(1, len(ratios)))
        click.echo(f"geometric mean {mean:.3f} of {len(ratios)}{'' if name == 'after' else ', ' + name}")


if __name__ == "__main__":
    main()
