"""The line that people see while they wait: what is done, and how long the rest takes."""

from __future__ import annotations

import io
import logging

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from circuitdiff import counting
from circuitdiff.cli.progress import LOGGER, Pace, _LineHandler, time_left
from circuitdiff.counting import counted


@pytest.mark.parametrize(
    ("share", "elapsed", "words"),
    [(0.0, 5.0, ""), (1.0, 5.0, ""), (0.25, 10.0, "about 30 s left"), (0.1, 60.0, "about 9 min left")],
)
def test_time_left_is_at_the_same_pace(share: float, elapsed: float, words: str) -> None:
    assert time_left(share, elapsed) == words


def test_a_share_that_falls_begins_something_new(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 20.0, 100.0, 100.0, 104.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    pace = Pace()

    def left(**share: float) -> str:
        return pace.left(logging.makeLogRecord(share))

    assert (left(share=0.2), left(share=0.5)) == ("about 40 s left", "about 20 s left")
    assert left() == ""
    assert left(share=0.0) == ""
    assert left(share=0.2) == "about 16 s left"


def test_long_loops_say_how_far_they_are_and_short_ones_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger(f"{LOGGER}.test")
    caplog.set_level(logging.INFO, LOGGER)
    assert list(counted(range(1000), "nothing", logger)) == list(range(1000))
    assert not caplog.records
    monkeypatch.setattr(counting, "EVERY", 0.0)
    assert list(counted("abcd", "letters", logger)) == list("abcd")
    assert [record.message for record in caplog.records] == [f"letters, {k} of 4" for k in range(4)]
    assert [getattr(record, "share") for record in caplog.records] == [0.0, 0.25, 0.5, 0.75]  # noqa: B009


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
