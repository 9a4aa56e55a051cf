"""``compile``: from a unitary, state, isometry or circuit to the cheapest verified circuit that fits the device."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.unitary_io import MAX_QUBITS, check_unitary
from circuitdiff.errors import InputError, NoCircuitError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound
from circuitdiff.features.tensor_factors import separable_factors
from circuitdiff.interruption import is_over
from circuitdiff.spec.cost import Cost, CostFunction
from circuitdiff.spec.device import DEFAULT_COUPLING, DEFAULT_GATE_SET, Device
from circuitdiff.spec.target import Target, UpTo, check_up_to, read_target
from circuitdiff.synthesis.driver import Solution, solve
from circuitdiff.synthesis.estimate import is_settled
from circuitdiff.synthesis.output_permutation import permuted_outputs, promising_permutations
from circuitdiff.synthesis.problem import INPUT, Candidate, Improvement
from circuitdiff.synthesis.request import Request, make_request
from circuitdiff.synthesis.result import CompileResult, ProposerReport
from circuitdiff.validation import check_options


def compile(
    target: NDArray[np.complex128] | Mapping[str, complex] | Target | Circuit,
    *,
    gate_set: str | GateSet = DEFAULT_GATE_SET,
    coupling: str | Coupling = DEFAULT_COUPLING,
    device: Device | None = None,
    cost: str | Cost | CostFunction | None = None,
    samples: int | None = None,
    effort: str = "default",
    tol: float = 1e-10,
    timeout: float | None = None,
    seed: int = 0,
    torch_device: str = "cpu",
    proposers: Collection[str] | None = None,
    model: str | None = None,
    prompt: str | None = None,
    up_to: UpTo | None = None,
    on_candidate: Callable[[Improvement], None] | None = None,
) -> CompileResult:
    """Find the cheapest circuit for a target on a device.

    Args:
        target: (d, d) unitary, qubit 0 least significant, or a circuit, both to 5 qubits; 2^n amplitudes of a state to
            10 qubits, or a mapping from bit strings (qubit 0 last) to them; the 2^n x 2^m columns of an isometry, which
            say what becomes of the first basis states, to n + m = 10.
        gate_set: a preset's name, gates separated by commas, or a `GateSet`.
        coupling: ``all``, ``line``, ``ring``, ``0-1,1-2``, the path of a JSON list of pairs, or a `Coupling`.
        device: gates and couplings as one object, in place of the two.
        cost: what makes a circuit cheaper: a name of `circuitdiff.spec.cost.COSTS` (``two-qubit``, ``depth``,
            ``gates``, ``t``, ``error``, ``duration``), a `Cost`, or a function from a circuit to a number;
            ``t`` by default where the gates are Clifford+T, else ``two-qubit``.
        samples: entangler sequences drawn from the model at a time; by default what the effort says.
        effort: ``fast``, ``default`` or ``max``.
        tol: infidelity ``1 - |tr(T^dagger V)| / k`` over the ``k`` columns of the target that is good enough;
            Clifford+T circuits spend it to save T.
        timeout: wall-clock seconds; the best circuit by then is returned.
        seed: the same target, options, seed, checkpoint and machine give the same circuit.
        torch_device: where the model runs, ``cpu`` or ``cuda``.
        proposers: some of `PROPOSERS`, or of stages of one's own; all but ``random`` by default.
        model: name or path of a checkpoint; the bundled ones by default.
        prompt: words that say gates and coupling; they stand in for ``gate_set`` and ``coupling`` where those have
            their defaults, and may not contradict them elsewhere.
        up_to: ``output-permutation`` to leave the order of the output qubits free; the result says which it is, and
            never costs more than the order of the target.
        on_candidate: called with every `Improvement`, from this thread; of those in the order of the target alone.

    Raises:
        InputError: for anything that cannot be compiled; one line, with numbers.
        NoCircuitError: when the time ran out before there was any circuit.
    """
    started = time.monotonic()
    check_options(timeout=timeout, tol=tol, seed=seed, samples=samples, effort=effort, model=model, device=torch_device)
    check_options(proposers=proposers)
    given = target if isinstance(target, Circuit) else None
    columns, kind, up_to = _columns(target, up_to)
    request = make_request(
        columns,
        given,
        gate_set=gate_set,
        coupling=coupling,
        device=device,
        cost=cost,
        samples=samples,
        effort=effort,
        tol=tol,
        deadline=started + timeout if timeout is not None else float("inf"),
        seed=seed,
        torch_device=torch_device,
        proposers=proposers,
        model=model,
        prompt=prompt,
        on_candidate=on_candidate,
    )
    from circuitdiff.synthesis.analytic.reachability import check_reachable

    check_reachable(columns, request.gate_set, request.coupling)
    if up_to is None:
        return _compiled(columns, request, started, kind)
    return _compiled_in_any_order(columns, request, started, kind)


def _compiled_in_any_order(
    columns: NDArray[np.complex128], request: Request, started: float, kind: str
) -> CompileResult:
    """Compile with the output qubits in order, then in the likeliest other orders; the cheapest comes back."""
    orders = promising_permutations(columns, request.coupling, request.config.output_permutations)
    best = _compiled(columns, _sliced(request, len(orders) + 1), started, kind)
    for number, order in enumerate(orders):
        moved = permuted_outputs(columns, order)
        bound = multi_qubit_lower_bound(moved, request.coupling, request.gate_set)
        if is_over(request.deadline) or (best.tol_met and bound > best.two_qubit_count):
            continue
        share = replace(_sliced(request, len(orders) - number), incumbent=None, on_candidate=None)
        found = _compiled(moved, share, started, kind)
        if found.tol_met >= best.tol_met and request.cost.is_cheaper(found.circuit, best.circuit):
            best = replace(found, output_permutation=order)
    return replace(best, seconds=time.monotonic() - started)


def _sliced(request: Request, parts: int) -> Request:
    """Return the request with the first of so many parts of the time that is left."""
    left = request.deadline - time.monotonic()
    return replace(request, deadline=time.monotonic() + left / parts)


def _compiled(columns: NDArray[np.complex128], request: Request, started: float, kind: str) -> CompileResult:
    if is_settled(columns, request):
        return _result(columns, [], request, started, [], kind)
    solver = _solver(request.gate_set)
    parts = _factors(columns, request)
    history = _History(request, started, [qubits for qubits, _, _ in parts])
    answers: list[Solution] = []
    parameters = sum(part.size for _, part, _ in parts)
    for number, (_, part, couplings) in enumerate(parts):
        if is_over(request.deadline) and not answers:
            if request.incumbent is not None:
                return _result(columns, [], request, started, [], kind)
            raise NoCircuitError("the time allowed ran out before there was any circuit")
        whole = len(parts) == 1
        share = replace(request, tol=request.tol * part.size / parameters)  # infidelities of factors add up
        answers.append(solver(part, couplings, share, whole, partial(history.note, number)))
    solved = list(zip([qubits for qubits, _, _ in parts], answers, strict=True))
    return _result(columns, solved, request, started, history.found, kind)


def _solver(gate_set: GateSet) -> Callable[..., Solution]:
    """Return what compiles one tensor factor; see `circuitdiff.synthesis.driver.solve`."""
    from circuitdiff.synthesis.clifford_t.clifford_basis import makes_clifford_t

    if makes_clifford_t(gate_set):
        from circuitdiff.synthesis.clifford_t.solve import solve_clifford_t

        return solve_clifford_t
    return solve


def _columns(target: Any, up_to: UpTo | None) -> tuple[NDArray[np.complex128], str, UpTo | None]:
    """Return the columns that a target asks for, what it is called, and up to what it is asked for."""
    check_up_to(up_to)
    if isinstance(target, Circuit):
        if target.num_qubits > MAX_QUBITS:
            raise InputError(
                f"target has more qubits than supported: {target.num_qubits} > {MAX_QUBITS}; "
                "resynthesize rewrites wider circuits"
            )
        return check_unitary(target.unitary()), "circuit", up_to
    if isinstance(target, Target):
        return target.columns, target.kind, up_to or target.up_to
    try:
        shape: tuple[int, ...] = () if isinstance(target, Mapping) else np.shape(target)
    except ValueError as error:
        raise InputError("target is a list whose rows are not of one length") from error
    if len(shape) == 2 and shape[0] == shape[1]:
        return check_unitary(target), "unitary", up_to
    read = read_target(target)
    return read.columns, read.kind, up_to


@dataclass
class _History:
    """The improvements of the whole circuit, made of the best circuits of its tensor factors."""

    request: Request
    started: float
    places: Sequence[tuple[int, ...]]

    def __post_init__(self) -> None:
        self.best: dict[int, Candidate] = {}
        self.found: list[Improvement] = []

    def note(self, factor: int, candidate: Candidate) -> None:
        """Take a factor's new best; there is a whole once every factor has one."""
        self.best[factor] = candidate
        if len(self.best) < len(self.places):
            return
        parts = [(self.places[at], best.circuit) for at, best in sorted(self.best.items())]
        circuit = _joined(parts, self.request.coupling.num_qubits)
        seconds = time.monotonic() - self.started
        improvement = Improvement(seconds, candidate.source, circuit.two_qubit_count, circuit)
        self.found.append(improvement)
        if self.request.on_candidate is not None:
            self.request.on_candidate(improvement)


