"""What follows once sweeps save nothing more: moves that cost nothing, a few that cost something, and a way back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.blocks import Block
from circuitdiff.resynthesis.narrow import EASY_SIZE, narrow_parts
from circuitdiff.resynthesis.orders import cut_at_random, cut_shuffled
from circuitdiff.resynthesis.partition import partition
from circuitdiff.resynthesis.replacement import Rewritten
from circuitdiff.resynthesis.scan import scanner
from circuitdiff.resynthesis.sideways import SHARE, exchanged
from circuitdiff.resynthesis.stretches import in_stretches

if TYPE_CHECKING:
    from circuitdiff.resynthesis.sweeps import Sweeps

logger = logging.getLogger(__name__)

WORSE_EVERY = 4
"""One round in so many begins with blocks that are one gate longer."""

WORSE_BLOCKS = 2
"""About so many blocks become longer in such a round."""

BACK_AFTER = 3
"""Rounds after which a circuit that has become longer is given up for the best."""

DEEP_EVERY = 24
"""One idle round in so many compiles larger blocks, or narrow parts as targets, with a seed of its own."""

LARGER = 4

LARGER_SHARE = 0.7
"""How many of the rounds exchange blocks of so many qubits."""

SLACK = 1e-4
"""By how much blocks of as many gates may cost more, where gates differ in what they cost, and what is no saving."""

STILL_ROUNDS = 2 * DEEP_EVERY
"""After so many rounds in a row without a block that could be exchanged, there is none."""

TARGETS = 0.5
"""How often such a round tries narrow parts as targets, where there are any."""

DEEP_BLOCKS = 2
"""Larger blocks that are compiled in such a round: each takes a second."""


def explored(work: Sweeps, given: Rewritten, patience: float, rng: np.random.Generator) -> Rewritten:
    """Move and sweep until ``patience`` rounds in a row save nothing, or the time is up; return the best.

    It ends earlier where there is nothing to exchange: in short circuits, and in those of sparse parts.

    Args:
        work: how to sweep, and until when.
        given: swept steps.
        patience: rounds; infinite to use all the time.
        rng: of every choice.
    """
    best = current = given
    idle = away = number = still = 0
    while idle < patience and still < STILL_ROUNDS and not is_over(work.deadline):
        number += 1
        current, moved = _moved(work, current, int(number % WORSE_EVERY == 0), rng)
        if moved:
            current = work.until_dry(current, EASY_SIZE, 0, 1, rng, scanner(rng) if number % 2 else partition)
        if idle % DEEP_EVERY == DEEP_EVERY - 1:
            current = _deeply(work, current, rng)
        cost, least = work.place.cost(current.steps), work.place.cost(best.steps)
        saves = cost < least - SLACK
        idle = 0 if saves else idle + 1
        still = 0 if moved or saves else still + 1
        away = 0 if cost <= least + SLACK else away + 1
        if cost <= least:
            best = current
        elif away > BACK_AFTER:
            current, away = best, 0
        logger.info("round %d, %d blocks moved: cost %g, best %g", number, moved, cost, min(cost, least))
    return best


def _moved(work: Sweeps, given: Rewritten, more: int, rng: np.random.Generator) -> tuple[Rewritten, int]:
    """Exchange blocks for others of the same cost, or some for others that cost ``more`` gates."""
    size = LARGER if not more and rng.random() < LARGER_SHARE else EASY_SIZE
    cut = cut_shuffled(size, scanner(rng), rng) if rng.random() < 0.5 else cut_at_random(size, partition, rng)

    def others(blocks: Sequence[Block], deadline: float) -> list[Circuit | None]:
        share = min(SHARE, WORSE_BLOCKS / max(1, len(blocks))) if more else SHARE
        return exchanged(blocks, work.options, rng, deadline, work.known, work.workers, more=more, share=share)

    return in_stretches(given, cut, work.place, others, work.deadline, at_most=more + SLACK)


def _deeply(work: Sweeps, given: Rewritten, rng: np.random.Generator) -> Rewritten:
    """Try larger blocks, or where there are narrow parts those as targets, with little effort and other seeds."""
    options = replace(work.options, effort="fast", seed=int(rng.integers(2**63)))
    other = replace(work, options=options)
    if rng.random() < TARGETS and narrow_parts(given.steps):
        return other.as_targets(given)
    cut = cut_shuffled(max(LARGER, work.block_size), scanner(rng), rng)
    return in_stretches(given, cut, work.place, partial(_some, other, rng), work.deadline)[0]


def _some(work: Sweeps, rng: np.random.Generator, blocks: Sequence[Block], deadline: float) -> list[Circuit | None]:
    """Compile a few of the blocks that are larger than those of sweeps."""
    large = [number for number, block in enumerate(blocks) if block.circuit.num_qubits > EASY_SIZE]
    chosen = [large[int(index)] for index in rng.permutation(len(large))[:DEEP_BLOCKS]]
    found = dict(zip(chosen, work.compiled([blocks[number] for number in chosen], deadline), strict=True))
    return [found.get(number) for number in range(len(blocks))]
