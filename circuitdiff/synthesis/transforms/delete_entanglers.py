"""Removal of entanglers that a circuit can do without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.numerics.ansatz import Dressed, Pairs
from circuitdiff.numerics.multi_start import Budget, Fit, Heats, race, random_start
from circuitdiff.synthesis.problem import Task

NEAR = 0.15
"""Standard deviation in radians of what is added to the angles: exactly where they were is a saddle point."""

FIRST_LOOK: Heats = ((15, 1.0),)
SECOND_LOOK: Heats = ((30, 1.0),)
PROMISING = 1e-2
"""Infidelity after the first look below which a removal gets a second one."""


def shrink(task: Task, fit: Fit, rng: np.random.Generator, budget: Budget) -> Fit:
    """Take entanglers out for as long as the others, re-instantiated, suffice."""
    while (found := shorter(task, fit, rng, budget)) is not None:
        fit = found
    return fit


def shorter(task: Task, fit: Fit, rng: np.random.Generator, budget: Budget) -> Fit | None:
    """Leave one entangler out, or two that may be inverses, and re-instantiate the rest.

    Each removal is tried near the angles that there are; only where none succeeds so, from random ones.

    Returns:
        The first that reaches the target, None where all miss it or the budget is spent.
    """
    for start in _starts(task, fit.dressed, rng):
        if budget.spent:
            return None
        if len(start.pairs) < task.lower_bound:
            continue
        tried = race(task.target, [start], tol=task.tol, budget=budget, heats=FIRST_LOOK)
        if tried is not None and task.tol < tried.infidelity < PROMISING:
            tried = race(task.target, [tried.dressed], tol=task.tol, budget=budget, heats=SECOND_LOOK)
        if tried is not None and tried.infidelity <= task.tol:
            return tried
    return None


def _starts(task: Task, dressed: Dressed, rng: np.random.Generator) -> Iterator[Dressed]:
    pairs = dressed.pairs
    order = [int(index) for index in rng.permutation(len(pairs))]
    for index in order:
        yield dressed.without([index]).shaken(NEAR, rng)
    for index in order:
        yield random_start(pairs[:index] + pairs[index + 1 :], task.num_qubits, task.entangler, rng)
    for indices in _neighbours(pairs):
        yield dressed.without(indices).shaken(NEAR, rng)


def _neighbours(pairs: Pairs) -> Iterator[tuple[int, int]]:
    """Yield the entanglers that follow each other on a coupling: inverses only go together."""
    latest: dict[tuple[int, int], int] = {}
    for index, pair in enumerate(pairs):
        if pair in latest:
            yield latest[pair], index
        latest[pair] = index
