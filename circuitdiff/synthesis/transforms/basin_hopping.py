"""Basin hopping over structures: a solution grows by an entangler or two, is descended from again, and shrinks.

Which entanglers can go depends on where a descent ended, and on the order in which they were taken out. A start that is
nearly a solution is cheap to bring back to one, so going on from a solution costs a fraction of finding another.
After Wales and Doye, J. Phys. Chem. A 101, 5111 (1997).
"""

from __future__ import annotations

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import Ansatz, to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.transforms.delete_entanglers import delete_entanglers

GROWTH = 2
"""Most entanglers that are put in at a time."""

NOISE = 0.5
"""Standard deviation in radians of what is added to the angles then."""

PATIENCE = 8
"""Hops in a row without a shorter solution after which none is expected."""

STARTS = 4
ROUNDS: Rounds = ((25, 0.34), (50, 0.0))


def shorten(
    problem: SynthesisProblem, fit: AnsatzFit, bound: int, rng: np.random.Generator, budget: Budget
) -> AnsatzFit:
    """Shrink a solution, and go on from it by hops where it then has fewer than ``bound`` entanglers."""
    fit = delete_entanglers(problem, fit, rng, budget)
    return basin_hopping(problem, fit, rng, budget) if len(fit.ansatz.pairs) < bound else fit


def basin_hopping(
    problem: SynthesisProblem, fit: AnsatzFit, rng: np.random.Generator, budget: Budget, patience: int = PATIENCE
) -> AnsatzFit:
    """Go on from a solution that is shrunk until ``patience`` hops in a row have led to none that is shorter."""
    futile = 0
    while (
        futile < patience and problem.lower_bound < len(fit.ansatz.pairs) < template_count(problem) and not budget.spent
    ):
        futile += 1
        starts = [_grown(problem, fit.ansatz, rng) for _ in range(STARTS)]
        found = multi_start(problem.target, starts, tol=problem.tol, budget=budget, rounds=ROUNDS)
        if found is None or found.infidelity > problem.tol:
            continue
        found = delete_entanglers(problem, found, rng, budget)
        if len(found.ansatz.pairs) < len(fit.ansatz.pairs):
            futile = 0
        if len(found.ansatz.pairs) <= len(fit.ansatz.pairs):
            fit = found
    return fit


def _grown(problem: SynthesisProblem, ansatz: Ansatz, rng: np.random.Generator) -> Ansatz:
    """Put entanglers in at random places, and shake all angles."""
    operations = list(ansatz.circuit().operations)
    for _ in range(int(rng.integers(1, GROWTH + 1))):
        pair = problem.coupling.pairs[int(rng.integers(len(problem.coupling.pairs)))]
        angles = (0.0,) * GATES[problem.entangler].num_params
        operations.insert(int(rng.integers(len(operations) + 1)), Operation(problem.entangler, pair, angles))
    return to_ansatz(Circuit(ansatz.num_qubits, tuple(operations)), problem.entangler).perturbed(NOISE, rng)
