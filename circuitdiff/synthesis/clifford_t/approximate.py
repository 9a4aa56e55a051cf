"""From a circuit of any single-qubit gates and CZ to Clifford+T, gate after gate, within one error budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.single_qubit import Matrix, times, turn
from circuitdiff.interruption import is_over
from circuitdiff.synthesis.clifford_t.budget import AngleBudget, Budget, TraceBudget
from circuitdiff.synthesis.clifford_t.clifford_basis import clifford_basis
from circuitdiff.synthesis.clifford_t.nearest import MAX_OPERATOR_T
from circuitdiff.synthesis.clifford_t.operators import t_estimate
from circuitdiff.synthesis.clifford_t.plan import Block, Step
from circuitdiff.synthesis.clifford_t.sequences import Approximation, exactly, residual, roughly, up_to_rz, whole
from circuitdiff.synthesis.clifford_t.writer import Writer

BEYOND = 4.0
"""By how much more than its share of the budget asks a gate is looked at, for trades between gates."""

FRONTS = (1.0, 1.6, 0.7, 0.5, 0.3)
"""Factors on the shares of early gates that are tried; what they leave or take is for the later ones."""

FEW_FRONTS = 2
"""How many of these are tried where gates are more than `FEW_GATES` or seem to take more than `FEW_T` each; one, where
they are beyond the tables.
"""

FEW_GATES, FEW_T = 200, 22

TIGHTER = (1.0, 0.8, 0.5, 0.2)
"""Parts of the budget that are tried in turn until what was made keeps within it."""

RESERVE = 0.25
"""Part of its share that is kept for every gate to come, whatever the gates before it would like to spend."""


class Approximated(NamedTuple):
    """A Clifford+T circuit and its infidelity, or a bound on it."""

    circuit: Circuit
    infidelity: float

    def key(self, tol: float) -> tuple[float, int, int]:
        """Return what is smaller for the better circuit: by how much it misses a tolerance, T gates, gates."""
        return max(self.infidelity - tol, 0.0), self.circuit.t_count, self.circuit.num_gates


def approximate(
    start: NDArray[np.complex128] | int,
    steps: Sequence[Step],
    gate_set: GateSet,
    tol: float,
    deadline: float = float("inf"),
) -> Approximated:
    """Return a circuit in a gate set of Cliffords and T within an infidelity of a circuit, up to global phase.

    Args:
        start: (d, k) states on which both are compared, all basis states for a unitary; or the number of qubits
            alone, where the errors of the gates are added up to a bound.
        steps: the circuit, as `plan` gives it.
        gate_set: gates without angles, t among them.
        tol: bound on ``1 - |tr(A†B)| / k`` of what both make of the states.
        deadline: `time.monotonic` by which to be done: every gate gets its share of the time that is left, and is then
            approximated the quick way, which costs more T.  Gates that come after the deadline get few T, so that the
            tolerance may be missed.

    Raises:
        InputError: the gate set does not make t, every Clifford and CZ.
    """
    basis = clifford_basis(gate_set)
    found: list[Approximated] = []
    num_qubits = start if isinstance(start, int) else len(start).bit_length() - 1
    for front in _fronts(steps, tol):
        for part in TIGHTER:
            if found and is_over(deadline):
                break
            writer, budget = Writer(num_qubits, basis), _budget(tol * part, start)
            _run(steps, budget, front, writer, deadline)
            found.append(Approximated(writer.finish(), budget.infidelity))
            if found[-1].infidelity <= tol:
                break
    return min(found, key=lambda made: made.key(tol))


def _fronts(steps: Sequence[Step], tol: float) -> tuple[float, ...]:
    """Return which of `FRONTS` are worth their time: coarse approximations are quick, and differ the most."""
    gates = sum(isinstance(step, Block) and step.rate > 0 for step in steps)
    t_count = t_estimate(False, tol / gates) if gates else float("inf")
    if t_count > MAX_OPERATOR_T:
        return FRONTS[:1]
    return FRONTS if gates <= FEW_GATES and t_count <= FEW_T else FRONTS[:FEW_FRONTS]


def _budget(tol: float, start: NDArray[np.complex128] | int) -> Budget:
    return AngleBudget(tol) if isinstance(start, int) else TraceBudget(tol, start)


def _run(steps: Sequence[Step], budget: Budget, front: float, writer: Writer, deadline: float) -> None:
    """Write every step, sharing what is left of the budget among the gates that are left."""
    weights = [step.rate if isinstance(step, Block) else 0.0 for step in steps]
    to_come, gates_to_come = sum(weights), sum(weight > 0 for weight in weights)
    pushed = [0.0] * writer.num_qubits
    for step, weight in zip(steps, weights, strict=True):
        if not isinstance(step, Block):
            writer.cz(*step)
            budget.cz(*step)
            continue
        left = max(0.0, budget.total - budget.spent)
        share = left * min(front * weight / to_come, 1.0) if weight else 0.0
        to_come -= weight
        reserve = RESERVE * left * to_come / (to_come + weight) if weight and to_come > 1e-9 else 0.0
        limits = budget.total - reserve, deadline, _share_of_time(deadline, gates_to_come)
        gates_to_come -= weight > 0
        made, pushed[step.qubit] = _take(step, pushed[step.qubit], budget, share, limits)
        writer.gates(step.qubit, made.names)


def _share_of_time(deadline: float, gates: int) -> float:
    """Return the `time.monotonic` until which one of so many gates may be looked for."""
    now = time.monotonic()
    return now + max(0.0, deadline - now) / max(1, gates)


def _take(
    block: Block, pushed: float, budget: Budget, share: float, limits: tuple[float, float, float]
) -> tuple[Approximation, float]:
    """Choose a sequence for a block, charge it, and return it with the rotation about Z that it leaves.

    ``limits`` are what the budget may come to, the deadline, and when to stop looking for this block.
    """
    limit, deadline, until = limits
    budget.enter(block.qubit, block.matrix)
    wanted = times(block.matrix, turn("Z", pushed))
    exact = exactly(wanted, block.leaves) if block.rate == 0 else None
    if exact is not None:
        options = [exact]
    else:
        wanted = times(budget.aim(block.matrix), turn("Z", pushed))
        goal = max(share, SMALLEST) / BEYOND if budget.doublings == 1 else max(share, SMALLEST) ** 2 / (2 * BEYOND)
        if is_over(deadline):
            options = roughly(wanted, block.leaves)
        else:
            options = (up_to_rz if block.leaves else whole)(wanted, goal, until)
    taken: list[tuple[bool, float, Approximation, float, Matrix]] = []
    for option in options:
        left_over = residual(wanted, option.matrix) if block.leaves else 0.0
        step = times(turn("Z", left_over), times(option.matrix, turn("Z", -pushed)))
        after = budget.after(step, option.infidelity)
        over = after > limit
        price = block.rate * budget.doublings / log(2) * (after - budget.spent) / max(share, SMALLEST)
        taken.append((over, after if over else option.t_count + price, option, left_over, step))
    _, _, option, left_over, step = min(taken, key=lambda entry: entry[:2])
    budget.take(step, option.infidelity)
    return option, left_over


SMALLEST = 1e-15
"""Share of the budget below which nothing is asked for."""
