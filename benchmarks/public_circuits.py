"""A folder of OpenQASM files through the command line, as a user would: read or why not, saved, wrong, and how long.

python benchmarks/public_circuits.py FOLDER [--timeout 10] [--effort fast] [--every 1] [--workers 1] [-o rows.json]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import click

PATIENCE = 120.0
"""Seconds after which a run is given up."""


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--timeout", type=float, default=10.0, show_default=True, help="Given to each compilation, seconds.")
@click.option("--effort", default="fast", show_default=True)
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Take each so many-th file.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a row for each file to this JSON file.")
def main(folder: Path, timeout: float, effort: str, every: int, workers: int, output: Path | None) -> None:
    """Compile every file and report."""
    files = sorted(folder.rglob("*.qasm"))[::every]
    with ThreadPoolExecutor(workers) as pool:
        rows = []
        for row in pool.map(partial(measured, folder=folder, timeout=timeout, effort=effort), files):
            click.echo(json.dumps(row), err=True)
            rows.append(row)
    if output is not None:
        output.write_text(json.dumps(rows, indent=1))
    click.echo(summary(rows))


def measured(file: Path, folder: Path, timeout: float, effort: str) -> dict[str, Any]:
    """Return what came of one file."""
    options = ("--effort", effort, "--timeout", str(timeout), "--cache", "none", "--json")
    command = [sys.executable, "-m", "circuitdiff", "compile", str(file), *options]
    started, spent = time.monotonic(), children_seconds()
    row: dict[str, Any] = {"file": str(file.relative_to(folder)), "bytes": file.stat().st_size}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return row | {"exit": None, "seconds": PATIENCE, "error": "given up"}
    row |= {"exit": done.returncode, "seconds": round(time.monotonic() - started, 1)}
    row |= {"processor_seconds": round(children_seconds() - spent, 1)}
    if not done.stdout.startswith("{"):
        return row | {"error": done.stderr.strip().splitlines()[-1][-160:] if done.stderr.strip() else ""}
    result = json.loads(done.stdout)
    before = result.get("before", {}).get("two_qubit_count")
    return row | {"before": before, "after": result["two_qubit_count"], "infidelity": result["infidelity"]}


def children_seconds() -> float:
    """Return the processor seconds of all processes that have ended; of one file where they run one by one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def summary(rows: list[dict[str, Any]]) -> str:
    """Return the figures of all rows in a few lines."""
    done = [row for row in rows if "after" in row]
    whole = [row for row in done if row["before"] is not None]
    reasons = Counter(f"exit {row['exit']}: {row['error'][-90:]}" for row in rows if "after" not in row)
    seconds = sorted(row["seconds"] for row in done) or [0.0]
    spent = sorted(row["processor_seconds"] for row in done) or [0.0]
    lines = [
        f"{len(rows)} files, {len(done)} compiled, {len(rows) - len(done)} not",
        f"worse: {sum(row['after'] > row['before'] for row in whole)}",
        f"wrong: {sum((row['infidelity'] or 0.0) > 1e-6 for row in done)}",
        f"checked as a whole: {sum(row['infidelity'] is not None for row in done)}",
        f"two-qubit gates: {sum(row['before'] for row in whole)} before, {sum(row['after'] for row in whole)} after",
        f"seconds: median {seconds[len(seconds) // 2]}, most {seconds[-1]}, above 15: {sum(s > 15 for s in seconds)}",
        f"processor seconds: median {spent[len(spent) // 2]}, most {spent[-1]}, above 15: {sum(s > 15 for s in spent)}",
        *(f"{count} x {reason}" for reason, count in reasons.most_common()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
