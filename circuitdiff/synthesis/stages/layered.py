"""Random layered ansaetze: entanglers in random order, each coupling once before any is used again.

At intermediate lengths a generic instantiation succeeds surprisingly often; what is too long is then shortened.
"""

from __future__ import annotations

import numpy as np

from circuitdiff.numerics.ansatz import EntanglerSequence
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start, random_start
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.problem import ProposerStats, SynthesisProblem

LAYERED_ROUNDS: Rounds = ((25, 1.0),)
LAYERED_FINISH: Rounds = ((80, 1.0),)
PROMISING = 0.15
"""Infidelity after the first round below which a start is taken further."""

MAX_LAYERS = 4
"""Layered ansaetze have up to this many entanglers for each pair of qubits."""

MARGIN = 2
"""Entanglers that a layered ansatz may have beyond the incumbent's number: shortening takes off more."""


def layered_solution(
    problem: SynthesisProblem, lengths: range, rng: np.random.Generator, budget: Budget, stats: ProposerStats
) -> AnsatzFit | None:
    """Instantiate layered ansaetze of random lengths until one solves; None where the budget is spent before."""
    while not budget.spent:
        stats.tried += 1
        fit = instantiate_layered(problem, int(rng.integers(lengths.start, lengths.stop)), rng, budget)
        if fit is not None:
            return fit
    return None


def instantiate_layered(
    problem: SynthesisProblem, length: int, rng: np.random.Generator, budget: Budget
) -> AnsatzFit | None:
    """Instantiate one random layered structure of ``length`` entanglers, dropped early where hopeless."""
    start = random_start(layered(problem, length, rng), problem.num_qubits, problem.entangler, rng)
    fit = multi_start(problem.target, [start], tol=problem.tol, budget=budget, rounds=LAYERED_ROUNDS)
    if fit is not None and problem.tol < fit.infidelity < PROMISING:
        fit = multi_start(problem.target, [fit.ansatz], tol=problem.tol, budget=budget, rounds=LAYERED_FINISH)
    return fit if fit is not None and fit.infidelity <= problem.tol else None


def layered(problem: SynthesisProblem, length: int, rng: np.random.Generator) -> EntanglerSequence:
    """Draw couplings in random order, each once before any is used again."""
    drawn: list[tuple[int, int]] = []
    while len(drawn) < length:
        drawn += [problem.coupling.pairs[i] for i in rng.permutation(len(problem.coupling.pairs))]
    return tuple(drawn[:length])


def layered_lengths(problem: SynthesisProblem, bound: int) -> range:
    """Return lengths from about one to four layers, and at most a little above the incumbent's or a generic one."""
    shortest = problem.num_qubits * (problem.num_qubits - 1) // 2
    longest = min(bound + MARGIN, MAX_LAYERS * shortest, template_count(problem) + MARGIN)
    return range(min(shortest, longest), longest + 1)
