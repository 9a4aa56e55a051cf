"""Generic templates: as many entanglers as the dimension of the unitary group asks for, on any connected map."""

from __future__ import annotations

import numpy as np

from circuitdiff.circuits.lower_bounds import generic_cx_count
from circuitdiff.synthesis.instantiate import Budget, Fit, Heats, race, random_start
from circuitdiff.synthesis.structure import Pairs, placed_in_turn
from circuitdiff.synthesis.task import Task

TEMPLATE_HEATS: Heats = ((600, 0.0),)
STARTS = 4


def template_pairs(task: Task) -> Pairs:
    """Return the couplings of the lower-bound template: all of the map in turn."""
    return placed_in_turn(task.coupling.pairs, generic_cx_count(task.num_qubits))


def template(task: Task, rng: np.random.Generator, budget: Budget) -> Fit | None:
    """Instantiate the template, from a few starts if need be; None where none converges."""
    for _ in range(STARTS):
        start = random_start(template_pairs(task), task.num_qubits, task.entangler, rng)
        fit = race(task.target, [start], tol=task.tol, budget=budget, heats=TEMPLATE_HEATS)
        if fit is not None and fit.infidelity <= task.tol:
            return fit
    return None
