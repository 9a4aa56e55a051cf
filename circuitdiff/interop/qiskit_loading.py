"""Qiskit is loaded by a thread that does not end before the process does."""

from __future__ import annotations

import sys
import threading

_LOCK = threading.Lock()
_EXTENSION = "qiskit._accelerate"


def load_qiskit() -> None:
    """Import Qiskit, from any thread, before its first use.

    The allocator of Qiskit's extension (mimalloc) keeps its heap in the storage of the thread that loads it. Once that
    thread has ended, the next new thread that allocates kills the process: a pool of workers, then a second pool.
    """
    if _EXTENSION in sys.modules:
        return
    if threading.current_thread() is threading.main_thread():
        import qiskit  # noqa: F401

        return
    with _LOCK:
        if _EXTENSION in sys.modules:
            return
        loaded = threading.Event()
        threading.Thread(target=_load_and_stay, args=(loaded,), name="circuitdiff-qiskit", daemon=True).start()
        loaded.wait()


def _load_and_stay(loaded: threading.Event) -> None:
    try:
        import qiskit  # noqa: F401
    finally:
        loaded.set()
    threading.Event().wait()
