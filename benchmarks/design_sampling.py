"""What the settings of the samplers are worth, on the bundled models: no training.

    python benchmarks/design_sampling.py [--targets 32] [-o sampling.json] [TASK ...]

One setting at a time differs from the defaults. Targets are held out, seeds fixed, and each target gets 64 samples.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from design_common import DISCRETE, SAMPLES, SEED, one_thread, table

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.layout import Layout
from circuitdiff.evaluation.ablation import first_solved
from circuitdiff.evaluation.held_out import held_out, task_for
from circuitdiff.evaluation.papers.circuits import generator, held_out_circuits, is_connected
from circuitdiff.evaluation.papers.continuous import CLOSE, EXACT
from circuitdiff.evaluation.papers.entanglement import rank_vectors
from circuitdiff.generation import CircuitDiffusion, Sampling
from circuitdiff.generation.generation import schmidt_ranks_of
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence
from circuitdiff.numerics.multi_start import random_start
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.synthesis.models import load_ansatz_model
from circuitdiff.synthesis.stages.instantiate_proposals import num_starts
from circuitdiff.synthesis.stages.proposers import AnsatzProposer

CONTINUOUS = PRESETS["genqc-continuous"]
LONGEST = 12
STRUCTURE_ENTANGLERS = range(3, 8)
DEFAULTS: dict[str, Any] = {"steps": 12, "guidance": 1.0, "temperature": 1.0, "remask": 0.0, "joint": True}
COMMON: tuple[dict[str, Any], ...] = (
    {},
    *({"steps": steps} for steps in (4, 8, 16, 32)),
    *({"guidance": scale} for scale in (0.0, 1.5, 2.0, 3.0)),
    *({"temperature": temperature} for temperature in (0.4, 0.7, 1.3)),
    *({"remask": chance} for chance in (0.2, 0.5)),
)


Figures = tuple[float, float]


def discrete(settings: Mapping[str, Any], count: int) -> Figures:
    """Share of unitaries of 2 to 12 gates without angles that a sample makes exactly, and of such samples."""
    model = CircuitDiffusion.from_pretrained("circuitdiff-gates-3q")
    solved = right = 0
    for number, circuit in enumerate(held_out_circuits(Layout(3, DISCRETE, LONGEST), count, SEED)):
        spec, how = CircuitSpec(gates=DISCRETE, max_gates=LONGEST), Sampling(num_samples=SAMPLES, **settings)
        target = circuit.unitary()
        drawn = model.sample(target, spec, sampling=how, generator=generator(SEED, number))
        exact = sum(infidelity(target, found.unitary()) <= EXACT for found in drawn)
        solved += exact > 0
        right += exact
    return solved / count, right / (SAMPLES * count)


def rotations(settings: Mapping[str, Any], count: int) -> Figures:
    """Share of unitaries of 2 to 12 gates, some with angles, that a sample comes close to, and the median distance."""
    model = CircuitDiffusion.from_pretrained("circuitdiff-gates-3q")
    nearest = []
    for number, circuit in enumerate(held_out_circuits(Layout(3, CONTINUOUS, LONGEST), count, SEED, is_connected)):
        spec, how = CircuitSpec(gates=CONTINUOUS, max_gates=LONGEST), Sampling(num_samples=SAMPLES, **settings)
        target = circuit.unitary()
        drawn = model.sample(target, spec, sampling=how, generator=generator(SEED, number))
        nearest.append(min(infidelity(target, found.unitary()) for found in drawn))
    return float(np.mean(np.array(nearest) <= CLOSE)), float(np.median(nearest))


def ranks(settings: Mapping[str, Any], count: int) -> Figures:
    """Share of samples with the Schmidt ranks asked for, on 3 to 5 qubits, and different ones among them a target."""
    model = CircuitDiffusion.from_pretrained("circuitdiff-entanglement")
    asked = rank_vectors((3, 4, 5), count, SEED)
    right = different = 0
    for number, vector in enumerate(asked):
        spec, how = CircuitSpec(schmidt_ranks=vector), Sampling(num_samples=SAMPLES, **settings)
        drawn = model.sample(spec=spec, sampling=how, generator=generator(SEED, number))
        fitting = [found for found in drawn if schmidt_ranks_of(found) == vector]
        right += len(fitting)
        different += len(set(fitting))
    return right / (SAMPLES * len(asked)), different / len(asked)


def structures(settings: Mapping[str, Any], count: int) -> Figures:
    """Share of unitaries of 3 to 7 CZ that one of the first 32 structures drawn makes, and how many differ of 64."""
    source = AnsatzProposer(load_ansatz_model(None, "cpu"))
    everywhere = parse_coupling("all", source.num_qubits)
    each = max(1, count // len(STRUCTURE_ENTANGLERS))
    solved = different = 0
    for k in STRUCTURE_ENTANGLERS:
        circuits = held_out("haar", k, each, source.model.layout, everywhere, SEED)
        for number, circuit in enumerate(circuits):
            task, rng = task_for(circuit.circuit().unitary(), everywhere), np.random.default_rng((SEED, k, number))
            how = Sampling(SAMPLES, settings["steps"], temperature=settings["temperature"], sampler="gates")
            source_of = generator(SEED, number)
            found = source.model.propose(task.target, max_gates=k, sampling=how, generator=source_of)
            drawn = [pairs for pairs, _ in found]
            solved += first_solved(task, drawn[:32], partial(_starts, drawn, task.num_qubits, rng)) is not None
            different += len(drawn)
    targets = each * len(STRUCTURE_ENTANGLERS)
    return solved / targets, different / targets


def _starts(drawn: Sequence[EntanglerSequence], num_qubits: int, rng: np.random.Generator, index: int) -> list[Ansatz]:
    pairs = drawn[index]
    return [random_start(pairs, num_qubits, "cz", rng) for _ in range(num_starts(len(pairs)))]


JOINT: tuple[dict[str, Any], ...] = ({"joint": False}, {"joint": False, "steps": 6})
"""Gates first and then their angles takes twice the evaluations, or as many with half the steps."""

FIGURES = {
    "discrete": ("targets solved", "samples exact"),
    "rotations": ("targets come close to", "least infidelity, median"),
    "ranks": ("samples right", "different right ones of 64"),
    "structures": ("targets solved", "different ones of 64"),
}
TASKS: dict[str, tuple[Callable[[Mapping[str, Any], int], Figures], tuple[dict[str, Any], ...]]] = {
    "discrete": (discrete, COMMON),
    "rotations": (rotations, COMMON + JOINT),
    "ranks": (ranks, COMMON),
    "structures": (structures, tuple({"steps": steps} for steps in (2, 4, 6, 8, 16))),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--targets", type=int, default=32)
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="the rows as JSON")
    given = parser.parse_args()
    if unknown := set(given.tasks) - set(TASKS):
        parser.error(f"unknown task {min(unknown)!r}; there are {', '.join(TASKS)}")
    one_thread()
    rows = []
    for name in given.tasks or TASKS:
        measure, settings = TASKS[name]
        for changed in settings:
            started = time.process_time()
            found = measure(DEFAULTS | changed, given.targets)
            told = ", ".join(f"{key} {value}" for key, value in changed.items()) or "defaults"
            rows.append([name, told, *found, (time.process_time() - started) / given.targets])
            if given.out is not None:
                given.out.write_text(json.dumps(rows, indent=1) + "\n")
    for name in given.tasks or TASKS:
        shown = [row[1:] for row in rows if row[0] == name]
        print(table([name, *FIGURES[name], "seconds a target"], shown), end="\n\n")


if __name__ == "__main__":
    main()
