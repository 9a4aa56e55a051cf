"""From proposed structures to solutions: longest first, several starts each, all in one race a length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from circuitdiff.synthesis.effort import Effort
from circuitdiff.synthesis.instantiate import Budget, Fit, race, random_start
from circuitdiff.synthesis.shrink import shrink
from circuitdiff.synthesis.sources import StructureSource
from circuitdiff.synthesis.structure import Dressed, Pairs
from circuitdiff.synthesis.task import Solution, Tally, Task

MAX_STARTS = 24
START_GROWTH = 1.75
"""With each further entangler, the chance that one start of a right structure converges falls by about this factor."""

ANGLES_FROM = 6
"""Entanglers from which on the source's angles are asked for: below, random starts are cheaper than the asking."""

INFORMED = 16
"""Structures of a length that get a start with the source's angles, the likeliest."""


def pursue(
    task: Task,
    source: StructureSource,
    bound: int,
    effort: Effort,
    samples: int,
    rng: np.random.Generator,
    budget: Budget,
    tally: Tally,
) -> Iterator[Solution]:
    """Yield ever shorter solutions of fewer than ``bound`` entanglers.

    Each round asks the source for structures under the incumbent's length, broadly after the first, and instantiates
    them by descending length, for the longer converge more readily; whatever solves is shrunk and becomes the next
    round's bound.
    """
    dry, broad = 0, False
    while dry < effort.dry_rounds and bound > task.lower_bound and not budget.spent:
        proposed = source.structures(task, bound - 1, samples, rng, broad=broad)
        fit = _round(task, source, proposed, effort, rng, budget, tally)
        broad = True
        if fit is None:
            dry += 1
            continue
        fit = shrink(task, fit, rng, budget)
        bound = len(fit.dressed.pairs)
        tally.record(bound)
        yield Solution(fit.dressed, fit.infidelity, source.name)


def _round(
    task: Task,
    source: StructureSource,
    proposed: Sequence[Pairs],
    effort: Effort,
    rng: np.random.Generator,
    budget: Budget,
    tally: Tally,
) -> Fit | None:
    for length, group in groupby(sorted(proposed, key=len, reverse=True), key=len):
        structures = list(group)[: effort.structures]
        tally.tried += len(structures)
        starts = _starts(task, source, structures, num_starts(length, effort.starts), rng)
        fit = race(task.target, starts, tol=task.tol, budget=budget)
        if fit is not None and fit.infidelity <= task.tol:
            return fit
        if budget.spent:
            return None
    return None


def num_starts(length: int, factor: float = 1.0) -> int:
    """Return how many starts a structure of some length gets."""
    return max(1, min(round(factor * MAX_STARTS), round(factor * START_GROWTH ** (length - 2))))


def _starts(
    task: Task, source: StructureSource, structures: Sequence[Pairs], each: int, rng: np.random.Generator
) -> Iterator[Dressed]:
    """Yield one start of every structure, then another of every structure, informed ones first."""
    if len(structures[0]) >= ANGLES_FROM:
        yield from source.starts(task, structures[:INFORMED], rng)
    for _ in range(each):
        for pairs in structures:
            yield random_start(pairs, task.num_qubits, task.entangler, rng)
