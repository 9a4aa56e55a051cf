"""Generic templates: as many entanglers as the dimension of the unitary group asks for, on any connected map."""

from __future__ import annotations

import numpy as np

from circuitdiff.numerics.ansatz import Pairs, num_angles, placed_in_turn
from circuitdiff.numerics.multi_start import Budget, Fit, Heats, race, random_start
from circuitdiff.synthesis.problem import Task

TEMPLATE_HEATS: Heats = ((2, 0.0),) * 300
"""Many short rounds, between which budget and deadline are looked at: a step takes long on five qubits."""

STARTS = 2
EXTRAS = (0, 1)
"""Entanglers beyond the bound with which the template is tried, in turn.

At the bound there are no more angles than dimensions: on five qubits, and for targets with structure, a descent often
ends close to the target and not at it.  A single entangler more nearly always helps.
"""


def template_pairs(task: Task, extra: int = 0) -> Pairs:
    """Return the couplings of the template: all of the map in turn."""
    return placed_in_turn(task.coupling.pairs, template_count(task) + extra)


def template_count(task: Task) -> int:
    """Return the entanglers whose angles, with 3 closing ones a qubit, are as many as SU(2^n) has dimensions."""
    each = num_angles(1, 0, task.entangler)
    return -(-((1 << 2 * task.num_qubits) - 3 * task.num_qubits - 1) // each)


def template(task: Task, rng: np.random.Generator, budget: Budget, extra: int = 0) -> Fit | None:
    """Instantiate the template with some entanglers beyond the bound; None where no start converges."""
    for _ in range(STARTS):
        start = random_start(template_pairs(task, extra), task.num_qubits, task.entangler, rng)
        fit = race(task.target, [start], tol=task.tol, budget=budget, heats=TEMPLATE_HEATS)
        if fit is not None and fit.infidelity <= task.tol:
            return fit
        if budget.spent:
            break
    return None
