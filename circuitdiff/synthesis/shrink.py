"""Removal of entanglers that a circuit can do without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.synthesis.instantiate import Budget, Fit, Heats, race, random_start
from circuitdiff.synthesis.structure import Pairs
from circuitdiff.synthesis.task import Task

FIRST_LOOK: Heats = ((30, 1.0),)
SECOND_LOOK: Heats = ((60, 1.0),)
PROMISING = 3e-2
"""Infidelity after the first look below which a removal gets a second one."""


def shrink(task: Task, fit: Fit, rng: np.random.Generator, budget: Budget) -> Fit:
    """Take entanglers out for as long as the others, re-instantiated, suffice."""
    shorter: Fit | None = fit
    while shorter is not None:
        fit, shorter = shorter, None
        for indices in _removals(fit.dressed.pairs, rng):
            if len(fit.dressed.pairs) - len(indices) < task.lower_bound:
                continue
            if budget.spent:
                return fit
            shorter = remove(task, fit, indices, rng, budget)
            if shorter is not None:
                break
    return fit


def remove(task: Task, fit: Fit, indices: tuple[int, ...], rng: np.random.Generator, budget: Budget) -> Fit | None:
    """Leave the entanglers at ``indices`` out and re-instantiate the rest; None where that misses the target.

    The rest starts from where it is, which may be a saddle point, and from random angles.
    """
    warm = fit.dressed.without(indices)
    starts = [warm, random_start(warm.pairs, task.num_qubits, task.entangler, rng)]
    tried = race(task.target, starts, tol=task.tol, budget=budget, heats=FIRST_LOOK)
    if tried is not None and task.tol < tried.infidelity < PROMISING:
        tried = race(task.target, [tried.dressed], tol=task.tol, budget=budget, heats=SECOND_LOOK)
    return tried if tried is not None and tried.infidelity <= task.tol else None


def _removals(pairs: Pairs, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """Yield what to leave out: each entangler, then neighbours on a coupling, for inverses only go together."""
    for index in rng.permutation(len(pairs)):
        yield (int(index),)
    latest: dict[tuple[int, int], int] = {}
    for index, pair in enumerate(pairs):
        if pair in latest:
            yield latest[pair], index
        latest[pair] = index
