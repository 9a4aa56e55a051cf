"""Progress for people: a line on stderr, only where stderr is a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

LOGGER = "circuitdiff"


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[None]:
    """Show a spinner with the latest message that the package logs; print nothing where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    logger = logging.getLogger(LOGGER)
    level = logger.level
    with Console(stderr=True).status(title) as status:
        handler = _StatusHandler(status, title)
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


class _StatusHandler(logging.Handler):
    """Shows each log record behind a title."""

    def __init__(self, status: Status, title: str) -> None:
        super().__init__(logging.INFO)
        self._status = status
        self._title = title

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:  # stays on the screen
            self._status.console.print(f"warning: {record.getMessage()}", markup=False)
            return
        self._status.update(f"{self._title}: {record.getMessage()}")
