"""Orders in which steps of a circuit are gathered into blocks."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.program import Step, wires_of
from circuitdiff.resynthesis.carrying import carried
from circuitdiff.resynthesis.partition import Gather, Positions

CUT_EVERY = 40
"""How far apart places lie, on average, that no block may cross."""

Cut = Callable[[Sequence[Step]], tuple[Sequence[Step], Sequence[Positions]]]
"""Puts steps into an order that respects every wire, and into blocks."""


def cut_in_order(size: int, gather: Gather) -> Cut:
    """Put steps into blocks of a size as they come."""
    return lambda steps: (steps, _gathered(steps, size, gather))


def cut_shuffled(size: int, gather: Gather, rng: np.random.Generator) -> Cut:
    """Do the same along a random order."""

    def cut(steps: Sequence[Step]) -> tuple[Sequence[Step], list[Positions]]:
        ordered = shuffled(carried(steps, rng), rng)
        return ordered, _gathered(ordered, size, gather)

    return cut


def cut_at_random(size: int, gather: Gather, rng: np.random.Generator) -> Cut:
    """Do the same along a random order, and with places that no block crosses, so that borders lie elsewhere."""

    def cut(steps: Sequence[Step]) -> tuple[Sequence[Step], list[Positions]]:
        ordered = shuffled(carried(steps, rng), rng)
        borders = sorted(map(int, rng.integers(len(steps) + 1, size=len(steps) // CUT_EVERY + 1)))
        found: list[Positions] = []
        for start, stop in pairwise((0, *borders, len(steps))):
            blocks = _gathered(ordered[start:stop], size, gather)
            found += [tuple(start + position for position in block) for block in blocks]
        return ordered, found

    return cut


def _gathered(steps: Sequence[Step], size: int, gather: Gather) -> list[Positions]:
    return gather([wires_of(step) for step in steps], [isinstance(s, Operation) for s in steps], size)


def shuffled(steps: Sequence[Step], rng: np.random.Generator) -> tuple[Step, ...]:
    """Return the steps in a random order among those that respect every wire."""
    priority = rng.permutation(len(steps))
    after: list[list[int]] = [[] for _ in steps]
    waits = [0] * len(steps)
    last: dict[int, int] = {}
    for position, step in enumerate(steps):
        for wire in wires_of(step):
            if wire in last:
                after[last[wire]].append(position)
                waits[position] += 1
            last[wire] = position
    ready = [(priority[position], position) for position, count in enumerate(waits) if count == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, position = heapq.heappop(ready)
        ordered.append(steps[position])
        for following in after[position]:
            waits[following] -= 1
            if waits[following] == 0:
                heapq.heappush(ready, (priority[following], following))
    return tuple(ordered)
