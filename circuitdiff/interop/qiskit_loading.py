"""Qiskit is loaded by a thread that does not end before the process does."""

from __future__ import annotations

import sys
import threading

_LOCK = threading.Lock()
_LOADED = threading.Event()
_EXTENSION = "qiskit._accelerate"


def load_qiskit() -> None:
    """Import Qiskit, from any thread, before its first use.

    The allocator of Qiskit's extension (mimalloc) keeps its heap in the storage of the thread that loads it. Once that
    thread has ended, the next new thread that allocates kills the process: a pool of workers, then a second pool.

    Python lets a thread import parts of a package that another one is still loading, which Qiskit does not bear:
    whoever comes meanwhile waits, also for a thread that is not ours.
    """
    if _LOADED.is_set():
        return
    with _LOCK:
        if _LOADED.is_set():
            return
        if _EXTENSION in sys.modules or threading.current_thread() is threading.main_thread():
            import qiskit  # noqa: F401
        else:
            finished = threading.Event()
            threading.Thread(target=_load_and_stay, args=(finished,), name="circuitdiff-qiskit", daemon=True).start()
            finished.wait()
        _LOADED.set()


def _load_and_stay(finished: threading.Event) -> None:
    try:
        import qiskit  # noqa: F401
    finally:
        finished.set()
    threading.Event().wait()
