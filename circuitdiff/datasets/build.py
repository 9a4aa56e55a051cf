"""Making the shards of a dataset, in any order, by any number of workers, on one machine or many."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from circuitdiff.datasets.card import write_card
from circuitdiff.datasets.cluster import run_on_cluster
from circuitdiff.datasets.random_shards import FAMILY_SHARE, SHARD_ROWS, check_random, random_columns
from circuitdiff.datasets.shards import (
    Manifest,
    batches,
    finished_rows,
    open_dataset,
    open_shard,
    shard_path,
    write_shard,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")

RESTARTS = 3
"""How often workers that died are replaced before the build gives up."""


@dataclass(frozen=True)
class Job:
    """Which part of a dataset this process makes, and with how many workers.

    Attributes:
        workers: processes.
        part, parts: of the shards, this process makes those whose number is `part` modulo `parts`.
        cluster: address of a Dask cluster that makes them instead of processes on this machine.
    """

    workers: int = 1
    part: int = 0
    parts: int = 1
    cluster: str | None = None

    def share(self, shards: Iterable[int]) -> list[int]:
        """Return the shards that fall to this process."""
        return [shard for shard in shards if shard % self.parts == self.part]


@dataclass(frozen=True)
class BuildReport:
    """What a build left behind.

    Attributes:
        circuits: in the whole dataset, as far as it is finished.
        distinct: of them, up to commuting disjoint gates and global phase.
        made: circuits that this run made.
        missing: targets that have fewer circuits than were asked for, and how many they have.
    """

    circuits: int
    distinct: int
    made: int
    seconds: float
    path: str
    missing: dict[str, int]

    def as_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return {
            "circuits": self.circuits,
            "distinct": self.distinct,
            "made": self.made,
            "seconds": self.seconds,
            "circuits_per_second": self.made / self.seconds,
            "path": self.path,
            "missing": self.missing,
        }


class WorkersDiedError(RuntimeError):
    """Workers died again and again; what they had finished is kept."""


def build_random(
    folder: Path,
    *,
    num_qubits: int,
    max_gates: int,
    count: int,
    seed: int = 0,
    gate_set: str = "genqc-continuous",
    coupling: str = "all",
    families: float = 0.0,
    job: Job | None = None,
) -> BuildReport:
    """Make a dataset of random circuits with their unitaries and Schmidt ranks, or go on with one.

    Args:
        folder: where the dataset goes.
        num_qubits: the register.
        max_gates: most gates of a circuit.
        count: circuits in all.
        seed: of all random choices.
        gate_set: what circuits are made of,
        coupling: and the pairs of qubits that they couple.
        families: share of circuits that are Fourier transforms, Trotter steps, oracles, adders, controlled gates,
            Pauli rotations, preparations, or pieces of these; 0 to 1.
        job: workers, and which shards fall to this process.

    Raises:
        InputError: circuits that cannot be made, or a folder that holds something else or cannot be written.
        WorkersDiedError: see there.
    """
    started = time.monotonic()
    parameters: dict[str, Any] = {
        "num_qubits": num_qubits,
        "max_gates": max_gates,
        "gate_set": gate_set,
        "coupling": coupling,
    }
    parameters |= {FAMILY_SHARE: families} if families else {}
    check_random(parameters)
    manifest = open_dataset(folder, Manifest("random", seed, parameters))
    sizes = {shard: min(SHARD_ROWS, count - shard * SHARD_ROWS) for shard in range(-(-count // SHARD_ROWS))}
    mine = (job or Job()).share(sizes)
    todo = [shard for shard in mine if (finished_rows(folder, shard) or 0) < sizes[shard]]
    run_tasks(_random_shard, [(folder.resolve(), manifest, shard, sizes[shard]) for shard in todo], job or Job())
    circuits, distinct = count_distinct(folder)
    write_card(folder, manifest, circuits, distinct)
    made = sum(sizes[shard] for shard in todo)
    return BuildReport(circuits, distinct, made, time.monotonic() - started, str(folder), {})


def _random_shard(task: tuple[Path, Manifest, int, int]) -> int:
    folder, manifest, shard, rows = task
    write_shard(folder, manifest, shard, random_columns(manifest.parameters, manifest.seed, shard, rows))
    return rows


def count_distinct(folder: Path) -> tuple[int, int]:
    """Return how many circuits a dataset has, and how many distinct ones."""
    paths = sorted(shard_path(folder, 0).parent.glob("*.parquet"))
    keys = np.empty(sum(open_shard(path).metadata.num_rows for path in paths), dtype=np.int64)
    filled = 0
    for path in paths:
        for batch in batches(path, ["key"]):
            keys[filled : filled + len(batch)] = batch.column("key").to_numpy()
            filled += len(batch)
    keys.sort()  # in place: it is the most memory that a build takes
    return len(keys), int(np.count_nonzero(keys[1:] != keys[:-1])) + bool(len(keys))


def run_tasks(make: Callable[[T], int], tasks: Sequence[T], job: Job) -> int:
    """Run every task, each in one thread, and return the sum of what they return.

    Raises:
        InputError: there is no cluster at the job's address.
        WorkersDiedError: workers died more than `RESTARTS` times; the tasks that had finished are done.
    """
    if job.cluster is not None:
        return run_on_cluster(make, tasks, job.cluster)
    left, total = dict(enumerate(tasks)), 0
    for _ in range(RESTARTS + 1):
        try:
            for number, made in _run(make, left, job.workers):
                del left[number]
                total += made
                done = len(tasks) - len(left)
                logger.info("%d of %d parts", done, len(tasks), extra={"share": done / len(tasks)})
            return total
        except BrokenProcessPool:
            logger.warning("a worker died; %d parts are left", len(left))
    raise WorkersDiedError(
        f"workers died {RESTARTS + 1} times (killed, or out of memory); {len(tasks) - len(left)} of {len(tasks)} "
        "parts are finished, and the same command goes on from there"
    )


def _run(make: Callable[[T], int], tasks: dict[int, T], workers: int) -> Iterator[tuple[int, int]]:
    if workers == 1 or len(tasks) < 2:
        _one_thread()
        yield from ((number, make(task)) for number, task in tuple(tasks.items()))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), context, initializer=_one_thread) as pool:
        futures = {pool.submit(make, task): number for number, task in tasks.items()}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _one_thread() -> None:
    """Let shards depend on nothing but their seed, and workers not get in each other's way."""
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch

    torch.set_num_threads(1)
