"""From proposals to solutions: start after start of each entangler sequence, then of crossovers of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, islice

import numpy as np

from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence
from circuitdiff.numerics.multi_start import Budget, Rounds, multi_start, random_start
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.proposers import Proposer
from circuitdiff.synthesis.transforms.basin_hopping import shorten
from circuitdiff.synthesis.transforms.crossover import crossover

MAX_STARTS = 24
START_GROWTH = 1.75
"""With each further entangler, the chance that one start of a right sequence converges falls by about this factor."""

ANGLES_FROM = 6
"""Entanglers from which on the source's angles are asked for: below, random starts are cheaper than the asking."""

INFORMED = 16
"""Structures that get a start with the source's angles, the likeliest."""

STARTS_AT_ONCE = 24
PROPOSAL_ROUNDS: Rounds = ((25, 0.34), (75, 0.0))

MERGED_MARGIN = 3
"""Entanglers that a merged sequence may have beyond the incumbent's number, and beyond the longest proposal's."""

GENERIC_MARGIN = 1
"""Entanglers fewer than the template's that it may have at most: the template solves anything."""


def instantiate_proposals(
    problem: SynthesisProblem,
    proposer: Proposer,
    bound: int,
    config: PipelineConfig,
    rng: np.random.Generator,
    budget: Budget,
    stats: ProposerStats,
) -> Iterator[Candidate]:
    """Yield ever shorter solutions of fewer than ``bound`` entanglers.

    Each round asks the proposer for sequences under the incumbent's length, broadly after the first. They get one start
    after another, the shortest first; once each has had one, crossovers of all that were proposed take turns with
    them. Whatever solves is shortened.
    """
    seen: dict[EntanglerSequence, None] = {}
    for number in range(config.rounds):
        if bound <= problem.lower_bound or budget.spent:
            return
        proposed = proposer.sequences(problem, bound - 1, config.samples, rng, broad=number > 0)
        seen |= dict.fromkeys(proposed)
        for solution in _round(problem, proposer, proposed, tuple(seen), bound, config, rng, budget, stats):
            bound = solution.count
            yield solution


def _round(
    problem: SynthesisProblem,
    proposer: Proposer,
    proposed: Sequence[EntanglerSequence],
    seen: Sequence[EntanglerSequence],
    bound: int,
    config: PipelineConfig,
    rng: np.random.Generator,
    budget: Budget,
    stats: ProposerStats,
) -> Iterator[Candidate]:
    sequences = _shortest_first(proposed, config.sequences)
    stats.tried += len(sequences)
    likeliest = [pairs for pairs in proposed if len(pairs) >= ANGLES_FROM][:INFORMED]
    direct = _starts(problem, proposer, sequences, likeliest, config.starts, rng)
    futile = 0
    for number in count():
        if bound <= problem.lower_bound or budget.spent:
            return
        wanted = STARTS_AT_ONCE if number * STARTS_AT_ONCE < len(sequences) else STARTS_AT_ONCE // 2
        starts = list(islice((start for start in direct if len(start.pairs) < bound), wanted))
        if len(starts) < STARTS_AT_ONCE and seen and futile < config.patience:
            longest = MERGED_MARGIN + min(bound, max(map(len, seen)))
            length = min(longest, template_count(problem) - GENERIC_MARGIN)
            stats.tried += STARTS_AT_ONCE // 2
            for _ in range(STARTS_AT_ONCE // 2):
                pairs = crossover(seen, length, problem.coupling.pairs, rng)
                starts.append(random_start(pairs, problem.num_qubits, problem.entangler, rng))
        fit = multi_start(problem.target, starts, tol=problem.tol, budget=budget, rounds=PROPOSAL_ROUNDS)
        if fit is None:
            return
        if fit.infidelity > problem.tol:
            continue
        fit = shorten(problem, fit, bound, rng, budget)
        stats.record(len(fit.ansatz.pairs))
        futile += 1
        if len(fit.ansatz.pairs) < bound:
            bound, futile = len(fit.ansatz.pairs), 0
            yield Candidate.of_fit(fit, proposer.name, proposer.model_name)


def num_starts(length: int, factor: float = 1.0) -> int:
    """Return how many starts a sequence of some length gets."""
    return max(1, min(round(factor * MAX_STARTS), round(factor * START_GROWTH ** (length - 2))))


def _shortest_first(proposed: Sequence[EntanglerSequence], most: int) -> list[EntanglerSequence]:
    """Return up to ``most`` sequences of each length, those that were proposed first, by length."""
    taken: Counter[int] = Counter()
    chosen = []
    for pairs in proposed:
        taken[len(pairs)] += 1
        if taken[len(pairs)] <= most:
            chosen.append(pairs)
    return sorted(chosen, key=len)


def _starts(
    problem: SynthesisProblem,
    proposer: Proposer,
    sequences: Sequence[EntanglerSequence],
    likeliest: Sequence[EntanglerSequence],
    factor: float,
    rng: np.random.Generator,
) -> Iterator[Ansatz]:
    """Yield one start of every sequence, the source's own for the likeliest, then further ones in turn."""
    informed = {start.pairs: start for start in proposer.starts(problem, likeliest, rng)} if likeliest else {}
    for number in range(num_starts(len(sequences[-1]), factor) if sequences else 0):
        for pairs in sequences:
            if number == 0 and pairs in informed:
                yield informed[pairs]
            elif number < num_starts(len(pairs), factor):
                yield random_start(pairs, problem.num_qubits, problem.entangler, rng)
