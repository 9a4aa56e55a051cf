"""Keywords that every way into resynthesis takes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TypedDict


class BlockSettings(TypedDict, total=False):
    """How blocks are gathered and compiled; `resynthesize_steps` has the defaults.

    Attributes:
        block_size: most qubits of a block, 2 to 5; 3 by default.
        effort: ``fast``, ``default`` or ``max``, for blocks and for the number of sweeps.
        tol: infidelity allowed of each block, 1e-10 by default.
        seed: the same seed gives the same circuit where time does not run out.
        model: name or path of a checkpoint; the bundled one by default.
        proposers: names of those that take part where blocks are compiled as targets, see `PROPOSERS`; blocks of three
            qubits and few gates are raced in any case.
        cache: file of compiled blocks, ``default`` for the user's, None for none.
        workers: blocks that are compiled at a time, in threads; by default as many as there are cores, and one within
            somebody's pool of processes. The circuit is the same for any number where time does not run out.
    """

    block_size: int
    effort: str
    tol: float
    seed: int
    model: str | None
    proposers: Collection[str] | None
    cache: str | Path | None
    workers: int | None
