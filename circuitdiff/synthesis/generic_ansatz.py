"""Generic ansaetze: as many entanglers as the dimension of what is asked asks for, on any connected map."""

from __future__ import annotations

import numpy as np

from circuitdiff.numerics.ansatz import EntanglerSequence, cyclic_sequence, num_angles
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start, random_start
from circuitdiff.synthesis.problem import SynthesisProblem

TEMPLATE_ROUNDS: Rounds = ((2, 0.0),) * 300
"""Many short rounds, between which budget and deadline are looked at: a step takes long on five qubits."""

SHORT_ROUNDS = TEMPLATE_ROUNDS[:50]
"""Rounds of all starts but the last: on four qubits most converge within 40, and later than 50 hardly any."""

STARTS = 4
DIMENSIONS_OF_A_PAIR = 6
"""Real dimensions of the states of two qubits, up to a phase; a product of two has 4."""

EXTRAS = (0, 1)
"""Entanglers beyond the bound with which the template is tried, in turn.

At the bound there are no more angles than dimensions: on five qubits, and for targets with structure, a descent often
ends close to the target and not at it.  A single entangler more nearly always helps.
"""


def template_sequence(problem: SynthesisProblem, extra: int = 0) -> EntanglerSequence:
    """Return the couplings of the template: all of the map in turn."""
    return cyclic_sequence(problem.coupling.pairs, template_count(problem) + extra)


def template_count(problem: SynthesisProblem) -> int:
    """Return the entanglers whose angles, with those of the single-qubit gates at the ends, are enough.

    They must be as many as unitaries, or their first ``2^m`` columns, have dimensions up to a phase; of a qubit that
    begins in zero the first angle does nothing. Of a state the first entangler meets two such qubits and leaves them
    in a state of 6 dimensions, 2 more than they had, however many angles it has. So almost no state of 5 qubits takes
    13 CX, and almost none of 7 takes 60, though their angles would be enough in number.
    """
    n, m = problem.num_qubits, problem.num_inputs
    dimensions = (1 << n + m + 1) - (1 << 2 * m) - 1
    angles = num_angles(1, 0, problem.entangler)
    lost = 0 if m else angles - (DIMENSIONS_OF_A_PAIR - 4)
    return -(-(dimensions - 2 * n - m + lost) // angles)


def instantiate_template(
    problem: SynthesisProblem, rng: np.random.Generator, budget: Budget, extra: int = 0
) -> AnsatzFit | None:
    """Instantiate the template with some entanglers beyond the bound; None where no start converges."""
    for number in range(1, STARTS + 1):
        rounds = SHORT_ROUNDS if number < STARTS else TEMPLATE_ROUNDS
        start = random_start(template_sequence(problem, extra), problem.num_qubits, problem.entangler, rng)
        fit = multi_start(problem.target, [start], tol=problem.tol, budget=budget, rounds=rounds)
        if fit is not None and fit.infidelity <= problem.tol:
            return fit
        if budget.spent:
            break
    return None
