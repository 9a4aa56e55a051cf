"""Crossover of entangler sequences: a longer sequence that contains two of them contains more of what is right in each.

A sequence with a few entanglers too many converges nearly as readily as the right one, and those that are not needed
are deleted again. So it is enough that the entanglers which a target needs are among those of two proposals, in order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.numerics.ansatz import EntanglerSequence

ATTEMPTS = 30


def crossover(
    proposals: Sequence[EntanglerSequence], length: int, couplings: Sequence[tuple[int, int]], rng: np.random.Generator
) -> EntanglerSequence:
    """Merge two proposals drawn at random, and add couplings in random places until there are ``length`` entanglers."""
    merged: EntanglerSequence = ()
    for _ in range(ATTEMPTS):
        first, second = (proposals[int(i)] for i in rng.integers(len(proposals), size=2))
        merged = common_supersequence(first, second, rng)
        if len(merged) <= length:
            break
        merged = first[:length]
    pairs = list(merged)
    while len(pairs) < length:
        pairs.insert(int(rng.integers(len(pairs) + 1)), couplings[int(rng.integers(len(couplings)))])
    return tuple(pairs)


def common_supersequence(
    first: EntanglerSequence, second: EntanglerSequence, rng: np.random.Generator
) -> EntanglerSequence:
    """Return a shortest sequence that contains both, in order; of several, one at random."""
    left = _supersequence_lengths(first, second)
    merged: list[tuple[int, int]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        if first[i] == second[j]:
            merged.append(first[i])
            i, j = i + 1, j + 1
        elif left[i + 1, j] < left[i, j + 1] or (left[i + 1, j] == left[i, j + 1] and rng.random() < 0.5):
            merged.append(first[i])
            i += 1
        else:
            merged.append(second[j])
            j += 1
    return (*merged, *first[i:], *second[j:])


def _supersequence_lengths(first: EntanglerSequence, second: EntanglerSequence) -> NDArray[np.int64]:
    """Return for all i, j the length of a shortest common supersequence of ``first[i:]`` and ``second[j:]``."""
    n, m = len(first), len(second)
    lengths = np.add.outer(np.arange(n, -1, -1), np.arange(m, -1, -1))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            if first[i] == second[j]:
                lengths[i, j] = 1 + lengths[i + 1, j + 1]
            else:
                lengths[i, j] = 1 + min(lengths[i + 1, j], lengths[i, j + 1])
    return lengths