def _factors(
    target: NDArray[np.complex128], request: Request
) -> list[tuple[tuple[int, ...], NDArray[np.complex128], Coupling]]:
    """Split off idle and separable qubits where what remains stays connected."""
    whole = tuple(range(request.coupling.num_qubits))
    parts = separable_factors(target) if len(whole) > 1 else [(whole, target)]
    couplings = [request.coupling.restricted(qubits) for qubits, _ in parts]
    if any(coupling is None for coupling in couplings):
        return [(whole, target, request.coupling)]
    return [(q, u, c) for (q, u), c in zip(parts, couplings, strict=True) if c is not None]


def _result(
    target: NDArray[np.complex128],
    answers: Sequence[tuple[tuple[int, ...], Solution]],
    request: Request,
    started: float,
    history: Sequence[Improvement],
    kind: str,
) -> CompileResult:
    """Put the factors together, weigh them against the circuit that was given, and verify."""
    from circuitdiff.synthesis.verify import verify

    circuit, source = _better(target, answers, request)
    circuit = circuit.in_phase_with(target)
    infidelity = verify(circuit, target, request.device)
    return CompileResult(
        circuit=circuit,
        infidelity=infidelity,
        source=source,
        seconds=time.monotonic() - started,
        gate_set=request.gate_set.name,
        coupling=request.coupling.name,
        tol_met=infidelity <= request.tol,
        candidates=_summed([answer.reports for _, answer in answers]),
        seed=request.seed,
        model=next((answer.model for _, answer in answers if answer.model), None),
        cost=request.cost.name,
        history=tuple(history),
        kind=kind,
    )


