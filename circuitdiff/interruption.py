"""Ctrl-C that ends work at the next look at the clock, so that the best so far is handed over rather than lost."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_requested = threading.Event()


class Interruption:
    """Whether Ctrl-C was pressed within a `graceful_interruption`."""

    happened = False


def interrupt() -> None:
    """End work at its next look at the clock, until `resume`; from any thread of a process that does one thing."""
    _requested.set()


def resume() -> None:
    """Let work begin again."""
    _requested.clear()


def is_interrupted() -> bool:
    """Tell whether work is to end now."""
    return _requested.is_set()


def is_over(deadline: float) -> bool:
    """Tell whether work is to end: it is interrupted, or a value of `time.monotonic` has passed."""
    return _requested.is_set() or time.monotonic() >= deadline


@contextmanager
def graceful_interruption() -> Iterator[Interruption]:
    """Let the first Ctrl-C end what looks at `is_over`; the second is a `KeyboardInterrupt` as always.

    Only the main thread receives it, and only where nobody else handles it; elsewhere nothing changes.
    """
    found = Interruption()
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield found
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if found.happened:
            signal.default_int_handler(number, frame)
        found.happened = True
        _requested.set()

    signal.signal(signal.SIGINT, stop)
    try:
        yield found
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _requested.clear()
