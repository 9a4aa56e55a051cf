"""Many targets: one after the other, on a pool of processes, or on a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.synthesis.compiler import compile
from circuitdiff.synthesis.result import CompileResult


def compile_many(
    targets: Sequence[NDArray[np.complex128] | Circuit], *, executor: Executor | None = None, **settings: Any
) -> list[CompileResult]:
    """Compile targets, equal ones once; each result is the one that `compile` gives alone.

    Args:
        targets: unitaries or circuits, as for `compile`.
        executor: where to compile: a `concurrent.futures.ProcessPoolExecutor` (of spawned processes, which inherit no
            threads), or a Dask client's ``get_executor()``; this process by default.
        settings: keywords of `compile`; ``timeout`` is for each target.

    Raises:
        InputError: for any target that cannot be compiled.
        NoCircuitError: when the time for a target ran out before there was any circuit.
    """
    keys = [
        target if isinstance(target, Circuit) else (np.shape(target), np.asarray(target).tobytes())
        for target in targets
    ]
    distinct = dict(zip(keys, targets, strict=True))
    job = partial(compile, **settings)
    results = map(job, distinct.values()) if executor is None else executor.map(job, distinct.values())
    found = dict(zip(distinct, results, strict=True))
    return [found[key] for key in keys]
