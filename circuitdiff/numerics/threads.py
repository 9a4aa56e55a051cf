"""Threads and forks: the network runs on one thread at a time, and children forked after a compilation keep working."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_network = threading.RLock()


@contextmanager
def single_threaded() -> Iterator[None]:
    """Run torch on one thread, and give it back what it had.

    The network's batches are too small for more, and forked children inherit no thread pool. The number of threads is
    one for the whole process, so that several threads that compile at once take turns with it.
    """
    import torch

    with _network:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _after_fork() -> None:
    """Make a child of this process work: locks that another thread held are free, and Qiskit uses no threads.

    Qiskit's own thread pool does not exist in a child that was forked after the parent used it, and waits for it for
    ever; ``QISKIT_IN_PARALLEL`` is how Qiskit tells its own workers to do without.
    """
    global _network
    _network = threading.RLock()
    os.environ.setdefault("QISKIT_IN_PARALLEL", "TRUE")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
