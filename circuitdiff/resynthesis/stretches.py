"""Sweeps over stretches of a circuit, one after the other: what comes first is compiled before the rest is looked at.

Whatever grows faster than a circuit is done with one stretch at a time, and the clock is looked at in between. Each
stretch has its share of the time that is left, so that the best blocks of all of them get their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.program import Step
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.blocks import Block
from circuitdiff.resynthesis.limits import until_share
from circuitdiff.resynthesis.orders import Cut
from circuitdiff.resynthesis.relabelling import on_other_wires, then
from circuitdiff.resynthesis.replacement import Find, Place, Rewritten, replaced
from circuitdiff.resynthesis.rest import Rest

STRETCH = 5_000
"""How many steps a stretch has at most."""

FindUntil = Callable[[Sequence[Block], float], list[Circuit | None]]
"""Finds other circuits for blocks until a value of `time.monotonic`, None for those that stay."""


def in_stretches(
    given: Rewritten,
    cut: Cut,
    place: Place,
    find: FindUntil,
    deadline: float = float("inf"),
    *,
    at_most: float | None = None,
    offset: int = 0,
) -> tuple[Rewritten, int]:
    """Replace blocks as `replaced` does, stretch by stretch; what time does not suffice for stays.

    Args:
        given: what is rewritten.
        cut: puts a stretch into blocks.
        place: what is cheaper.
        find: what blocks are replaced by.
        deadline: value of `time.monotonic`.
        at_most: how much more another circuit may cost; by default it has to cost less.
        offset: by how many steps the first stretch is shorter, so that borders come to lie elsewhere.

    Returns:
        The rewriting, and how many blocks were replaced.
    """
    starts = [0, *range(STRETCH - offset, len(given.steps), STRETCH)]
    stops = [*starts[1:], len(given.steps)]
    rests = _rests(given.steps, stops, place)
    steps: list[Step] = []
    phase, where, count = given.global_phase, dict[int, int](), 0
    for number, (start, stop, rest) in enumerate(zip(starts, stops, rests, strict=True)):
        part = Rewritten(given.steps[start:stop], 0.0)
        if not is_over(deadline):
            end = until_share(deadline, 1 / (len(starts) - number))
            ordered, blocks = cut(part.steps)
            part, more = replaced(part, ordered, blocks, place, _until(find, end), at_most, _relabelled(rest, where))
            count += more
        steps += on_other_wires(part.steps, where) if where else part.steps
        phase, where = phase + part.global_phase, then(part.where, where)
    return replace(given, steps=tuple(steps), global_phase=phase, where=then(given.where, where)), count


def _rests(steps: Sequence[Step], stops: Sequence[int], place: Place) -> list[Rest | None]:
    """Return what follows each stretch where wires are relabelled and it matters on which they are."""
    if not place.swaps_are_free or place.is_uniform:
        return [None] * len(stops)
    rests = [Rest(place)]
    for start, stop in pairwise(reversed([*stops])):
        rests.append(rests[-1].copy())
        rests[-1].add(steps[stop:start])
    return [*reversed(rests)]


def _relabelled(rest: Rest | None, where: Mapping[int, int]) -> Rest | None:
    """Return what follows a stretch after those before have moved contents."""
    if rest is not None:
        rest.relabel(where)
    return rest


def _until(find: FindUntil, deadline: float) -> Find:
    return lambda blocks: find(blocks, deadline)
