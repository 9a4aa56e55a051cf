"""Progress for people: a line on stderr, only where stderr is a terminal."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from circuitdiff.synthesis.problem import Improvement

LOGGER = "circuitdiff"


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[None]:
    """Show a spinner, the latest message that the package logs, and the time; print nothing where nobody looks.

    A record that has a ``share`` of what is under way in (0, 1] adds an estimate of the time that this still takes.
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    logger = logging.getLogger(LOGGER)
    level = logger.level
    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    with Progress(*columns, TextColumn("{task.fields[left]}"), console=Console(stderr=True), transient=True) as line:
        handler = _LineHandler(line, title)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)


SILENT_SECONDS = 2.0
"""A compilation that is over by then shows nothing."""


@contextmanager
def compile_progress(
    timeout: float | None, *, quiet: bool = False, always: bool = False
) -> Iterator[Callable[[Improvement], None] | None]:
    """Show the stage, the best circuit so far and the time left; what is yielded takes improvements.

    It is None where nobody looks: where stderr is no terminal, unless it is asked for, when every improvement is a line
    of its own.

    Args:
        timeout: seconds allowed, None for no limit.
        quiet: show nothing.
        always: show it where stderr is no terminal too.
    """
    if quiet or not (always or sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda found: console.print(f"{found.seconds:.1f} s: {_shown(found)}", markup=False, highlight=False)
        return
    line = CompileLine(timeout)
    stop, status = Event(), console.status("compiling")

    def show() -> None:
        if stop.wait(SILENT_SECONDS):
            return
        with status:
            while not stop.wait(0.2):
                status.update(line.text())

    logger = logging.getLogger(LOGGER)
    level = logger.level
    thread = Thread(target=show, daemon=True)
    logger.addHandler(line)
    logger.setLevel(logging.INFO)
    thread.start()
    try:
        yield line.note
    finally:
        stop.set()
        thread.join()
        logger.removeHandler(line)
        logger.setLevel(level)
        for warning in line.warnings:
            console.print(f"warning: {warning}", markup=False)


class CompileLine(logging.Handler):
    """What a compilation is doing, as a line: the latest message, the best circuit, the time."""

    def __init__(self, timeout: float | None) -> None:
        """Begin to count the time."""
        super().__init__(logging.INFO)
        self.warnings: list[str] = []
        self._started, self._timeout = time.monotonic(), timeout
        self._stage, self._best, self._pace = "", "", Pace()

    def note(self, found: Improvement) -> None:
        """Take an improvement."""
        self._best = _shown(found)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a message; warnings are kept."""
        if record.levelno >= logging.WARNING:
            self.warnings.append(record.getMessage())
        else:
            self._stage = record.getMessage()
            left = self._pace.left(record)
            self._stage += f", {left}" if left and self._timeout is None else ""

    def text(self) -> str:
        """Return the line."""
        spent = time.monotonic() - self._started
        left = "" if self._timeout is None else f", {max(0.0, self._timeout - spent):.0f} s left"
        return "; ".join(part for part in (f"compiling, {spent:.0f} s{left}", self._best, self._stage) if part)


def _shown(found: Improvement) -> str:
    return f"best so far {found.two_qubit_count} two-qubit gates, from {found.source}"


@contextmanager
def progress_bar(title: str, *, quiet: bool = False) -> Iterator[Callable[[float, Mapping[str, float]], None] | None]:
    """Show a bar with the time that is left; what is yielded takes the share done and figures to show beside it.

    It is None where nobody looks.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[shown]}"), console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=1.0, shown="")

        def update(share: float, figures: Mapping[str, float]) -> None:
            shown = ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in figures.items())
            bar.update(task, completed=min(1.0, share), shown=shown)

        yield update


class _LineHandler(logging.Handler):
    """Shows each log record behind a title."""

    def __init__(self, line: Progress, title: str) -> None:
        super().__init__(logging.INFO)
        self._line, self._title = line, title
        self._task = line.add_task(title, total=None, left="")
        self._pace = Pace()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:  # stays on the screen
            self._line.console.print(f"warning: {record.getMessage()}", markup=False)
            return
        left = self._pace.left(record)
        self._line.update(self._task, description=f"{self._title}: {record.getMessage()}", left=left)


class Pace:
    """How long what is under way still takes, by the shares of it that records say are done."""

    def __init__(self) -> None:
        """Begin to count the time."""
        self._began, self._share = time.monotonic(), 0.0

    def left(self, record: logging.LogRecord) -> str:
        """Return the time left in words, empty where a record has no share; a share that falls begins something new."""
        share = getattr(record, "share", None)
        if share is None:
            return ""
        if share < self._share:
            self._began = time.monotonic()
        self._share = share
        return time_left(share, time.monotonic() - self._began)


def time_left(share: float, elapsed: float) -> str:
    """Return in words how long the rest takes at the same pace; an empty string where no share is known."""
    if not 0 < share < 1:
        return ""
    seconds = elapsed * (1 - share) / share
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"
