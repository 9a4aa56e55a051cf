"""From proposed structures to solutions: start after start of each, then of structures merged from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, islice

import numpy as np

from circuitdiff.numerics.ansatz import Dressed, Pairs
from circuitdiff.numerics.multi_start import Budget, Heats, race, random_start
from circuitdiff.synthesis.presets import Effort
from circuitdiff.synthesis.problem import Solution, Tally, Task
from circuitdiff.synthesis.stages.proposers import StructureSource
from circuitdiff.synthesis.stages.template import template_count
from circuitdiff.synthesis.transforms.basin_hopping import shortened
from circuitdiff.synthesis.transforms.crossover import merged_structure

MAX_STARTS = 24
START_GROWTH = 1.75
"""With each further entangler, the chance that one start of a right structure converges falls by about this factor."""

ANGLES_FROM = 6
"""Entanglers from which on the source's angles are asked for: below, random starts are cheaper than the asking."""

INFORMED = 16
"""Structures that get a start with the source's angles, the likeliest."""

RACE_STARTS = 24
RACE_HEATS: Heats = ((25, 0.34), (75, 0.0))

MERGED_MARGIN = 3
"""Entanglers that a merged structure may have beyond the incumbent's number, and beyond the longest proposal's."""

GENERIC_MARGIN = 1
"""Entanglers fewer than the template's that it may have at most: the template solves anything."""


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

    Each round asks the source for structures under the incumbent's length, broadly after the first. They get one start
    after another, the shortest first; once each has had one, structures merged from all that were proposed take turns
    with them. Whatever solves is shrunk.
    """
    seen: dict[Pairs, None] = {}
    for number in range(effort.rounds):
        if bound <= task.lower_bound or budget.spent:
            return
        proposed = source.structures(task, bound - 1, samples, rng, broad=number > 0)
        seen |= dict.fromkeys(proposed)
        for solution in _round(task, source, proposed, tuple(seen), bound, effort, rng, budget, tally):
            bound = solution.count
            yield solution


def _round(
    task: Task,
    source: StructureSource,
    proposed: Sequence[Pairs],
    seen: Sequence[Pairs],
    bound: int,
    effort: Effort,
    rng: np.random.Generator,
    budget: Budget,
    tally: Tally,
) -> Iterator[Solution]:
    structures = _shortest_first(proposed, effort.structures)
    tally.tried += len(structures)
    likeliest = [pairs for pairs in proposed if len(pairs) >= ANGLES_FROM][:INFORMED]
    direct = _starts(task, source, structures, likeliest, effort.starts, rng)
    futile = 0
    for number in count():
        if bound <= task.lower_bound or budget.spent:
            return
        wanted = RACE_STARTS if number * RACE_STARTS < len(structures) else RACE_STARTS // 2
        starts = list(islice((start for start in direct if len(start.pairs) < bound), wanted))
        if len(starts) < RACE_STARTS and seen and futile < effort.patience:
            longest = MERGED_MARGIN + min(bound, max(map(len, seen)))
            length = min(longest, template_count(task) - GENERIC_MARGIN)
            tally.tried += RACE_STARTS // 2
            for _ in range(RACE_STARTS // 2):
                pairs = merged_structure(seen, length, task.coupling.pairs, rng)
                starts.append(random_start(pairs, task.num_qubits, task.entangler, rng))
        fit = race(task.target, starts, tol=task.tol, budget=budget, heats=RACE_HEATS)
        if fit is None:
            return
        if fit.infidelity > task.tol:
            continue
        fit = shortened(task, fit, bound, rng, budget)
        tally.record(len(fit.dressed.pairs))
        futile += 1
        if len(fit.dressed.pairs) < bound:
            bound, futile = len(fit.dressed.pairs), 0
            yield Solution(fit.dressed, fit.infidelity, source.name)


def num_starts(length: int, factor: float = 1.0) -> int:
    """Return how many starts a structure of some length gets."""
    return max(1, min(round(factor * MAX_STARTS), round(factor * START_GROWTH ** (length - 2))))


def _shortest_first(proposed: Sequence[Pairs], most: int) -> list[Pairs]:
    """Return up to ``most`` structures of each length, those that were proposed first, by length."""
    taken: Counter[int] = Counter()
    chosen = []
    for pairs in proposed:
        taken[len(pairs)] += 1
        if taken[len(pairs)] <= most:
            chosen.append(pairs)
    return sorted(chosen, key=len)


def _starts(
    task: Task,
    source: StructureSource,
    structures: Sequence[Pairs],
    likeliest: Sequence[Pairs],
    factor: float,
    rng: np.random.Generator,
) -> Iterator[Dressed]:
    """Yield one start of every structure, the source's own for the likeliest, then further ones in turn."""
    informed = {start.pairs: start for start in source.starts(task, likeliest, rng)} if likeliest else {}
    for number in range(num_starts(len(structures[-1]), factor) if structures else 0):
        for pairs in structures:
            if number == 0 and pairs in informed:
                yield informed[pairs]
            elif number < num_starts(len(pairs), factor):
                yield random_start(pairs, task.num_qubits, task.entangler, rng)
