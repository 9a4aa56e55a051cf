"""How long a circuit may take where nobody says, in proportion to it, and shares of the time that there is."""

from __future__ import annotations

import time
from collections.abc import Mapping

BASE_SECONDS: Mapping[str, float] = {"fast": 30.0, "default": 60.0, "max": 600.0}
"""By effort, what the smallest circuit gets."""

SECONDS_PER_GATE: Mapping[str, float] = {"fast": 0.05, "default": 0.2, "max": 2.0}
"""By effort, what each gate on two or more qubits adds: some times what the first sweeps take, which save most."""

MOST_SECONDS: Mapping[str, float] = {"fast": 120.0, "default": 300.0, "max": 3600.0}
"""By effort, what the largest circuit gets: nobody who has not asked for it waits longer than this."""


def default_timeout(num_wide_gates: int, effort: str) -> float:
    """Return the seconds that a circuit gets where no time limit is given.

    Args:
        num_wide_gates: gates on two or more qubits.
        effort: ``fast``, ``default`` or ``max``.
    """
    return min(BASE_SECONDS[effort] + SECONDS_PER_GATE[effort] * num_wide_gates, MOST_SECONDS[effort])


def until_share(deadline: float, share: float) -> float:
    """Return the value of `time.monotonic` at which a part of the time to a deadline will be over."""
    left = deadline - time.monotonic()
    return deadline if left == float("inf") else deadline - (1 - share) * left