def _better(
    target: NDArray[np.complex128], answers: Sequence[tuple[tuple[int, ...], Solution]], request: Request
) -> tuple[Circuit, str]:
    """Return what was found, or the circuit that was given where it is cheaper, and where it comes from."""
    from circuitdiff.synthesis.transforms.simplify import simplify

    given, num_qubits = request.incumbent, request.coupling.num_qubits
    if given is not None and not answers:
        return given, INPUT
    whole = _joined([(qubits, answer.circuit) for qubits, answer in answers], num_qubits)
    found = simplify(whole, target, request.gate_set)
    if given is not None and request.cost.is_cheaper(given, found):
        return given, INPUT
    hardest = max((answer for _, answer in answers), key=lambda answer: answer.circuit.two_qubit_count)
    return found, hardest.source


def _joined(parts: Sequence[tuple[tuple[int, ...], Circuit]], num_qubits: int) -> Circuit:
    """Put circuits of tensor factors side by side on their qubits."""
    operations = [op for qubits, circuit in parts for op in circuit.permuted(qubits, num_qubits).operations]
    return Circuit(num_qubits, tuple(operations))


def _summed(all_reports: Sequence[dict[str, ProposerReport]]) -> dict[str, ProposerReport]:
    """Add up the reports of the tensor factors."""
    merged: dict[str, ProposerReport] = {}
    for reports in all_reports:
        for name, new in reports.items():
            old = merged.get(name, ProposerReport(0, 0, None))
            counts = [c for c in (old.best_two_qubit_count, new.best_two_qubit_count) if c is not None]
            fewest = sum(counts) if counts else None
            merged[name] = ProposerReport(old.tried + new.tried, old.solved + new.solved, fewest, old.fits + new.fits)
    return merged
