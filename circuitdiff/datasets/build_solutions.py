"""Making solution sets: rounds of search for each target on each device, until there are enough circuits."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from circuitdiff.datasets.arrays import from_circuits
from circuitdiff.datasets.build import BuildReport, Job, count_distinct, run_tasks
from circuitdiff.datasets.card import write_card
from circuitdiff.datasets.schema import circuit_columns, matrix_column
from circuitdiff.datasets.shards import Manifest, batches, finished_rows, open_dataset, shard_path, write_shard
from circuitdiff.datasets.targets import Target, check_distinct, parse_targets
from circuitdiff.datasets.variation import check_device, solutions

PATIENCE = 8
"""Rounds without a new circuit after which a target is given up."""

MOST_ROUNDS = 32
"""Rounds of a target that are begun at a time."""


@dataclass(frozen=True)
class _Problem:
    """A target on a device; `index` is its place among the problems of the dataset, of which there are `total`."""

    index: int
    total: int
    target: Target
    gate_set: str
    coupling: str

    @property
    def label(self) -> str:
        """Name for people."""
        return f"{self.target.name} ({self.gate_set}; {self.coupling})"

    def shard(self, number: int) -> int:
        """Return the shard of a round."""
        return number * self.total + self.index


@dataclass
class _Progress:
    """The keys of the distinct circuits of a problem, the rounds looked at, and how many in a row brought none."""

    keys: set[int] = field(default_factory=set)
    rounds: int = 0
    dry: int = 0

    def rounds_needed(self, count: int, least: int) -> int:
        """Return how many more rounds it takes, going by those so far."""
        each = max(1.0, len(self.keys) / max(1, self.rounds))
        needed = int(-(-(count - len(self.keys)) // each))
        return max(least, min(needed, MOST_ROUNDS, 2 * self.rounds))


_Task = tuple[Path, Manifest, _Problem, int]


def build_solutions(
    folder: Path,
    *,
    targets: Sequence[str],
    count: int,
    seed: int = 0,
    gate_sets: Sequence[str] = ("u,cx",),
    couplings: Sequence[str] = ("all",),
    timeout: float | None = None,
    job: Job | None = None,
) -> BuildReport:
    """Find `count` distinct circuits for every target, gate set and coupling map, or go on with finding them.

    Args:
        folder: where the dataset goes.
        targets: see `parse_targets`.
        count: distinct circuits for each.
        seed: of all random choices.
        gate_sets: each target is solved for every one of them,
        couplings: and on every one of these.
        timeout: seconds after which no further round is begun.
        job: workers, and which rounds fall to this process.

    Returns:
        The report; targets for which there are fewer circuits are listed as missing.

    Raises:
        InputError: bad targets or devices, or a folder that holds something else or cannot be written.
    """
    started, job = time.monotonic(), job or Job()
    parsed = parse_targets(targets)
    for kind, given in (("gate set", gate_sets), ("coupling", couplings)):
        check_distinct(kind, given)
    cases = list(product(parsed, gate_sets, couplings))
    folder = folder.resolve()
    problems = {_Problem(i, len(cases), *case): _Progress() for i, case in enumerate(cases)}
    for problem in problems:
        check_device(problem.target, problem.gate_set, problem.coupling)
    parameters: Mapping[str, Any] = {
        "targets": {target.name: target.digest for target in parsed},
        "gate_sets": list(gate_sets),
        "couplings": list(couplings),
    }
    manifest = open_dataset(folder, Manifest("solutions", seed, parameters))
    made = 0
    while timeout is None or time.monotonic() - started < timeout:
        short = {p: state for p, state in problems.items() if len(state.keys) < count and state.dry < PATIENCE}
        if not short:
            break
        tasks = [
            (folder, manifest, p, number) for p, state in short.items() for number in _wave(state, count, job, short)
        ]
        todo = [task for task in tasks if finished_rows(folder, task[2].shard(task[3])) is None]
        made += run_tasks(_round, todo, job)
        for _, _, problem, number in tasks:
            _look(folder, problem.shard(number), problems[problem])
    missing = {p.label: len(state.keys) for p, state in problems.items() if len(state.keys) < count}
    circuits, distinct = count_distinct(folder)
    write_card(folder, manifest, circuits, distinct)
    return BuildReport(circuits, distinct, made, time.monotonic() - started, str(folder), missing)


def _wave(state: _Progress, count: int, job: Job, short: Sized) -> list[int]:
    """Return the next rounds of a problem, and note them as looked at: as many as it seems to need."""
    numbers = [
        job.part + job.parts * (state.rounds + i)
        for i in range(state.rounds_needed(count, -(-job.workers // len(short))))
    ]
    state.rounds += len(numbers)
    return numbers


def _round(task: _Task) -> int:
    """Make and write the circuits of one round; return how many."""
    folder, manifest, problem, number = task
    target = problem.target
    found = list(solutions(target, problem.gate_set, problem.coupling, manifest.seed, number))
    circuits = [circuit for circuit, _, _ in found]
    columns = circuit_columns(from_circuits(circuits, target.num_qubits), problem.gate_set, problem.coupling)
    columns |= {
        "target": [target.name] * len(found),
        "source": [source for _, _, source in found],
        "infidelity": np.array([infidelity for _, infidelity, _ in found]),
        "unitary": matrix_column(np.broadcast_to(target.unitary, (len(found), *target.unitary.shape))),
    }
    write_shard(folder, manifest, problem.shard(number), columns)
    return len(found)


def _look(folder: Path, shard: int, state: _Progress) -> None:
    """Take note of what a round brought."""
    known = len(state.keys)
    for batch in batches(shard_path(folder, shard), ["key"]):
        state.keys.update(batch.column("key").to_pylist())
    state.dry = state.dry + 1 if len(state.keys) == known else 0
