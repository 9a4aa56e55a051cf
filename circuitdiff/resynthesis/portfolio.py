"""Narrow circuits with time to use: targets and moves in turns, since each finds at times what the other never does.

One compilation as a target comes down to a fifth or to nothing, by luck, and moves from where a circuit stands come
down slowly but nearly always. So both are tried again and again: compilations with seeds of their own, and moves for
ever longer where they save nothing.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from circuitdiff.circuits.circuit import Operation
from circuitdiff.features.lower_bounds import generic_cx_count
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.exploration import explored
from circuitdiff.resynthesis.narrow import narrow_parts, parts_of
from circuitdiff.resynthesis.replacement import Place, Rewritten
from circuitdiff.synthesis import DEFAULT_PROPOSERS

if TYPE_CHECKING:
    from circuitdiff.resynthesis.sweeps import Sweeps

logger = logging.getLogger(__name__)

PATIENCE = 8
"""Rounds of moves that save nothing, before the first change of turns; twice as many before each further one."""

PERMUTED = (3, 0)
"""Blocks of up to so many qubits are compiled up to the order of their outputs, turn by turn, where that is free."""

PEELING, SEARCHING = frozenset({"analytic", "template", "peel"}), frozenset({"analytic", "diffusion", "search"})

ATTEMPTS = 2 * (PEELING, PEELING, SEARCHING)
"""Who takes part in the compilations of one turn: peeling hits or misses, which is known within seconds."""

SHARE_OF_TARGETS = 0.35
"""Part of the time that is left that the targets of one turn take at the most."""

HOPELESS = 2
"""Times the length of a generic unitary's circuit from which on moves come down too slowly."""

SHARE_WHERE_HOPELESS = 0.8
"""The part of the time that targets take at the most where that is so."""

LAST_TURN = 4
"""The turn after which nothing more is expected of targets where there is nothing to be exchanged either."""


def in_turns(work: Sweeps, given: Rewritten, rng: np.random.Generator) -> Rewritten:
    """Compile narrow parts as targets and move on from the shortest circuit that has structure, until time is up.

    A circuit as long as that of a generic unitary, which a template made, leads nowhere: it is kept, and not gone on
    from.

    Args:
        work: how to sweep, and until when.
        given: steps among which are narrow parts.
        rng: of every choice.
    """

    def cost(found: Rewritten) -> float:
        return work.place.cost(found.steps)

    is_long = generic_share(given, work.place) > 1
    best = line = given if is_long else work.swept_at_first(given, rng)
    for turn in count():
        is_hopeless = generic_share(line, work.place) > HOPELESS
        part = work.until(SHARE_WHERE_HOPELESS if is_hopeless else SHARE_OF_TARGETS)
        found = as_targets(part, best, rng)
        best = min(best, found, key=cost)
        if cost(found) < cost(line) and generic_share(found, work.place) < 1:
            line = found
        if is_long and turn == 0:
            line = work.swept_at_first(line, rng)
        line, is_still = explored(work.permuting(PERMUTED[turn % len(PERMUTED)]), line, PATIENCE << turn, rng)
        best = min(line, best, key=cost)
        logger.info("turn %d: cost %g, best %g", turn, cost(line), cost(best))
        if is_over(work.deadline) or (is_still and turn >= LAST_TURN):
            return best
    raise AssertionError("turns do not end by themselves")


def generic_share(given: Rewritten, place: Place) -> float:
    """Return what the narrow parts cost, in proportion to what they would if nothing were known but their qubits."""
    narrow = narrow_parts(given.steps)
    inside = [step for step in given.steps if isinstance(step, Operation) and step.qubits[0] in narrow]
    generic = sum(generic_cx_count(len(qubits)) for qubits in parts_of(inside))
    return place.cost(inside) / generic if generic else 0.0


def as_targets(work: Sweeps, given: Rewritten, rng: np.random.Generator) -> Rewritten:
    """Compile narrow parts as targets, with other seeds until one attempt saves."""
    for proposers in ATTEMPTS:
        chosen = proposers & frozenset(work.options.proposers or DEFAULT_PROPOSERS)
        seed = int(rng.integers(2**63))
        if not chosen or is_over(work.deadline):
            continue
        options = replace(work.options, proposers=tuple(sorted(chosen)), seed=seed)
        found = replace(work, options=options).as_targets(given)
        saves = work.place.cost(found.steps) < work.place.cost(given.steps)
        if saves and generic_share(found, work.place) < 1:
            return found
        given = found
    return given
