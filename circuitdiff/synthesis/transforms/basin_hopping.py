"""Basin hopping over structures: a solution grows by an entangler or two, is descended from again, and shrinks.

Which entanglers can go depends on where a descent ended, and on the order in which they were taken out. A start that is
nearly a solution is cheap to bring back to one, so going on from a solution costs a fraction of finding another.
After Wales and Doye, J. Phys. Chem. A 101, 5111 (1997).
"""

from __future__ import annotations

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import Dressed, absorb
from circuitdiff.numerics.multi_start import Budget, Fit, Heats, race
from circuitdiff.synthesis.problem import Task
from circuitdiff.synthesis.stages.template import template_count
from circuitdiff.synthesis.transforms.delete_entanglers import shrink

GROWTH = 2
"""Most entanglers that are put in at a time."""

NOISE = 0.5
"""Standard deviation in radians of what is added to the angles then."""

PATIENCE = 8
"""Hops in a row without a shorter solution after which none is expected."""

STARTS = 4
HEATS: Heats = ((25, 0.34), (50, 0.0))


def shortened(task: Task, fit: Fit, bound: int, rng: np.random.Generator, budget: Budget) -> Fit:
    """Shrink a solution, and go on from it by hops where it then has fewer than ``bound`` entanglers."""
    fit = shrink(task, fit, rng, budget)
    return hop(task, fit, rng, budget) if len(fit.dressed.pairs) < bound else fit


def hop(task: Task, fit: Fit, rng: np.random.Generator, budget: Budget, patience: int = PATIENCE) -> Fit:
    """Go on from a solution that is shrunk until ``patience`` hops in a row have led to none that is shorter."""
    futile = 0
    while futile < patience and task.lower_bound < len(fit.dressed.pairs) < template_count(task) and not budget.spent:
        futile += 1
        starts = [_grown(task, fit.dressed, rng) for _ in range(STARTS)]
        found = race(task.target, starts, tol=task.tol, budget=budget, heats=HEATS)
        if found is None or found.infidelity > task.tol:
            continue
        found = shrink(task, found, rng, budget)
        if len(found.dressed.pairs) < len(fit.dressed.pairs):
            futile = 0
        if len(found.dressed.pairs) <= len(fit.dressed.pairs):
            fit = found
    return fit


def _grown(task: Task, dressed: Dressed, rng: np.random.Generator) -> Dressed:
    """Put entanglers in at random places, and shake all angles."""
    operations = list(dressed.circuit().operations)
    for _ in range(int(rng.integers(1, GROWTH + 1))):
        pair = task.coupling.pairs[int(rng.integers(len(task.coupling.pairs)))]
        angles = (0.0,) * GATES[task.entangler].num_params
        operations.insert(int(rng.integers(len(operations) + 1)), Operation(task.entangler, pair, angles))
    return absorb(Circuit(dressed.num_qubits, tuple(operations)), task.entangler).shaken(NOISE, rng)
