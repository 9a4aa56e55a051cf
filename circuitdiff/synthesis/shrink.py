"""Removal of entanglers that a circuit can do without."""

from __future__ import annotations

import numpy as np

from circuitdiff.synthesis.instantiate import Budget, Fit, Heats, race
from circuitdiff.synthesis.task import Task

FIRST_LOOK: Heats = ((30, 1.0),)
SECOND_LOOK: Heats = ((60, 1.0),)
PROMISING = 3e-2
"""Infidelity after the first look below which a removal gets a second one."""


def shrink(task: Task, fit: Fit, rng: np.random.Generator, budget: Budget) -> Fit:
    """Take out one entangler after another for as long as the others, re-instantiated from where they are, suffice."""
    found = True
    while found and len(fit.dressed.pairs) > task.lower_bound:
        found = False
        for index in rng.permutation(len(fit.dressed.pairs)):
            if budget.spent:
                return fit
            shorter = remove(task, fit, (int(index),), budget)
            if shorter is not None:
                fit, found = shorter, True
                break
    return fit


def remove(task: Task, fit: Fit, indices: tuple[int, ...], budget: Budget) -> Fit | None:
    """Leave the entanglers at ``indices`` out and re-instantiate the rest; None where that misses the target."""
    start = fit.dressed.without(indices)
    tried = race(task.target, [start], tol=task.tol, budget=budget, heats=FIRST_LOOK)
    if tried is not None and task.tol < tried.infidelity < PROMISING:
        tried = race(task.target, [tried.dressed], tol=task.tol, budget=budget, heats=SECOND_LOOK)
    return tried if tried is not None and tried.infidelity <= task.tol else None
