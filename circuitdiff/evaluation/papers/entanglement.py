"""States of given entanglement (arXiv 2311.02041): samples that have the Schmidt ranks that were asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import product

import numpy as np

from circuitdiff.evaluation.papers.circuits import generator
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.features.entanglement import possible_ranks
from circuitdiff.generation import Sampling
from circuitdiff.generation.generation import schmidt_ranks_of
from circuitdiff.spec.circuit_spec import CircuitSpec

logger = logging.getLogger(__name__)

SMALL, LARGE = (3, 4, 5), (6, 7, 8)
SAMPLES = 64
NUM_SMALL = sum(2**n - n for n in SMALL)
"""Vectors of ranks on the small registers: all but those with a single entangled qubit."""


def small(setting: Setting) -> Outcome:
    """Mean share of samples with the asked ranks, on 3 to 5 qubits."""
    return _share_asked(setting, SMALL)


def large(setting: Setting) -> Outcome:
    """Mean share of samples with the asked ranks, on 6 to 8 qubits."""
    return _share_asked(setting, LARGE)


def rank_vectors(sizes: Sequence[int], count: int, seed: int) -> list[tuple[int, ...]]:
    """Return all the possible vectors of ranks, or `count` of them, the sizes in turn and each in random order."""
    rng = np.random.default_rng(seed)
    shuffled = []
    for n in sizes:
        vectors = [ranks for ranks in product((1, 2), repeat=n) if possible_ranks(ranks)]
        shuffled.append([vectors[i] for i in rng.permutation(len(vectors))])
    longest = max(map(len, shuffled))
    return [vectors[i] for i in range(longest) for vectors in shuffled if i < len(vectors)][:count]


def _share_asked(setting: Setting, sizes: Sequence[int]) -> Outcome:
    largest = max(sizes)
    model = setting.models.general(CircuitSpec(num_qubits=largest, schmidt_ranks=(2,) * largest), has_target=False)
    asked = rank_vectors(sizes, setting.targets, setting.seed)
    right = 0
    for number, ranks in enumerate(asked):
        drawn = model.sample(
            spec=CircuitSpec(schmidt_ranks=ranks),
            sampling=Sampling(num_samples=SAMPLES),
            generator=generator(setting.seed, number),
        )
        right += sum(schmidt_ranks_of(circuit) == ranks for circuit in drawn)
        logger.info("entanglement on %d qubits: %d of %d", len(ranks), number + 1, len(asked))
    return Outcome(right / (SAMPLES * len(asked)), len(asked), SAMPLES, model.name)
