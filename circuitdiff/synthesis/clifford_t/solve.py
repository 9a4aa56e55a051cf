"""One tensor factor in Clifford+T: exactly where that is found, else within the tolerance, with few T."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.spec.cost import parse_cost
from circuitdiff.spec.device import Device
from circuitdiff.synthesis.analytic.baseline import baseline_circuit, exact_circuit
from circuitdiff.synthesis.clifford_t.target import (
    SMALLEST_TOL,
    approximate_target,
    beats_found,
    underneath_tol,
)
from circuitdiff.synthesis.driver import Solution, solve
from circuitdiff.synthesis.problem import ANALYTIC, ANALYTIC_QUBITS, INPUT, Candidate
from circuitdiff.synthesis.request import Request
from circuitdiff.synthesis.result import ProposerReport

EXACT_TIME, UNDERNEATH_TIME = 0.25, 0.5
"""Parts of the time left for an exact circuit in Clifford+T, and then for the circuit with any angles underneath."""


def solve_clifford_t(
    target: NDArray[np.complex128],
    coupling: Coupling,
    request: Request,
    whole: bool,
    on_better: Callable[[Candidate], None],
) -> Solution:
    """Look for an exact circuit, then approximate circuits with any angle within the tolerance.

    Takes, returns and raises what `circuitdiff.synthesis.driver.solve` does, which finds the circuits with any angle.
    """
    best: Solution | None = None
    deadline = _within(request.deadline, EXACT_TIME)
    exact = exact_circuit(target, request.gate_set, coupling, deadline) if target.shape[0] == target.shape[1] else None
    if exact is not None:
        best = Solution(exact, ANALYTIC, {ANALYTIC: ProposerReport(1, 1, exact.two_qubit_count)}, None)
        on_better(Candidate(exact, 0.0, ANALYTIC))
        if request.tol < SMALLEST_TOL:
            return best
    given = request.given if whole and request.given is not None and coupling.allows(request.given.pairs) else None
    pairs = frozenset(coupling.pairs) if request.cost.name == "t" else frozenset()
    below = best
    if below is None and given is not None and _needs_no_search(given, target, request, pairs):
        below = Solution(given, INPUT, {}, None)
    if below is None:
        found: list[Candidate] = []
        below = solve(target, coupling, _with_any_angles(request), whole, found.append)
        baseline = found[0].circuit
    else:
        baseline = baseline_circuit(target, U_CZ, coupling, request.deadline)
    circuits = dict.fromkeys([below.circuit, baseline, *([] if given is None else [given])])
    made = approximate_target(
        target, list(circuits), request.gate_set, request.cost, request.tol, request.deadline, pairs
    )
    missed = infidelity(target, made.columns(target.shape[1]))
    if best is not None and (missed > request.tol or not request.cost.is_cheaper(made, best.circuit)):
        return best
    on_better(Candidate(made, missed, below.source))
    return replace(below, circuit=made)


def _needs_no_search(given: Circuit, target: NDArray[np.complex128], request: Request, pairs: frozenset[Pair]) -> bool:
    """Tell whether a circuit that is given seems to take fewer T than any that a search for few entanglers finds."""
    if request.config.hopeless == 0 or given.num_qubits <= ANALYTIC_QUBITS:
        return False
    angled = _with_any_angles(request)
    return beats_found(given, angled.lower_bound(target, angled.coupling), request.tol, pairs)


def _with_any_angles(request: Request) -> Request:
    """Return the request for the circuit below a Clifford+T circuit: fewest entanglers, in part of the time."""
    device = Device(U_CZ, request.coupling)
    return replace(
        request,
        device=device,
        cost=parse_cost(None, device),
        tol=underneath_tol(request.tol),
        deadline=_within(request.deadline, UNDERNEATH_TIME),
        given=None,
        incumbent=None,
    )


def _within(deadline: float, part: float) -> float:
    """Return the deadline after a part of the time that is left."""
    now = time.monotonic()
    return now + (deadline - now) * part
