"""Shards made by the workers of a Dask cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from circuitdiff.errors import InputError, MissingExtraError
from circuitdiff.numerics.threads import single_threaded

logger = logging.getLogger(__name__)
T = TypeVar("T")

CONNECT_SECONDS = 20


def run_on_cluster(make: Callable[[T], int], tasks: Sequence[T], address: str) -> int:
    """Run every task on a cluster, and return the sum of what they return.

    Workers need this package and the folder of the dataset under the same path.  What a worker that dies was at, and
    what it had finished but not written, is given to others; shards are whole or absent, and the same whoever makes
    them.

    Raises:
        InputError: there is no cluster at the address.
        MissingExtraError: Dask is not installed.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise MissingExtraError("--cluster needs Dask: pip install 'circuitdiff[cluster]'") from error
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"no Dask cluster at {address}: {str(error).splitlines()[0]}") from error
    total = 0
    with client:
        futures = [client.submit(_alone, make, task, pure=False) for task in tasks]
        for number, future in enumerate(as_completed(futures, loop=client.loop), start=1):
            total += int(future.result())
            logger.info("%d of %d parts", number, len(tasks), extra={"share": number / len(tasks)})
    return total


def _alone(make: Callable[[T], int], task: T) -> int:
    """Run a task in one thread: shards depend on nothing but their seed."""
    with single_threaded():
        return make(task)
