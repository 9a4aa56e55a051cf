"""Orders in which the steps of a circuit are gathered into blocks."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.program import Step, wires_of
from circuitdiff.resynthesis.partition import Gather, Positions

CUT_EVERY = 40
"""How far apart cuts lie that no block may cross, in random places, so that borders come to lie elsewhere."""


def random_cuts(steps: Sequence[Step], rng: np.random.Generator) -> list[int]:
    """Return places for cuts, ascending."""
    return sorted(map(int, rng.integers(len(steps) + 1, size=len(steps) // CUT_EVERY + 1)))


def gathered(
    steps: Sequence[Step],
    size: int,
    cuts: Iterable[int],
    gather: Gather,
) -> list[Positions]:
    """Put steps into blocks that cross no cut; cuts ascend."""
    found: list[Positions] = []
    for start, stop in pairwise((0, *cuts, len(steps))):
        part = steps[start:stop]
        blocks = gather([wires_of(step) for step in part], [isinstance(s, Operation) for s in part], size)
        found += [tuple(start + position for position in block) for block in blocks]
    return found


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
