"""BQSKit's own searches with circuitdiff's instantiater in place of BQSKit's: CX and processor seconds of a folder.

    python benchmarks/bqskit_search.py FOLDER [--qubits 3] [--search qsearch] [--limit 100] [--seeds 1] [-o rows.jsonl]

FOLDER holds unitaries (.npy, qubit 0 least significant). Both get the same search, seed and one worker; what all of
BQSKit's processes work is counted. Where one does not end within --limit processor seconds it has no figure, and the
target is left out of the ratio.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import time
from pathlib import Path
from typing import Any

import click
import numpy as np
from bqskit import Circuit
from bqskit.compiler import Compiler
from bqskit.passes import LEAPSynthesisPass, QSearchSynthesisPass, SetRandomSeedPass
from bqskit.qis import UnitaryMatrix

from circuitdiff.circuits.unitary_io import read_unitary, reverse_qubits
from circuitdiff.evaluation.machine import group_cpu_seconds
from circuitdiff_bqskit import CircuitDiffInstantiater

SEARCHES = {"qsearch": QSearchSynthesisPass, "leap": LEAPSynthesisPass}
OPTIONS: dict[str, dict[str, Any]] = {"bqskit": {}, "circuitdiff": {"method": CircuitDiffInstantiater()}}
"""What the search passes on to ``instantiate``, by whose numerics it is."""

LOOK_EVERY = 0.05
EXACT = 1e-6


class Compilers:
    """A BQSKit runtime of one worker, and another in its place where a search had to be left: that does not end."""

    def __init__(self) -> None:
        """Start a runtime, which takes seconds."""
        self._compiler = Compiler(num_workers=1)
        self._load()

    def run(self, search: Any, unitary: UnitaryMatrix, seed: int, limit: float) -> dict[str, float] | None:
        """Return the CX, processor seconds and infidelity of one search, None where it takes longer than ``limit``."""
        begin = group_cpu_seconds()
        task = self._compiler.submit(Circuit.from_unitary(unitary), [SetRandomSeedPass(seed), search])
        while self._compiler.status(task).name != "DONE":
            time.sleep(LOOK_EVERY)
            if group_cpu_seconds() - begin > limit:
                self.close()
                self._compiler = Compiler(num_workers=1)
                self._load()
                return None
        found = self._compiler.result(task)
        seconds = group_cpu_seconds() - begin
        overlap = abs(np.vdot(unitary.numpy, found.get_unitary().numpy)) / unitary.dim
        cx = sum(op.num_qudits == 2 for op in found)
        return {"cx": cx, "seconds": round(seconds, 2), "infidelity": float(1 - overlap)}

    def close(self) -> None:
        """End the runtime."""
        self._compiler.close()

    def _load(self) -> None:
        for options in OPTIONS.values():
            search = QSearchSynthesisPass(instantiate_options=options)
            self._compiler.compile(Circuit.from_unitary(UnitaryMatrix.random(2)), [search])


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--qubits", type=click.IntRange(2, 4), default=3, show_default=True)
@click.option("--search", type=click.Choice(list(SEARCHES)), default="qsearch", show_default=True)
@click.option("--limit", type=float, default=100.0, show_default=True, help="Processor seconds of one search.")
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A row for each target; rows in it are kept.")
def main(folder: Path, qubits: int, search: str, limit: float, seeds: int, output: Path | None) -> None:
    """Search for a circuit of every unitary with either instantiater, and report."""
    os.environ["PYTHONWARNINGS"] = "ignore"  # workers' statistics warn about few samples
    rows = [] if output is None or not output.exists() else list(map(json.loads, output.read_text().splitlines()))
    done = {(row["target"], row["seed"]) for row in rows}
    compilers = Compilers()
    for path in sorted(folder.glob("*.npy")):
        unitary = read_unitary(path)
        if len(unitary) != 1 << qubits:
            continue
        target = UnitaryMatrix(reverse_qubits(unitary))
        for seed in range(seeds):
            if (path.stem, seed) in done:
                continue
            passes = {name: SEARCHES[search](instantiate_options=options) for name, options in OPTIONS.items()}
            found = {name: compilers.run(made, target, seed, limit) for name, made in passes.items()}
            rows.append({"target": path.stem, "seed": seed, **found})
            click.echo(json.dumps(rows[-1]))
            if output is not None:
                with output.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    compilers.close()
    _report(rows)


def _report(rows: list[dict[str, Any]]) -> None:
    for name in OPTIONS:
        solved = [row[name] for row in rows if row[name] and row[name]["infidelity"] < EXACT]
        click.echo(f"{name}: {len(solved)} of {len(rows)} in time")
    both = [(row["bqskit"], row["circuitdiff"]) for row in rows if row["bqskit"] and row["circuitdiff"]]
    if both:
        ratios = [theirs["seconds"] / ours["seconds"] for theirs, ours in both]
        mean = math.exp(statistics.mean(map(math.log, ratios)))
        gains = [theirs["cx"] - ours["cx"] for theirs, ours in both]
        click.echo(f"both: {len(both)}; CX with BQSKit's {sum(theirs['cx'] for theirs, _ in both)}, ", nl=False)
        click.echo(f"with ours {sum(ours['cx'] for _, ours in both)}, ", nl=False)
        click.echo(f"fewer on {sum(gain > 0 for gain in gains)}, more on {sum(gain < 0 for gain in gains)}; ", nl=False)
        click.echo(f"BQSKit's seconds over ours: {min(ratios):.1f} to {max(ratios):.1f}, geometric mean {mean:.1f}")


if __name__ == "__main__":
    main()
