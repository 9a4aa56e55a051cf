"""Clifford+T circuits for a target: of several circuits with any angles, the one that costs the fewest T."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.interruption import is_over
from circuitdiff.spec.cost import Cost
from circuitdiff.synthesis.analytic.unitary import without_wide_gates
from circuitdiff.synthesis.clifford_t.approximate import approximate
from circuitdiff.synthesis.clifford_t.pauli_pairs import Pairs, pair_rotations
from circuitdiff.synthesis.clifford_t.phase_folding import ROTATIONS, fold_phases
from circuitdiff.synthesis.clifford_t.plan import Step, estimate, generic_estimate, plan

SMALLEST_TOL = 1e-13
"""Tolerance below which the rounding of thousands of gates in complex128 would be most of what is measured."""

CLOSE = 1.1
"""Circuits are approximated that seem to cost up to so many times the T of the best."""

LIKELY = 2
"""Times its lower bound of entanglers that a structured target takes: 1 to 2 on three qubits."""


def underneath_tol(tol: float) -> float:
    """Return the infidelity that circuits with any angles should have, so that the budget is left for the T."""
    return max(min(tol / 100, 1e-10), 1e-14)


def beats_found(circuit: Circuit, lower_bound: int, tol: float, pairs: Pairs) -> bool:
    """Tell whether a circuit seems to take no more T than one that a search for few entanglers is likely to find.

    Args:
        circuit: of any angles.
        lower_bound: number of entanglers below which there is no circuit.
        tol: infidelity that is allowed.
        pairs: see `approximate_target`.
    """
    allowed = max(tol, SMALLEST_TOL)
    enough = generic_estimate(circuit.num_qubits, LIKELY * lower_bound, allowed)
    return any(estimate(plan(form, allowed), allowed) <= enough for form in _forms(circuit, pairs))


def approximate_target(
    target: NDArray[np.complex128],
    circuits: Sequence[Circuit],
    gate_set: GateSet,
    cost: Cost,
    tol: float,
    deadline: float = float("inf"),
    pairs: Pairs = frozenset(),
) -> Circuit:
    """Return a circuit in Clifford+T for (d, k) columns, global phase included; exact where the circuits are.

    Where time runs out the tolerance may be missed.

    Args:
        target: what becomes of the first k basis states.
        circuits: circuits of it with any angles, the one to begin with first.
        gate_set: gates that make Clifford+T.
        cost: what makes a circuit cheaper.
        tol: bound on the infidelity ``1 - |tr(T†V)| / k``.
        deadline: `time.monotonic` by which to be done; see `approximate`.
        pairs: pairs ``(low, high)`` that more gates may be put on to save T, None for all.

    Raises:
        InputError: the tolerance is below `SMALLEST_TOL` and no circuit is exact.
    """
    allowed = max(tol, SMALLEST_TOL)
    plans: list[tuple[float, list[Step]]] = []
    for circuit in circuits:
        if plans and is_over(deadline):
            break
        for form in _forms(circuit, pairs):
            steps = plan(form, allowed)
            plans.append((estimate(steps, allowed), steps))
            if is_over(deadline):
                break
    plans.sort(key=lambda entry: entry[0])
    least = plans[0][0]
    if tol < SMALLEST_TOL and least > 0:
        raise InputError(
            f"a tolerance of {tol:.1e} cannot be told from rounding: Clifford+T is approximated to {SMALLEST_TOL:.0e}"
        )
    start = np.eye(*target.shape, dtype=np.complex128)
    found: list[Circuit] = []
    for t_count, steps in plans:
        if not found or (t_count <= least * CLOSE and not is_over(deadline)):
            found.append(approximate(start, steps, gate_set, allowed, deadline).circuit)
    misses = [max(infidelity(target, made.columns(target.shape[1])) - allowed, 0.0) for made in found]
    order = [(missed, cost.key(made)) for missed, made in zip(misses, found, strict=True)]
    return found[order.index(min(order))].in_phase_with(target)


def _forms(circuit: Circuit, pairs: Pairs) -> Iterator[Circuit]:
    """Yield circuits of the same operation with ever more time spent on them."""
    narrow = without_wide_gates(circuit, ROTATIONS)
    folded = fold_phases(narrow)
    yield folded
    yield pair_rotations(folded, pairs)
    yield narrow
