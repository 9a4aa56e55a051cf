"""``compile``: from a unitary or circuit to the cheapest verified circuit that fits the device."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.unitary_io import check_unitary
from circuitdiff.errors import NoCircuitError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound
from circuitdiff.features.tensor_factors import separable_factors
from circuitdiff.synthesis.request import DEFAULT_COUPLING, DEFAULT_GATE_SET, Request, make_request
from circuitdiff.synthesis.result import CompileResult, ProposerReport
from circuitdiff.validation import check_options

if TYPE_CHECKING:
    from circuitdiff.synthesis.stages.gate_sequence_proposer import GeneralSource
    from circuitdiff.synthesis.stages.proposers import ModelSource

logger = logging.getLogger(__name__)

ANALYTIC_QUBITS = 2
"""Registers up to this size are solved optimally by analytic synthesis."""


@dataclass(frozen=True)
class _Answer:
    """The best circuit of one tensor factor."""

    circuit: Circuit
    source: str
    reports: dict[str, ProposerReport]
    model: str | None


def compile(
    target: NDArray[np.complex128] | Circuit,
    *,
    gate_set: str = DEFAULT_GATE_SET,
    coupling: str = DEFAULT_COUPLING,
    samples: int | None = None,
    effort: str = "default",
    tol: float = 1e-10,
    timeout: float | None = None,
    seed: int = 0,
    device: str = "cpu",
    proposers: Collection[str] | None = None,
    model: str | None = None,
    prompt: str | None = None,
) -> CompileResult:
    """Find a circuit with as few two-qubit gates as possible.

    Args:
        target: (d, d) unitary, qubit 0 least significant, or a circuit; 1 to 5 qubits.
        gate_set: a preset's name or gates separated by commas.
        coupling: ``all``, ``line``, ``ring``, ``0-1,1-2``, or the path of a JSON list of pairs.
        samples: structures drawn from the model at a time; by default what the effort says.
        effort: ``fast``, ``default`` or ``max``.
        tol: infidelity ``1 - |tr(U^dagger V)| / d`` that is good enough.
        timeout: wall-clock seconds; the best circuit by then is returned.
        seed: the same seed, model, machine and thread count give the same circuit.
        device: where the model runs, ``cpu`` or ``cuda``.
        proposers: some of `PROPOSERS`; all but ``random`` by default.
        model: name or path of a checkpoint; the bundled one by default.
        prompt: words that say gates and coupling, as `circuitdiff.spec.prompts` reads them; they stand in for
            ``gate_set`` and ``coupling`` where those have their defaults, and may not contradict them elsewhere.

    Raises:
        InputError: for anything that cannot be compiled; one line, with numbers.
        NoCircuitError: when the time ran out before there was any circuit.
    """
    started = time.monotonic()
    check_options(timeout=timeout, tol=tol, seed=seed, samples=samples, effort=effort, model=model, device=device)
    check_options(gate_set=gate_set, coupling=coupling)
    given = target if isinstance(target, Circuit) else None
    unitary = check_unitary(target.unitary() if isinstance(target, Circuit) else target)
    request = make_request(
        unitary,
        given,
        gate_set=gate_set,
        coupling=coupling,
        samples=samples,
        effort=effort,
        tol=tol,
        deadline=started + timeout if timeout is not None else float("inf"),
        seed=seed,
        device=device,
        proposers=proposers,
        model=model,
        prompt=prompt,
    )
    from circuitdiff.synthesis.analytic.reachability import check_expressible

    check_expressible(unitary, request.gate_set, request.coupling)
    if request.model is not None and not request.gate_set.is_discrete:
        _load(request)  # a damaged one is told of even where none is needed
    if _is_optimal(unitary, request):
        return _result(unitary, [], request, started)
    answers = [(qubits, _solve(part, request)) for qubits, part in _factors(unitary, request)]
    return _result(unitary, answers, request, started)


def _factors(
    unitary: NDArray[np.complex128], request: Request
) -> list[tuple[tuple[int, ...], tuple[NDArray[np.complex128], Coupling]]]:
    """Split off idle and separable qubits where what remains stays connected."""
    whole = tuple(range(request.coupling.num_qubits))
    parts = separable_factors(unitary) if len(whole) > 1 else [(whole, unitary)]
    couplings = [request.coupling.restricted(qubits) for qubits, _ in parts]
    if any(coupling is None for coupling in couplings):
        return [(whole, (unitary, request.coupling))]
    return [(q, (u, c)) for (q, u), c in zip(parts, couplings, strict=True) if c is not None]


def _solve(part: tuple[NDArray[np.complex128], Coupling], request: Request) -> _Answer:
    """Compile one tensor factor."""
    unitary, coupling = part
    if time.monotonic() > request.deadline:
        raise NoCircuitError("the time allowed ran out before there was any circuit")
    from circuitdiff.synthesis.analytic.baseline import floor_circuit

    floor = floor_circuit(unitary, request.gate_set, coupling, request.deadline)
    logger.info("analytic: %d entanglers", floor.two_qubit_count)
    floor_report = {"analytic": ProposerReport(1, 1, floor.two_qubit_count)}
    answer = _Answer(floor, "analytic", floor_report if "analytic" in request.proposers else {}, None)
    if request.gate_set.is_discrete and "diffusion" in request.proposers:
        return _modelled(unitary, coupling, request, replace(answer, reports=floor_report))
    if coupling.num_qubits <= ANALYTIC_QUBITS or not request.gate_set.can_dress:
        return replace(answer, reports=floor_report)
    return _improved(unitary, coupling, request, answer)


def _improved(unitary: NDArray[np.complex128], coupling: Coupling, request: Request, floor: _Answer) -> _Answer:
    """Let the portfolio look for something cheaper than the floor."""
    lower_bound = multi_qubit_lower_bound(unitary, coupling, request.gate_set)
    use_floor = "analytic" in request.proposers
    bound = floor.circuit.two_qubit_count if use_floor else _UNBOUNDED
    if request.incumbent is not None and request.incumbent.num_qubits == coupling.num_qubits:
        bound = min(bound, request.incumbent.two_qubit_count)
    if bound <= lower_bound or time.monotonic() > request.deadline:
        return replace(floor, reports={"analytic": ProposerReport(1, 1, floor.circuit.two_qubit_count)})
    from circuitdiff.synthesis.analytic.basis_translation import lower_to_gate_set
    from circuitdiff.synthesis.pipeline import Stages, improve
    from circuitdiff.synthesis.presets import EFFORTS
    from circuitdiff.synthesis.problem import Ledger, Task

    entangler = request.gate_set.entangler
    assert entangler is not None
    effort = EFFORTS[request.effort]
    loaded: dict[str, str] = {}  # names of the models, by what they propose

    def model() -> ModelSource:
        source = _load(request)
        loaded["edit"] = source.model.name
        return source

    def general(num_qubits: int) -> GeneralSource | None:
        from circuitdiff.synthesis.stages.gate_sequence_proposer import general_source

        source = general_source(num_qubits, request.device, request.deadline)
        if source is not None:
            loaded["diffusion"] = source.model.name
        return source

    stages = Stages(
        proposers=request.proposers,
        effort=effort,
        samples=request.samples or effort.samples,
        load_model=model,
        load_general=general,
        seed=request.seed,
        deadline=request.deadline,
    )
    ledger = Ledger()
    found = improve(Task(unitary, coupling, entangler, request.tol, lower_bound), bound, stages, ledger)
    reports = floor.reports | {
        name: ProposerReport(t.tried, t.solved, t.best_two_qubit_count) for name, t in ledger.tallies.items()
    }
    names = [loaded[found.source]] if found is not None and found.source in loaded else list(loaded.values())[::-1]
    name = names[0] if names else None
    if found is None:
        return replace(floor, reports=reports, model=name)
    return _Answer(lower_to_gate_set(found.dressed.circuit(), request.gate_set), found.source, reports, name)


def _modelled(unitary: NDArray[np.complex128], coupling: Coupling, request: Request, floor: _Answer) -> _Answer:
    """Let the model of general circuits search where the floor is not exact."""
    miss = infidelity(unitary, floor.circuit.unitary())
    reports = floor.reports | {"analytic": ProposerReport(1, int(miss <= request.tol), floor.circuit.two_qubit_count)}
    floor = replace(floor, reports=reports)
    if miss <= request.tol or time.monotonic() > request.deadline:
        return floor
    from circuitdiff.synthesis.presets import EFFORTS
    from circuitdiff.synthesis.stages.discrete import model_for, modelled_circuits

    model = model_for(request.model, coupling.num_qubits, request.gate_set, request.device)
    if model is None:
        return floor
    samples = request.samples or EFFORTS[request.effort].discrete_samples
    asked = unitary, model, request.gate_set, coupling, samples, request.tol, request.seed, request.deadline
    found = list(modelled_circuits(*asked))
    counts = ProposerReport(samples, len(found), found[-1].two_qubit_count if found else None)
    reports = reports | {"diffusion": counts}
    if not found:
        return replace(floor, reports=reports, model=model.name)
    return _Answer(found[-1], "diffusion", reports, model.name)


_UNBOUNDED = 10**6


def _load(request: Request) -> ModelSource:
    from circuitdiff.synthesis.stages.proposers import ModelSource, load_model

    return ModelSource(load_model(request.model, request.device))


def _result(
    unitary: NDArray[np.complex128],
    answers: Sequence[tuple[tuple[int, ...], _Answer]],
    request: Request,
    started: float,
) -> CompileResult:
    """Put the factors together, weigh them against the circuit that was given, and verify."""
    from circuitdiff.synthesis.verify import verify

    circuit, source = _better(unitary, answers, request)
    circuit = circuit.in_phase_with(unitary)
    infidelity = verify(circuit, unitary, request.gate_set, request.coupling)
    return CompileResult(
        circuit=circuit,
        infidelity=infidelity,
        source=source,
        seconds=time.monotonic() - started,
        gate_set=request.gate_set.name,
        coupling=request.coupling.name,
        tol_met=infidelity <= request.tol,
        candidates=_merged([answer.reports for _, answer in answers]),
        seed=request.seed,
        model=next((answer.model for _, answer in answers if answer.model), None),
    )


def _better(
    unitary: NDArray[np.complex128], answers: Sequence[tuple[tuple[int, ...], _Answer]], request: Request
) -> tuple[Circuit, str]:
    """Return what was found, or the circuit that was given where it is no costlier, and where it comes from."""
    from circuitdiff.synthesis.transforms.simplify import simplify

    given, num_qubits = request.incumbent, request.coupling.num_qubits
    if given is not None and not answers:
        return given, "input"
    operations = [op for qubits, answer in answers for op in answer.circuit.permuted(qubits, num_qubits).operations]
    found = simplify(Circuit(num_qubits, tuple(operations)), unitary, request.gate_set)
    if given is not None and _cost(given) < _cost(found):
        return given, "input"
    hardest = max((answer for _, answer in answers), key=lambda answer: answer.circuit.two_qubit_count)
    return found, hardest.source


def _cost(circuit: Circuit) -> tuple[int, int, int]:
    return circuit.two_qubit_count, circuit.depth, circuit.num_gates


def _is_optimal(unitary: NDArray[np.complex128], request: Request) -> bool:
    """Tell whether the given circuit fits and no circuit has fewer entanglers."""
    given = request.incumbent
    if given is None or request.coupling.num_qubits <= ANALYTIC_QUBITS or request.gate_set.is_discrete:
        return False
    return given.two_qubit_count <= multi_qubit_lower_bound(unitary, request.coupling, request.gate_set)


def _merged(all_reports: Sequence[dict[str, ProposerReport]]) -> dict[str, ProposerReport]:
    merged: dict[str, ProposerReport] = {}
    for reports in all_reports:
        for name, new in reports.items():
            old = merged.get(name, ProposerReport(0, 0, None))
            counts = [c for c in (old.best_two_qubit_count, new.best_two_qubit_count) if c is not None]
            merged[name] = ProposerReport(
                old.tried + new.tried, old.solved + new.solved, sum(counts) if counts else None
            )
    return merged
