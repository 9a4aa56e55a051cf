"""Progress for people: a line on stderr, only where stderr is a terminal."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

LOGGER = "circuitdiff"


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[None]:
    """Show a spinner, the latest message that the package logs, and the time; print nothing where nobody looks.

    A record that has a ``share`` of the work in (0, 1] adds an estimate of the time that is left.
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
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:  # stays on the screen
            self._line.console.print(f"warning: {record.getMessage()}", markup=False)
            return
        left = time_left(getattr(record, "share", 0.0), time.monotonic() - self._started)
        self._line.update(self._task, description=f"{self._title}: {record.getMessage()}", left=left)


def time_left(share: float, elapsed: float) -> str:
    """Return in words how long the rest takes at the same pace; an empty string where no share is known."""
    if not 0 < share < 1:
        return ""
    seconds = elapsed * (1 - share) / share
    return f"about {seconds / 60:.0f} min left" if seconds >= 90 else f"about {seconds:.0f} s left"
