"""One tensor factor, from its columns to its cheapest circuit: the baseline, then the pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound
from circuitdiff.spec.cost import parse_cost
from circuitdiff.spec.device import Device
from circuitdiff.synthesis.driver import MODEL_PROPOSER, Driver
from circuitdiff.synthesis.estimate import EntanglerEstimate
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineStep, work
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.request import Request
from circuitdiff.synthesis.result import ProposerReport
from circuitdiff.synthesis.transforms.delete_entanglers import without_superfluous

ANALYTIC_QUBITS = 2
"""Registers up to this size are solved optimally by analytic synthesis."""

ANALYTIC, INPUT = "analytic", "input"

EXACT_TIME, UNDERNEATH_TIME = 0.25, 0.5
"""Parts of the time left for an exact circuit in Clifford+T, and then for the circuit with any angles underneath."""

DISCRETE_STEPS = (PipelineStep("discrete", work(1.0, q1=float("inf"))),)
"""The pipeline for gates without angles, where the baseline is not exact."""


@dataclass(frozen=True)
class Solution:
    """The cheapest circuit of one tensor factor.

    Attributes:
        circuit: in the gates of the device.
        source: the proposer that found it.
        reports: by proposer, what was tried and solved.
        model: the checkpoint that found it, or else one that was asked; None where none was.
    """

    circuit: Circuit
    source: str
    reports: dict[str, ProposerReport]
    model: str | None


def solve(
    target: NDArray[np.complex128],
    coupling: Coupling,
    request: Request,
    whole: bool,
    on_better: Callable[[Candidate], None],
) -> Solution:
    """Compile one tensor factor.

    Args:
        target: (d, k) columns, all for a unitary, which no tensor product of smaller ones makes.
        coupling: among its qubits.
        request: what is asked; a given circuit counts where the factor is the whole register.
        whole: whether it is.
        on_better: called with every new best candidate.

    Raises:
        InputError: a checkpoint is damaged.
    """
    from circuitdiff.synthesis.analytic.baseline import baseline_circuit
    from circuitdiff.synthesis.clifford_t.clifford_basis import makes_clifford_t

    if makes_clifford_t(request.gate_set):
        return _solve_clifford_t(target, coupling, request, whole, on_better)
    models = _models(request)
    gates = request.gate_set
    if not gates.is_discrete:
        models.check_named()
    circuit = baseline_circuit(target, gates, coupling, request.deadline)
    baseline = Candidate(circuit, infidelity(target, circuit.columns(target.shape[1])), ANALYTIC)
    on_better(baseline)
    problem = replace(_problem(target, coupling, request), given=request.incumbent if whole else None)
    exact = baseline.infidelity <= request.tol
    driver = Driver(
        problem=problem,
        config=request.config,
        models=models,
        cost=request.cost,
        proposers=request.proposers,
        seed=request.seed,
        deadline=request.deadline,
        on_better=on_better,
    )
    driver.stats[ANALYTIC] = ProposerStats(1, int(exact), baseline.count)
    usable = exact and (ANALYTIC in request.proposers or not _has_pipeline(problem))
    _begin_with(driver, baseline if usable else None, problem.given)
    if gates.is_discrete and not exact:
        driver.run(DISCRETE_STEPS)
    elif _has_pipeline(problem):
        driver.run(request.config.steps if _is_unitary(target) else request.config.column_steps)
        driver.polish()
    found = driver.best if driver.best is not None and driver.best.source != INPUT else None
    best = found or baseline
    reports = {
        name: ProposerReport(stats.tried, stats.solved, stats.best_two_qubit_count, tuple(stats.fits))
        for name, stats in driver.stats.items()
        if stats.tried and (name != ANALYTIC or ANALYTIC in request.proposers or best is baseline)
    }
    return Solution(best.circuit, best.source, reports, best.model or next(iter(models.asked[::-1]), None))


def is_settled(target: NDArray[np.complex128], request: Request) -> bool:
    """Tell whether nothing shorter than the circuit given is possible, or is to be expected by the model."""
    given, gates = request.incumbent, request.gate_set
    if given is None or not _is_unitary(target) or gates.is_discrete or request.coupling.num_qubits <= ANALYTIC_QUBITS:
        return False
    problem = _problem(target, request.coupling, request)
    if given.two_qubit_count <= problem.lower_bound:
        return True
    hopeless = request.config.hopeless if MODEL_PROPOSER in request.proposers and _has_pipeline(problem) else 0.0
    if not EntanglerEstimate(problem, _models(request), hopeless).is_hopeless(given.two_qubit_count):
        return False
    return len(without_superfluous(problem, given).ansatz.pairs) >= given.two_qubit_count


def _problem(target: NDArray[np.complex128], coupling: Coupling, request: Request) -> SynthesisProblem:
    return SynthesisProblem(
        target=target,
        coupling=coupling,
        entangler=request.gate_set.entangler or "cz",
        tol=request.tol,
        lower_bound=_lower_bound(target, coupling, request),
        gate_set=request.gate_set,
    )


def _models(request: Request) -> Models:
    return Models(request.model, request.torch_device, request.deadline)


def _solve_clifford_t(
    target: NDArray[np.complex128],
    coupling: Coupling,
    request: Request,
    whole: bool,
    on_better: Callable[[Candidate], None],
) -> Solution:
    """Look for an exact circuit, then approximate circuits with any angle within the tolerance."""
    from circuitdiff.synthesis.analytic.baseline import baseline_circuit, exact_circuit
    from circuitdiff.synthesis.clifford_t.target import ANGLED, SMALLEST_TOL, approximate_target

    best: Solution | None = None
    deadline = _within(request.deadline, EXACT_TIME)
    exact = exact_circuit(target, request.gate_set, coupling, deadline) if _is_unitary(target) else None
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
        baseline = baseline_circuit(target, ANGLED, coupling, request.deadline)
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
    from circuitdiff.synthesis.clifford_t.target import beats_found

    if request.config.hopeless == 0 or given.num_qubits <= ANALYTIC_QUBITS:
        return False
    angled = _with_any_angles(request)
    return beats_found(given, _lower_bound(target, angled.coupling, angled), request.tol, pairs)


def _with_any_angles(request: Request) -> Request:
    """Return the request for the circuit below a Clifford+T circuit: fewest entanglers, in part of the time."""
    from circuitdiff.synthesis.clifford_t.target import ANGLED, underneath_tol

    device = Device(ANGLED, request.coupling)
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


def _begin_with(driver: Driver, baseline: Candidate | None, given: Circuit | None) -> None:
    """Set the circuit that every stage has to beat."""
    start = [baseline] if baseline is not None else []
    if given is not None:
        start.append(Candidate(given, 0.0, INPUT))
    driver.best = min(start, key=lambda candidate: driver.cost.key(candidate.circuit), default=None)


def _has_pipeline(problem: SynthesisProblem) -> bool:
    """Tell whether stages can place entanglers: where the baseline is not optimal, with free single-qubit gates."""
    solved = ANALYTIC_QUBITS if _is_unitary(problem.target) else 1
    return problem.num_qubits > solved and problem.gate_set.can_dress and not problem.gate_set.is_discrete


def _is_unitary(target: NDArray[np.complex128]) -> bool:
    return bool(target.shape[0] == target.shape[1])


def _lower_bound(target: NDArray[np.complex128], coupling: Coupling, request: Request) -> int:
    if request.gate_set.is_discrete or (_is_unitary(target) and coupling.num_qubits <= ANALYTIC_QUBITS):
        return 0
    return multi_qubit_lower_bound(target, coupling, request.gate_set)
