"""Every condition of the bundled models does something: its figure with the condition, and without it.

    python benchmarks/design_conditions.py [--targets 32] [-o conditions.json] [CONDITION ...]

Targets are held out and seeds fixed; each target gets 64 samples. "Shown" is what the network sees, "imposed" what the
sampler enforces: a mask or a bound that is imposed is never broken, so that what showing it adds is success under it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from design_common import DISCRETE, SAMPLES, SEED, one_thread, table

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.evaluation.papers.circuits import generator, held_out_circuits
from circuitdiff.evaluation.papers.discrete import is_made
from circuitdiff.evaluation.papers.entanglement import rank_vectors
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.generation.denoise import bind
from circuitdiff.generation.generation import schmidt_ranks_of
from circuitdiff.generation.inpainting import keep_nothing
from circuitdiff.generation.requests import (
    Request,
    condition_of,
    constraint_of,
)
from circuitdiff.generation.samplers import Schedule, sample_by_confidence
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import render_prompt

GATES, ENTANGLEMENT, ANSATZ = "circuitdiff-gates-3q", "circuitdiff-entanglement", "circuitdiff-3q-small"
STEPS = 12
LONGEST = 12
LINE = ((0, 1), (1, 2))
ARMS = ("neither", "shown", "imposed", "shown and imposed")
Row = tuple[str, str, str, float]


def drawn(
    model: CircuitDiffusion,
    shown: Request,
    imposed: Request,
    seed: int,
    temperature: float = 1.0,
) -> list[Circuit]:
    """Draw circuits where the network is shown one request and the sampler enforces another."""
    denoise = bind(model.model, model.model.encode(condition_of(shown, model.config, "cpu")))
    constraint, state = constraint_of(imposed, model.layout, "cpu"), keep_nothing(model.layout)
    how = Schedule(SAMPLES, STEPS, temperature, angles=has_angles(imposed, model))
    found = sample_by_confidence(denoise, state, constraint, how, generator(SEED, seed))
    circuits = decode(found.tokens[0], found.angles()[0].double(), model.layout.vocabulary)
    return [replace(circuit, num_qubits=imposed.num_qubits) for circuit in circuits]


def has_angles(request: Request, model: CircuitDiffusion) -> bool:
    return bool((request.allowed & model.layout.has_angle.any(1)).any())


def discrete_targets(count: int) -> list[Circuit]:
    return held_out_circuits(Layout(3, DISCRETE, LONGEST), count, SEED)


def unitary(count: int) -> Iterator[Row]:
    """Unitaries of gates without angles, and of rotations: exact, or how near."""
    model = CircuitDiffusion.from_pretrained(GATES)
    free = Request(3, model.layout.permitted(3, DISCRETE))
    made, nearest = {"given": 0, "not given": 0}, {"given": [], "not given": []}
    for number, circuit in enumerate(discrete_targets(count)):
        target = circuit.unitary()
        for arm, request in (("given", replace(free, unitary=target)), ("not given", free)):
            circuits = drawn(model, request, free, number)
            made[arm] += is_made(target, circuits)
            nearest[arm].append(min(infidelity(target, found.unitary()) for found in circuits))
    for arm in made:
        yield "unitary, general circuits", "solved by one of 64", arm, made[arm] / count
        yield "unitary, general circuits", "least infidelity of 64, mean", arm, float(np.mean(nearest[arm]))
    yield from ansatz_unitary(count)


def ansatz_unitary(count: int) -> Iterator[Row]:
    model = CircuitDiffusion.from_pretrained(ANSATZ)
    nearest: dict[str, list[float]] = {"given": [], "not given": []}
    for number, circuit in enumerate(discrete_targets(count)):
        target = circuit.unitary()
        for arm, shown in (("given", target), ("not given", None)):
            circuits = model.sample(shown, sampling=Sampling(num_samples=SAMPLES), generator=generator(SEED, number))
            nearest[arm].append(min(infidelity(target, found.unitary()) for found in circuits))
    for arm, values in nearest.items():
        yield "unitary, ansatz", "least infidelity of 64, mean", arm, float(np.mean(values))


def ranks(count: int) -> Iterator[Row]:
    """Schmidt ranks, as numbers and in words: samples that have them."""
    model = CircuitDiffusion.from_pretrained(ENTANGLEMENT)
    right = {"as numbers": 0, "in words": 0, "not given": 0}
    vectors = rank_vectors((3, 4, 5), count, SEED)
    for number, asked in enumerate(vectors):
        free = Request(len(asked), model.layout.permitted(len(asked)))
        words = render_prompt(CircuitSpec(num_qubits=len(asked), schmidt_ranks=asked))
        shown = {"as numbers": replace(free, srv=asked), "in words": replace(free, prompt=words), "not given": free}
        for arm, request in shown.items():
            circuits = drawn(model, request, free, number, temperature=0.4)
            right[arm] += sum(schmidt_ranks_of(found) == asked for found in circuits)
    for arm, number_right in right.items():
        yield "Schmidt ranks", "samples that have them", arm, number_right / (SAMPLES * len(vectors))


def words(count: int) -> Iterator[Row]:
    """A coupling in words alone, that nothing enforces, beside the entanglement of four qubits."""
    model = CircuitDiffusion.from_pretrained(ENTANGLEMENT)
    free = Request(4, model.layout.permitted(4))
    for arm, pairs in (("given", "line"), ("not given", None)):
        prompt = render_prompt(CircuitSpec(num_qubits=4, schmidt_ranks=(2, 2, 2, 2), coupling=pairs))
        kept = [
            set(circuit.pairs) <= {(0, 1), (1, 2), (2, 3)}
            for number in range(count)
            for circuit in drawn(model, replace(free, prompt=prompt), free, number, temperature=0.4)
            if circuit.pairs
        ]
        yield 'words, "on a line"', "samples on the line", arm, float(np.mean(kept))


def gate_set(count: int) -> Iterator[Row]:
    """Gates without angles, as a mask."""
    yield from mask_rows("gate set", DISCRETE, None, discrete_targets(count))


def coupling(count: int) -> Iterator[Row]:
    """The line 0-1-2, as a mask, for circuits on it."""
    layout = Layout(3, DISCRETE, LONGEST)
    targets = held_out_circuits(layout, count, SEED, lambda circuit: circuit.pairs <= set(LINE))
    yield from mask_rows("coupling", DISCRETE, LINE, targets)


def mask_rows(
    name: str, gates: Sequence[str], pairs: Collection[Pair] | None, targets: Sequence[Circuit]
) -> Iterator[Row]:
    """A mask that is shown, imposed, both or neither: samples within it, and targets solved within it."""
    model = CircuitDiffusion.from_pretrained(GATES)
    everything = model.layout.permitted(3, None if pairs is None else gates)
    permitted = model.layout.permitted(3, gates, pairs)
    for arm in ARMS:
        within = solved = 0
        for number, circuit in enumerate(targets):
            target = circuit.unitary()
            shown, imposed = (permitted if word in arm else everything for word in ("shown", "imposed"))
            circuits = drawn(model, Request(3, shown, target), Request(3, imposed), number)
            fitting = [
                found
                for found in circuits
                if found.gate_names <= set(gates) and (pairs is None or found.pairs <= set(pairs))
            ]
            within += len(fitting)
            solved += is_made(target, fitting)
        yield name, "samples within it", arm, within / (SAMPLES * len(targets))
        yield name, "solved within it", arm, solved / len(targets)


def budgets(count: int) -> Iterator[Row]:
    """Bounds on the number of gates, and of those on two qubits or more, as tight as the target's own circuit."""
    model = CircuitDiffusion.from_pretrained(GATES)
    free = Request(3, model.layout.permitted(3, DISCRETE))
    targets = discrete_targets(count)
    counts: dict[str, Callable[[Circuit], int]] = {
        "max_gates": lambda circuit: circuit.num_gates,
        "max_two_qubit": lambda circuit: circuit.two_qubit_count,
    }
    for bound, name in (("max_gates", "gate budget"), ("max_two_qubit", "two-qubit budget")):
        for arm in ARMS:
            used, solved = [], 0
            for number, circuit in enumerate(targets):
                target, limit = circuit.unitary(), {bound: counts[bound](circuit)}
                shown = replace(free, unitary=target, **(limit if "shown" in arm else {}))
                circuits = drawn(model, shown, replace(free, **(limit if "imposed" in arm else {})), number)
                used += [counts[bound](found) - limit[bound] for found in circuits]
                solved += is_made(target, [found for found in circuits if counts[bound](found) <= limit[bound]])
            yield name, "gates above the bound, mean", arm, float(np.mean(used))
            yield name, "solved within it", arm, solved / len(targets)


CONDITIONS: dict[str, Callable[[int], Iterator[Row]]] = {
    "unitary": unitary,
    "ranks": ranks,
    "words": words,
    "gate-set": gate_set,
    "coupling": coupling,
    "budgets": budgets,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("conditions", nargs="*", metavar="CONDITION", help=", ".join(CONDITIONS))
    parser.add_argument("--targets", type=int, default=32)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="the rows as JSON")
    given = parser.parse_args()
    if unknown := set(given.conditions) - set(CONDITIONS):
        parser.error(f"unknown condition {min(unknown)!r}; there are {', '.join(CONDITIONS)}")
    one_thread()
    rows = [row for name in given.conditions or CONDITIONS for row in CONDITIONS[name](given.targets)]
    print(table(["condition", "figure", "", "value"], rows))
    if given.out is not None:
        given.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
