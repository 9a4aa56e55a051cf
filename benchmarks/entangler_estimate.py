"""What the estimate of the fewest entanglers is worth: blocks of circuits, compiled with and without it.

    python benchmarks/entangler_estimate.py [FOLDER] [--qubits 3] [--circuits 8] [--blocks 12] [--calibrate]

Blocks of three qubits, or four, are gathered forwards and backwards from every circuit as it comes, and from what a
resynthesis of some seconds leaves of it, where most blocks cannot be shortened any more. Each is compiled with its own
gates as the circuit to beat, the two arms in turn; seconds are processor time. The model takes part in both.

With --calibrate only the arm without is run, and a table tells for every threshold and for every greatest number of
entanglers up to which the estimate is relied on what would have been saved and lost, had blocks been left alone of
which the model holds fewer entanglers to be less likely than that.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np

from circuitdiff import Circuit, resynthesize
from circuitdiff.circuits.circuit import phase_free_key
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.evaluation.machine import use_one_thread_now
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget
from circuitdiff.resynthesis.partition import backwards, partition
from circuitdiff.synthesis import compile as compile_circuit
from circuitdiff.synthesis import request
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.proposers import AnsatzProposer
from circuitdiff.synthesis.transforms.delete_entanglers import delete_entanglers

FOLDER = Path(__file__).parent / "circuits"
FEWEST = 2
TOL = 1e-10
RELIED_ON = (6, 8, 12)
THRESHOLDS = (0.0003, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05)
WITHOUT = {name: replace(preset, hopeless=0.0) for name, preset in PRESETS.items()}


def blocks_of(circuit: Circuit, width: int) -> Iterator[Circuit]:
    """Yield the blocks on so many qubits with at least two entanglers."""
    wires = [operation.qubits for operation in circuit.operations]
    for gather in (partition, backwards):
        for positions in gather(wires, [True] * len(wires), width):
            operations = tuple(circuit.operations[position] for position in positions)
            qubits = sorted({q for op in operations for q in op.qubits})
            if len(qubits) == width and sum(len(op.qubits) > 1 for op in operations) >= FEWEST:
                moved = tuple(op._replace(qubits=tuple(map(qubits.index, op.qubits))) for op in operations)
                yield Circuit(width, moved)


def sampled(path: Path, width: int, most: int, seconds: float, rng: np.random.Generator) -> list[Circuit]:
    """Return different blocks of a circuit as it comes and as a resynthesis leaves it, half of each."""
    chosen: dict[bytes, Circuit] = {}
    given = Circuit.from_qasm(path.read_text())
    swept = resynthesize(given, timeout=seconds, cache=None)
    for circuit in (swept.before, swept.circuit):
        found = {phase_free_key(block.unitary(), 6): block for block in blocks_of(circuit, width)}
        fresh = [key for key in found if key not in chosen]
        picked = rng.permutation(len(fresh))[: most // 2]
        chosen |= {fresh[index]: found[fresh[index]] for index in picked}
    return list(chosen.values())


class Outcome(NamedTuple):
    """A block: its entanglers, those that taking out leaves, those that a search leaves, chances of fewer, seconds."""

    name: str
    count: int
    chance: float
    taken_out: int
    chance_then: float
    found: int
    seconds: float
    asking: float
    taking_out: float


def outcome_of(name: str, block: Circuit, model: AnsatzProposer, effort: str) -> Outcome:
    """Ask the model about a block, take out what can be, ask again, and search."""
    problem = SynthesisProblem(block.unitary(), parse_coupling("all", block.num_qubits), "cz", TOL, 0)
    started = time.process_time()
    at_most = [*model.at_most(problem), 1.0]
    asked = time.process_time()
    given = to_ansatz(translate_basis(block, U_CZ))
    fit = delete_entanglers(problem, AnsatzFit(given, 0.0), np.random.default_rng(0), Budget())
    ended = time.process_time()
    with mock.patch.object(request, "PRESETS", WITHOUT):
        found, seconds = compiled(block, effort)
    counts = [min(block.two_qubit_count, len(given.pairs)), len(fit.ansatz.pairs)]
    chances = [float(at_most[min(count - 1, len(at_most) - 1)]) if count else 0.0 for count in counts]
    times = asked - started, ended - asked
    return Outcome(name, counts[0], chances[0], counts[1], chances[1], min(found, *counts), seconds, *times)


def calibration(outcomes: list[Outcome]) -> str:
    """Return the table of thresholds, by the circuit as given and with what can be taken out taken out first."""
    total = sum(outcome.seconds for outcome in outcomes)
    gained = sum(outcome.count - outcome.found for outcome in outcomes)
    lines = [f"{len(outcomes)} blocks, {total:.1f} s, {gained} CX saved by search", ""]
    lines.append("most  threshold   as given: alone  saved  lost   taken out first: alone  saved  lost")
    for most in RELIED_ON:
        for threshold in THRESHOLDS:
            given = [o for o in outcomes if o.count <= most and o.chance < threshold]
            then = [o for o in outcomes if o.taken_out <= most and o.chance_then < threshold]
            asking = sum(o.asking for o in outcomes)
            saved = sum(o.seconds for o in given) - asking
            saved_then = sum(o.seconds for o in then) - asking - sum(o.taking_out for o in outcomes)
            lost = sum(o.count - o.found for o in given), sum(o.taken_out - o.found for o in then)
            lines.append(
                f"{most:>4}  {threshold:>9.4f}  {len(given):>16}  {saved / total:>5.0%}  {lost[0]:>4}"
                f"  {len(then):>22}  {saved_then / total:>5.0%}  {lost[1]:>4}"
            )
    return "\n".join(lines)


def compiled(block: Circuit, effort: str) -> tuple[int, float]:
    """Return two-qubit gates and processor seconds."""
    started = time.process_time()
    result = compile_circuit(block, gate_set="u,cx", effort=effort, tol=TOL, seed=0)
    return min(result.two_qubit_count, block.two_qubit_count), time.process_time() - started


def calibrate(paths: list[Path], arguments: argparse.Namespace, rng: np.random.Generator) -> None:
    """Print the table of thresholds after every circuit's blocks."""
    model, outcomes = Models().ansatz_proposer(arguments.qubits), list[Outcome]()
    assert model is not None
    for path in paths:
        for block in sampled(path, arguments.qubits, arguments.blocks, arguments.sweep, rng):
            outcomes.append(outcome_of(path.stem, block, model, arguments.effort))
            if outcomes[-1].found < outcomes[-1].taken_out:
                print(outcomes[-1], flush=True)
    print(calibration(outcomes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--qubits", type=int, choices=(3, 4), default=3)
    parser.add_argument("--circuits", type=int, default=8)
    parser.add_argument("--blocks", type=int, default=12, help="of each circuit")
    parser.add_argument("--sweep", type=float, default=10.0, help="seconds of resynthesis")
    parser.add_argument("--effort", choices=("fast", "default"), default="default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calibrate", action="store_true", help="tell what every threshold would save and lose")
    arguments = parser.parse_args()
    use_one_thread_now()
    rng = np.random.default_rng(arguments.seed)
    paths = sorted(arguments.folder.glob("*.qasm"))
    paths = [paths[index] for index in rng.permutation(len(paths))[: arguments.circuits]]
    totals = np.zeros((2, 2))
    before = done = lost = 0
    chain = [("cx", (k, k + 1), ()) for k in range(arguments.qubits - 1)]
    compiled(Circuit.from_gates(arguments.qubits, [*chain, *chain]), arguments.effort)
    if arguments.calibrate:
        calibrate(paths, arguments, rng)
        return
    for path in paths:
        for block in sampled(path, arguments.qubits, arguments.blocks, arguments.sweep, rng):
            with mock.patch.object(request, "PRESETS", WITHOUT):
                without = compiled(block, arguments.effort)
            with_it = compiled(block, arguments.effort)
            totals += [without, with_it]
            before, done, lost = before + block.two_qubit_count, done + 1, lost + max(0, with_it[0] - without[0])
        (cx_without, without_s), (cx_with, with_s) = totals
        print(
            f"{path.stem:<36} {done} blocks, {before} CX; without {cx_without:.0f} in {without_s:.1f} s, "
            f"with {cx_with:.0f} in {with_s:.1f} s: {1 - with_s / without_s:.0%} of the time saved, {lost} CX lost",
            flush=True,
        )


if __name__ == "__main__":
    main()
