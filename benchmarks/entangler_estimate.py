"""What the estimate of the fewest entanglers is worth: three-qubit blocks of circuits, compiled with and without it.

    python benchmarks/entangler_estimate.py [FOLDER] [--circuits 8] [--blocks 12] [--effort default]

Blocks are gathered forwards and backwards from every circuit as it comes, and from what a resynthesis of some seconds
leaves of it, where most blocks cannot be shortened any more. Each is compiled with its own gates as the circuit to
beat, the two arms in turn; seconds are processor time. The model takes part in both.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

from circuitdiff import Circuit, resynthesize
from circuitdiff.circuits.circuit import phase_free_key
from circuitdiff.evaluation.machine import use_one_thread_now
from circuitdiff.resynthesis.partition import backwards, partition
from circuitdiff.synthesis import compile as compile_circuit
from circuitdiff.synthesis import request
from circuitdiff.synthesis.pipeline import PRESETS

FOLDER = Path(__file__).parent / "circuits"
QUBITS = 3
FEWEST = 2
TOL = 1e-10
WITHOUT = {name: replace(preset, hopeless=0.0) for name, preset in PRESETS.items()}


def blocks_of(circuit: Circuit) -> Iterator[Circuit]:
    """Yield the blocks on three qubits with at least two entanglers."""
    wires = [operation.qubits for operation in circuit.operations]
    for gather in (partition, backwards):
        for positions in gather(wires, [True] * len(wires), QUBITS):
            operations = tuple(circuit.operations[position] for position in positions)
            qubits = sorted({q for op in operations for q in op.qubits})
            if len(qubits) == QUBITS and sum(len(op.qubits) > 1 for op in operations) >= FEWEST:
                moved = tuple(op._replace(qubits=tuple(map(qubits.index, op.qubits))) for op in operations)
                yield Circuit(QUBITS, moved)


def sampled(path: Path, most: int, seconds: float, rng: np.random.Generator) -> list[Circuit]:
    """Return different blocks of a circuit as it comes and as a resynthesis leaves it, half of each."""
    chosen: dict[bytes, Circuit] = {}
    given = Circuit.from_qasm(path.read_text())
    swept = resynthesize(given, timeout=seconds, cache=None)
    for circuit in (swept.before, swept.circuit):
        found = {phase_free_key(block.unitary(), 6): block for block in blocks_of(circuit)}
        fresh = [key for key in found if key not in chosen]
        picked = rng.permutation(len(fresh))[: most // 2]
        chosen |= {fresh[index]: found[fresh[index]] for index in picked}
    return list(chosen.values())


def compiled(block: Circuit, effort: str) -> tuple[int, float]:
    """Return two-qubit gates and processor seconds."""
    started = time.process_time()
    result = compile_circuit(block, gate_set="u,cx", effort=effort, tol=TOL, seed=0)
    return min(result.two_qubit_count, block.two_qubit_count), time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--circuits", type=int, default=8)
    parser.add_argument("--blocks", type=int, default=12, help="of each circuit")
    parser.add_argument("--sweep", type=float, default=10.0, help="seconds of resynthesis")
    parser.add_argument("--effort", choices=("fast", "default"), default="default")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    use_one_thread_now()
    rng = np.random.default_rng(arguments.seed)
    paths = sorted(arguments.folder.glob("*.qasm"))
    totals = np.zeros((2, 2))
    before = done = lost = 0
    compiled(Circuit.from_gates(QUBITS, [("cx", (0, 1), ()), ("cx", (1, 2), ()), ("cx", (0, 1), ())]), arguments.effort)
    for index in rng.permutation(len(paths))[: arguments.circuits]:
        for block in sampled(paths[index], arguments.blocks, arguments.sweep, rng):
            with mock.patch.object(request, "PRESETS", WITHOUT):
                without = compiled(block, arguments.effort)
            with_it = compiled(block, arguments.effort)
            totals += [without, with_it]
            before, done, lost = before + block.two_qubit_count, done + 1, lost + max(0, with_it[0] - without[0])
        (cx_without, without_s), (cx_with, with_s) = totals
        print(
            f"{paths[index].stem:<36} {done} blocks, {before} CX; without {cx_without:.0f} in {without_s:.1f} s, "
            f"with {cx_with:.0f} in {with_s:.1f} s: {1 - with_s / without_s:.0%} of the time saved, {lost} CX lost",
            flush=True,
        )


if __name__ == "__main__":
    main()
