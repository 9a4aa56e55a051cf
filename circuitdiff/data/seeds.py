"""Seeds of independent random streams."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """What a random stream is for; streams of different purposes never coincide."""

    TRAINING = 0
    VALIDATION = 1
    NOISE = 2
    EVALUATION = 3
    DATASET = 4
    OWN = 5


def derived_seed(stream: Stream, *keys: int) -> int:
    """Mix a purpose and some non-negative keys into a seed below 2^32: torch's CPU generator reads no more bits."""
    return int(np.random.SeedSequence((int(stream), *keys)).generate_state(1, np.uint32)[0])
