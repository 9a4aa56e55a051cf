"""Many circuits: one after the other, on a pool of processes, or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.resynthesis.whole import Resynthesis, resynthesize


def resynthesize_many(
    circuits: Sequence[Circuit], *, executor: Executor | None = None, **settings: Any
) -> list[Resynthesis]:
    """Rewrite circuits; each result is the one that `resynthesize` gives alone.

    Args:
        circuits: of any width.
        executor: where to work, as for `circuitdiff.compile_many`; the file of compiled blocks is shared where the
            processes share a disk.
        settings: keywords of `resynthesize`; ``timeout`` is for each circuit.

    Raises:
        InputError: for any circuit that does not fit the device, or an option out of range.
    """
    job = partial(resynthesize, **settings)
    return list(map(job, circuits) if executor is None else executor.map(job, circuits))
