"""The line that people see while they wait: what is done, and how long the rest takes."""

from __future__ import annotations

import io
import logging

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from circuitdiff.cli.progress import LOGGER, _LineHandler, time_left


@pytest.mark.parametrize(
    ("share", "elapsed", "words"),
    [(0.0, 5.0, ""), (1.0, 5.0, ""), (0.25, 10.0, "about 30 s left"), (0.1, 60.0, "about 9 min left")],
)
def test_time_left_is_at_the_same_pace(share: float, elapsed: float, words: str) -> None:
    assert time_left(share, elapsed) == words


def test_line_shows_the_latest_record_and_keeps_warnings() -> None:
    shown = io.StringIO()
    columns = TextColumn("{task.description}", markup=False), TextColumn("{task.fields[left]}")
    logger = logging.getLogger(f"{LOGGER}.test")
    with Progress(*columns, console=Console(file=shown, force_terminal=True, width=100)) as line:
        handler = _LineHandler(line, "mining")
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            logger.info("[3] gadgets", extra={"share": 0.5})
            logger.warning("a shard is missing")
            line.refresh()
        finally:
            logger.removeHandler(handler)
    assert "mining: [3] gadgets" in shown.getvalue()
    assert "left" in shown.getvalue()
    assert "warning: a shard is missing" in shown.getvalue()
