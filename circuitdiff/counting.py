"""Loops that may take long say how far they are, in log records that progress lines show."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

EVERY = 0.5
"""Seconds between records: a loop that is over by then says nothing."""


def counted(items: Sequence[Item], what: str, logger: logging.Logger) -> Iterator[Item]:
    """Yield items, and log now and then how many are done; ``share`` of a record is the share of them."""
    last = time.monotonic()
    for number, item in enumerate(items):
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            logger.info("%s, %d of %d", what, number, len(items), extra={"share": number / len(items)})
        yield item
