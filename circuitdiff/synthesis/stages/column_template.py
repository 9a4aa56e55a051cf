"""The template of states and isometries: layered ansaetze of as many entanglers as a generic target needs.

At the count of parameters most sequences cannot reach every target: their Jacobian has too small a rank at every point.
One look at the rank tells them from those that can, which then reach about every second generic target at each start.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.numerics.ansatz import EntanglerSequence, cyclic_sequence
from circuitdiff.numerics.column_descent import jacobian_rank
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, column_program, multi_start, random_start
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.layered import layered
from circuitdiff.synthesis.stages.stage import bound_of, register_stage

EXTRAS = (0, 1, 2, 3, 5, 8)
"""Entanglers beyond the count of parameters, in the order in which they are tried."""

STARTS = 32
"""Most starts with one number of entanglers."""

DRAWS = 60
"""Sequences that are looked at for one whose rank suffices."""

ROUNDS: Rounds = ((25, 0.0),) * 12
"""Steps of a start, in rounds between which the budget is looked at."""

STALLED = 0.9
"""Share of its infidelity that a start must get below in a round: at the count of parameters half of them end beside
the target, which shows early."""


class ColumnTemplateStage:
    """Instantiates layered sequences of full rank, the shortest first, until one solves."""

    proposer = "template"

    def __init__(self, config: PipelineConfig) -> None:
        """Take what the pipeline says."""
        self.starts = max(1, round(STARTS * config.starts))
        self.stats = ProposerStats()

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield one circuit, of the fewest entanglers at which a start converges."""
        for extra in EXTRAS:
            length = template_count(problem) + extra
            if length >= bound_of(incumbent) or length < problem.lower_bound:
                continue
            fit = self._instantiated(problem, length, budget, rng)
            if fit is not None:
                self.stats.record(length)
                yield Candidate.of_fit(fit, self.proposer)
                return

    def _instantiated(
        self, problem: SynthesisProblem, length: int, budget: Budget, rng: np.random.Generator
    ) -> AnsatzFit | None:
        for _ in range(self.starts):
            pairs = expressive_sequence(problem, length, rng)
            if pairs is None or budget.spent:
                return None
            self.stats.tried += 1
            start = random_start(pairs, problem.num_qubits, problem.entangler, rng)
            fit = multi_start(problem.target, [start], tol=problem.tol, budget=budget, rounds=ROUNDS, stalled=STALLED)
            if fit is not None and fit.infidelity <= problem.tol:
                return fit
        return None


def expressive_sequence(
    problem: SynthesisProblem, length: int, rng: np.random.Generator, draws: int = DRAWS
) -> EntanglerSequence | None:
    """Draw sequences of layers until one can move the columns in every direction; None where none of them can.

    On complete maps they are layers drawn anew. On others one layer of disjoint couplings is repeated, which converges
    most often, or couplings are drawn one by one: on a line of four no layers have the rank at six entanglers, while
    eight of the 96 sequences that never repeat a coupling at once have it.
    """
    d, k = problem.target.shape
    for _ in range(draws):
        kind = 0 if problem.coupling.is_complete else rng.choice(len(DRAWN), p=list(DRAWN.values()))
        draw = list(DRAWN)[kind]
        pairs = draw(problem, length, rng)
        program = column_program(pairs, problem.num_qubits, problem.entangler)
        angles = random_start(pairs, problem.num_qubits, problem.entangler, rng).theta
        if jacobian_rank(program, angles, d, k) >= 2 * d * k - k * k:
            return pairs
    return None


def unrepeated(problem: SynthesisProblem, length: int, rng: np.random.Generator) -> EntanglerSequence:
    """Draw couplings of which none follows itself."""
    drawn: list[tuple[int, int]] = []
    while len(drawn) < length:
        pair = problem.coupling.pairs[rng.integers(len(problem.coupling.pairs))]
        if pair not in drawn[-1:]:
            drawn.append(pair)
    return tuple(drawn)


def repeated_layer(problem: SynthesisProblem, length: int, rng: np.random.Generator) -> EntanglerSequence:
    """Return one layer again and again: all couplings in an order in which disjoint ones follow each other."""
    left = [problem.coupling.pairs[i] for i in rng.permutation(len(problem.coupling.pairs))]
    layer: list[tuple[int, int]] = []
    while left:
        used: set[int] = set()
        for pair in tuple(left):
            if not used & set(pair):
                used |= set(pair)
                layer.append(pair)
                left.remove(pair)
    return cyclic_sequence(layer, length)


DRAWN = {layered: 0.3, repeated_layer: 0.4, unrepeated: 0.3}
"""How sequences are drawn on maps that are not complete, and how often."""


@register_stage("column_template", "template")
def _stage(config: PipelineConfig, models: Models) -> ColumnTemplateStage:
    return ColumnTemplateStage(config)
