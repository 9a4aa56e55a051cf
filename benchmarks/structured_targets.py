"""Structured unitaries on four qubits in the compiler: with the model, with blind structures, and with neither.

    python benchmarks/structured_targets.py [--folder FOLDER] [--effort default] [--seed SEED] [--out FILE] [TARGET ...]

A target is solved at some time when a circuit of no more CX than its reference has been found by then: the CX of its
textbook circuit, or the best count that a folder's manifest knows, if that is lower. One run a target and arm tells of
all times; what FILE holds already is not run again. Times are processor time of one thread, after a run that loads and
compiles everything.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from design_common import SEED, add_row, one_thread, read_rows, table
from numpy.typing import NDArray

import circuitdiff
from circuitdiff.circuits.circuit import phase_free_key
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.unitaries import named
from circuitdiff.evaluation.papers.circuits import held_out_circuits, is_connected
from circuitdiff.evaluation.papers.continuous import GATES, without_final_swaps
from circuitdiff.evaluation.papers.refined import entanglers_of
from circuitdiff.evaluation.suites import Target, load_suite
from circuitdiff.synthesis.problem import Improvement
from circuitdiff.synthesis.request import DEFAULT_PROPOSERS

QUBITS, LONGEST = 4, 16
TIMES = (2, 10, 60)
"""Seconds."""

OF_MODEL = {"diffusion", "edit"}
ARMS: dict[str, frozenset[str]] = {
    "model": frozenset(DEFAULT_PROPOSERS),
    "random": frozenset(DEFAULT_PROPOSERS) - OF_MODEL | {"random"},
    "neither": frozenset(DEFAULT_PROPOSERS) - OF_MODEL,
}

TEXTBOOK: tuple[tuple[str, str, int | None], ...] = (
    ("fourier", "qft:4", 18),
    ("fourier", "draper:4", 8),
    ("controlled", "cnx:4", 14),
    ("controlled", "grover:4?iterations=1", 28),
    ("controlled", "w:4", 9),
    ("adder", "adder", 17),
    ("step", "tfim:4", 6),
    ("step", "tfim:4?t=0.7&steps=2&h=0.4", 12),
    ("step", "heisenberg:4", 9),
    ("step", "heisenberg:4?t=0.2&steps=2", 18),
    ("step", "xxz:4?t=0.5", 9),
    ("exact", "tfim_exact:4", 12),
    ("exact", "tfim_exact:4?t=0.9&h=0.6", 12),
    ("exact", "xxz_exact:4?delta=0", 12),
    ("exact", "heisenberg_exact:4", None),
    ("exact", "xxz_exact:4", None),
    ("pauli", "pauli:XXYZ", 6),
    ("pauli", "pauli:ZYZX?t=0.8", 6),
    ("pauli", "pauli:YYYY?t=0.1", 6),
)
"""Kind, unitary, and CX of its textbook circuit: cp takes 2, cp by pi 1, swap 3, ccx 6, cccx 14, a bond of the Ising
chain 2 and of others 3. Free fermions, those of tfim and of delta = 0, evolve for any time in n (n - 1) CX
(arXiv 2108.03282); for the other exact evolutions there is no such circuit."""

WARM_UP = "random_circuit:4?gates=8&seed=1"
UNSWAPPED = "qft:4 without its swaps", 12
RANDOM = "random"


def targets(folder: Path | None, count: int) -> list[Target]:
    """Return the targets with their references, those of a folder that are none of the others last."""
    found = [Target(spec, kind, named(spec), best) for kind, spec, best in TEXTBOOK]
    found.insert(1, Target(UNSWAPPED[0], "fourier", without_final_swaps(named("qft:4")), UNSWAPPED[1]))
    circuits = held_out_circuits(Layout(QUBITS, GATES, LONGEST), count, SEED, is_connected)
    for number, circuit in enumerate(circuits):
        found.append(Target(f"random {number}", RANDOM, circuit.unitary(), entanglers_of(circuit)))
    kept = {_key(target): target for target in found}
    for known in load_suite(str(folder), qubits=[QUBITS]) if folder else ():
        if known.family == "haar":
            continue
        target = kept.setdefault(_key(known), known)
        counts = [best for best in (target.best, known.best) if best is not None]
        kept[_key(known)] = Target(target.name, target.family, target.unitary, min(counts, default=None))
    return list(kept.values())


def _key(target: Target) -> bytes:
    return phase_free_key(target.unitary, 6)


def measured(
    unitary: NDArray[np.complex128], proposers: Collection[str], effort: str, timeout: float, seed: int
) -> dict[str, Any]:
    """Compile once; return every number of CX with the processor seconds after which, and by what, it was found."""
    started = time.process_time()
    found: list[tuple[float, int, str]] = []

    def note(better: Improvement) -> None:
        found.append((round(time.process_time() - started, 2), better.two_qubit_count, better.source))

    result = circuitdiff.compile(
        unitary, proposers=proposers, effort=effort, timeout=timeout, seed=seed, on_candidate=note
    )
    seconds = round(time.process_time() - started, 2)
    found.append((seconds, result.two_qubit_count, result.source))
    return {"found": found, "seconds": seconds, "wall": round(result.seconds, 2)}


def fewest(row: dict[str, Any], seconds: float) -> int | None:
    """Return the fewest CX that a run had found after some seconds."""
    return min((count for after, count, _ in row["found"] if after <= seconds), default=None)


def report(rows: list[dict[str, Any]]) -> str:
    """Return the fewest CX of each target after the longest time, and the shares that are solved, as tables."""
    names = list(dict.fromkeys(row["target"] for row in rows))
    arms = [arm for arm in ARMS if any(row["arm"] == arm for row in rows)]
    runs = {(row["target"], row["arm"]): row for row in rows}
    known = {row["target"]: row for row in rows}
    complete = [name for name in names if all((name, arm) in runs for arm in arms)]
    each = [
        [name, known[name]["reference"], *(fewest(runs[name, arm], TIMES[-1]) for arm in arms)] for name in complete
    ]
    judged = [name for name in complete if known[name]["reference"] is not None]

    def shares(kind: str | None) -> Iterator[Any]:
        chosen = [name for name in judged if kind in (None, known[name]["kind"])]
        yield from (kind or "all", len(chosen))
        for seconds in TIMES:
            for arm in arms:
                solved = sum((fewest(runs[name, arm], seconds) or 10**6) <= known[name]["reference"] for name in chosen)
                yield solved / len(chosen)

    kinds = list(dict.fromkeys(known[name]["kind"] for name in judged))
    heads = [f"{arm}, {seconds} s" for seconds in TIMES for arm in arms]
    solved = [list(shares(kind)) for kind in (*kinds, *[None] * bool(kinds))]
    return "\n\n".join((table(["target", "reference", *arms], each), table(["kind", "targets", *heads], solved)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="TARGET", help="some targets, by name; else all")
    parser.add_argument("--folder", type=Path, help="more targets, and lower references, from its manifest")
    parser.add_argument("--random", type=int, default=12, metavar="N", help="random circuits of up to 16 gates")
    parser.add_argument("--effort", default="default")
    parser.add_argument("--timeout", type=float, default=float(TIMES[-1]), help="wall seconds of a run")
    parser.add_argument("--seed", type=int, default=SEED, help="of the compiler; each its own FILE")
    parser.add_argument("--arms", default=",".join(ARMS), help=f"some of {', '.join(ARMS)}")
    parser.add_argument("--out", type=Path, default=Path("runs/structured.jsonl"), metavar="FILE")
    given = parser.parse_args()
    one_thread()
    chosen = targets(given.folder, given.random)
    if unknown := set(given.names) - {target.name for target in chosen}:
        parser.error(f"unknown target {min(unknown)!r}; there are {', '.join(target.name for target in chosen)}")
    if unknown := set(given.arms.split(",")) - set(ARMS):
        parser.error(f"unknown arm {min(unknown)!r}; there are {', '.join(ARMS)}")
    done = {(row["target"], row["arm"]) for row in read_rows(given.out)}
    for arm in given.arms.split(","):
        left = [t for t in chosen if (t.name in given.names or not given.names) and (t.name, arm) not in done]
        if left:
            measured(named(WARM_UP), ARMS[arm], given.effort, given.timeout, given.seed)
        for target in left:
            row = {"target": target.name, "kind": target.family, "reference": target.best, "arm": arm}
            add_row(given.out, row | measured(target.unitary, ARMS[arm], given.effort, given.timeout, given.seed))
    print(report(read_rows(given.out)))


if __name__ == "__main__":
    main()
