"""Generic templates: as many entanglers as the dimension of the unitary group asks for, on any connected map."""

from __future__ import annotations

import numpy as np

from circuitdiff.synthesis.instantiate import Budget, Fit, Heats, race, random_start
from circuitdiff.synthesis.structure import Pairs, num_angles, placed_in_turn
from circuitdiff.synthesis.task import Task

TEMPLATE_HEATS: Heats = ((2, 0.0),) * 300
"""Many short rounds, between which budget and deadline are looked at: a step takes long on five qubits."""

STARTS = 4


def template_pairs(task: Task) -> Pairs:
    """Return the couplings of the lower-bound template: all of the map in turn."""
    return placed_in_turn(task.coupling.pairs, template_count(task))


def template_count(task: Task) -> int:
    """Return the entanglers whose angles, with 3 closing ones a qubit, are as many as SU(2^n) has dimensions."""
    each = num_angles(1, 0, task.entangler)
    return -(-((1 << 2 * task.num_qubits) - 3 * task.num_qubits - 1) // each)


def template(task: Task, rng: np.random.Generator, budget: Budget) -> Fit | None:
    """Instantiate the template, from a few starts if need be; None where none converges."""
    for _ in range(STARTS):
        start = random_start(template_pairs(task), task.num_qubits, task.entangler, rng)
        fit = race(task.target, [start], tol=task.tol, budget=budget, heats=TEMPLATE_HEATS)
        if fit is not None and fit.infidelity <= task.tol:
            return fit
        if budget.spent:
            break
    return None
