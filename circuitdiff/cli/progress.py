"""Progress for people: a line on stderr, only where stderr is a terminal."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
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


class _StatusHandler(logging.Handler):
    """Shows each log record behind a title."""

    def __init__(self, status: Status, title: str) -> None:
        super().__init__(logging.INFO)
        self._status = status
        self._title = title

    def emit(self, record: logging.LogRecord) -> None:
        self._status.update(f"{self._title}: {record.getMessage()}")
