from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.numerics.ansatz import EntanglerSequence
from circuitdiff.synthesis.transforms.crossover import common_supersequence, crossover

PAIRS = ((0, 1), (0, 2), (1, 2))
STRUCTURES = st.lists(st.sampled_from(PAIRS), max_size=6).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)


def contains(longer: EntanglerSequence, shorter: EntanglerSequence) -> bool:
    rest = iter(longer)
    return all(pair in rest for pair in shorter)


def longest_common(first: EntanglerSequence, second: EntanglerSequence) -> int:
    subsets = (tuple(p for i, p in enumerate(first) if mask >> i & 1) for mask in range(1 << len(first)))
    return max(len(part) for part in subsets if contains(second, part))


@given(STRUCTURES, STRUCTURES, SEEDS)
def test_supersequence_contains_both_and_none_is_shorter(
    first: EntanglerSequence, second: EntanglerSequence, seed: int
) -> None:
    merged = common_supersequence(first, second, np.random.default_rng(seed))
    assert contains(merged, first)
    assert contains(merged, second)
    assert len(merged) == len(first) + len(second) - longest_common(first, second)


def test_supersequences_of_the_same_two_vary() -> None:
    first, second = ((0, 1), (1, 2)), ((0, 2), (0, 1))
    drawn = {common_supersequence(first, second, np.random.default_rng(seed)) for seed in range(20)}
    assert len(common_supersequence(first, second, np.random.default_rng(0))) == 3
    assert drawn == {((0, 2), (0, 1), (1, 2))}
    apart = {common_supersequence(((0, 1),), ((0, 2),), np.random.default_rng(seed)) for seed in range(20)}
    assert apart == {((0, 1), (0, 2)), ((0, 2), (0, 1))}


@given(st.lists(STRUCTURES, min_size=1, max_size=4), st.integers(1, 13), SEEDS)
def test_merged_structures_have_the_length_and_contain_a_proposal_that_fits(
    proposals: list[EntanglerSequence], length: int, seed: int
) -> None:
    merged = crossover(proposals, length, PAIRS, np.random.default_rng(seed))
    assert len(merged) == length
    assert set(merged) <= set(PAIRS)
    assert any(contains(merged, pairs[:length]) for pairs in proposals)
