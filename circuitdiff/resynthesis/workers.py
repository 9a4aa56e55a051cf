"""Blocks side by side: in threads, since the numerical kernels release the interpreter's lock."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from circuitdiff.interruption import is_over

Item = TypeVar("Item")
Result = TypeVar("Result")


def default_workers() -> int:
    """Return the number of cores that this process may use; one where it is itself a worker of somebody's pool."""
    is_worker = multiprocessing.parent_process() is not None or os.environ.get("QISKIT_IN_PARALLEL") == "TRUE"
    if is_worker:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def mapped(
    job: Callable[[Item], Result], items: Sequence[Item], workers: int, deadline: float = float("inf")
) -> Iterator[tuple[int, Result]]:
    """Yield the number and result of every item that was begun in time, in their order.

    Args:
        job: what to do with an item; depends on nothing that another one changes.
        items: the most urgent first.
        workers: threads; with one everything happens in this one.
        deadline: value of `time.monotonic` after which nothing is begun.
    """
    if workers == 1 or len(items) < 2:
        for number, item in enumerate(items):
            if is_over(deadline):
                return
            yield number, job(item)
        return

    def begun(item: Item) -> tuple[Result] | None:
        return None if is_over(deadline) else (job(item),)

    with ThreadPoolExecutor(min(workers, len(items)), "circuitdiff-block") as pool:
        for number, found in enumerate(pool.map(begun, items)):
            if found is not None:
                yield number, found[0]
