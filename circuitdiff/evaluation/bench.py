"""``circuitdiff bench``: the compiler beside others, on the same targets, in the same run."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import entangler_class, parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError, NoCircuitError
from circuitdiff.evaluation.baselines import Request
from circuitdiff.evaluation.machine import environment, use_one_thread_now
from circuitdiff.evaluation.peers import PEERS, PeerFailure, PeerProcesses
from circuitdiff.evaluation.report import OURS, BenchReport, Comparison, Outcome
from circuitdiff.evaluation.suites import Target, load_suite
from circuitdiff.evaluation.verification import Device, verdict_on
from circuitdiff.synthesis import compile as compile_unitary

logger = logging.getLogger(__name__)

TOL = 1e-9
"""Infidelity up to which a circuit of ours counts as exact."""

PEER_TOL = 1e-8
"""The same for other compilers: what BQSKit stops at by default."""

PEER_TIMEOUT = 120.0
"""Seconds a peer has for a target where no timeout is given."""

WARM_UP_SECONDS = 20.0
WARM_UP = "random_circuit:{num_qubits}?gates=10&seed=2"

CONDITIONS = (
    "seconds: median wall time a target (and processor time), one thread, in one warm process a compiler; before any "
    "timing, each compiled one circuit of every register size, and a peer's start (about 3 s for BQSKit's runtime) is "
    "not counted. Every circuit was simulated again in complex128 and checked against gate set and coupling map, every "
    "qubit in its place; qiskit-free alone may place qubits as it likes and leave its output permuted."
)


@dataclass(frozen=True)
class Settings:
    """What every compiler is asked for, and how ours goes about it."""

    gate_set: str = "u,cx"
    coupling: str = "all"
    effort: str = "default"
    proposers: tuple[str, ...] | None = None
    model: str | None = None
    timeout: float | None = None
    seed: int = 0

    def device(self, num_qubits: int) -> Device:
        """Return the device for a register size."""
        return Device(parse_gate_set(self.gate_set), parse_coupling(self.coupling, num_qubits))


def run_bench(
    suite: str,
    *,
    peers: Sequence[str] = ("qiskit",),
    limit: int | None = None,
    qubits: Collection[int] = (),
    families: Collection[str] = (),
    **settings: Any,
) -> BenchReport:
    """Compile every target of a suite, with circuitdiff and with other compilers, one after the other.

    The process, and the processes that it starts from now on, are kept to one thread.

    Args:
        suite: a folder of ``.npy`` files or a built-in suite (see `load_suite`).
        peers: names of `PEERS`.
        limit: stop after this many targets.
        qubits: register sizes to keep.
        families: families to keep.
        settings: fields of `Settings`.

    Raises:
        InputError: an unknown suite, peer, gate set, proposer or model.
        MissingExtraError: a peer that is not installed.
    """
    chosen = Settings(**settings)
    use_one_thread_now()
    targets = load_suite(suite, qubits=qubits, families=families, limit=limit, seed=chosen.seed)
    with PeerProcesses(peers) as processes:
        model = _warm_up(sorted({target.num_qubits for target in targets}), processes, chosen)
        comparisons = []
        for number, target in enumerate(targets, start=1):
            outcomes = {OURS: _ours(target, chosen)}
            outcomes |= {name: _theirs(name, target, processes, chosen) for name in processes.peers}
            comparisons.append(
                Comparison(target.name, target.family, target.num_qubits, _best(target, chosen), outcomes)
            )
            _tell(comparisons[-1], number, len(targets))
    described = {"suite": suite, **asdict(chosen), "model": model, "peer_timeout": chosen.timeout or PEER_TIMEOUT}
    return BenchReport(
        settings=described | {"exact_at": TOL, "peer_exact_at": PEER_TOL, "limit": limit},
        environment=environment(),
        compilers=(OURS, *processes.peers),
        comparisons=tuple(comparisons),
        conditions=CONDITIONS,
    )


def _best(target: Target, settings: Settings) -> int | None:
    """Return the fewest gates known to suffice; what is known counts CX-class gates, whatever their names."""
    gate_set, coupling = settings.device(target.num_qubits)
    counts_cx = bool(gate_set.entanglers) and all(entangler_class(name) == "cz" for name in gate_set.entanglers)
    return target.best_on(coupling) if counts_cx else None


def _warm_up(sizes: Sequence[int], processes: PeerProcesses, settings: Settings) -> str | None:
    """Let every compiler work once at every size, so that loading and just-in-time compilation are behind it.

    Returns:
        The name of the model that circuitdiff asked, None where it asked none.
    """
    model = None
    for size in sizes:
        logger.info("warming up on %d qubits", size)
        target = Target("warm-up", "warm-up", named(WARM_UP.format(num_qubits=size)))
        try:
            model = _compile(target, settings, WARM_UP_SECONDS).model or model
        except NoCircuitError as error:
            logger.warning("warm-up on %d qubits: %s", size, error)
        for name in processes.peers:
            try:
                processes.compile(name, _request(name, target, settings), WARM_UP_SECONDS)
            except PeerFailure as error:
                logger.warning("warm-up of %s on %d qubits: %s", name, size, error)
    return model


def _compile(target: Target, settings: Settings, timeout: float | None) -> Any:
    return compile_unitary(
        target.unitary,
        gate_set=settings.gate_set,
        coupling=settings.coupling,
        effort=settings.effort,
        proposers=settings.proposers,
        model=settings.model,
        timeout=timeout,
        seed=settings.seed,
    )


def _ours(target: Target, settings: Settings) -> Outcome:
    """Compile with circuitdiff; whatever goes wrong becomes part of the outcome."""
    started, worked = time.perf_counter(), time.process_time()
    try:
        result = _compile(target, settings, settings.timeout)
    except Exception as error:  # a bench goes on to its next target
        logger.exception("%s failed", target.name)
        return Outcome(seconds=time.perf_counter() - started, failure=f"{type(error).__name__}: {error}")
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    outcome = _judged(result.circuit, target, settings, TOL, source=result.source)
    claimed, measured = result.two_qubit_count, outcome.two_qubit_count
    candidates = {name: asdict(report) for name, report in result.candidates.items()}
    failure = outcome.failure
    if failure is None and claimed != measured:
        failure = f"claims {claimed} two-qubit gates and has {measured}"
    return replace(outcome, seconds=seconds, cpu_seconds=cpu_seconds, candidates=candidates, failure=failure)


def _theirs(name: str, target: Target, processes: PeerProcesses, settings: Settings) -> Outcome:
    """Compile with a peer."""
    timeout = settings.timeout or PEER_TIMEOUT
    started = time.perf_counter()
    try:
        made = processes.compile(name, _request(name, target, settings), timeout)
        circuit = Circuit.from_gates(target.num_qubits, made.gates)
    except (PeerFailure, InputError) as error:
        return Outcome(seconds=min(time.perf_counter() - started, timeout), failure=str(error))
    outcome = _judged(circuit, target, settings, PEER_TOL, initial=made.initial, final=made.final)
    return replace(outcome, seconds=made.seconds, cpu_seconds=made.cpu_seconds)


def _judged(
    circuit: Circuit,
    target: Target,
    settings: Settings,
    tol: float,
    *,
    source: str | None = None,
    initial: tuple[int, ...] | None = None,
    final: tuple[int, ...] | None = None,
) -> Outcome:
    verdict = verdict_on(circuit, target.unitary, settings.device(target.num_qubits), tol, initial, final)
    return Outcome(
        two_qubit_count=circuit.two_qubit_count,
        infidelity=verdict.infidelity,
        num_gates=circuit.num_gates,
        depth=circuit.depth,
        source=source,
        permutation=final if final != initial else None,
        failure=verdict.fault,
    )


def _request(name: str, target: Target, settings: Settings) -> Request:
    device = settings.device(target.num_qubits)
    return Request(PEERS[name].method, target.unitary, device.gate_set.gates, device.coupling, settings.seed)


def _tell(comparison: Comparison, number: int, total: int) -> None:
    counts = ", ".join(f"{name} {outcome.two_qubit_count}" for name, outcome in comparison.outcomes.items())
    logger.info("%d of %d, %s: %s", number, total, comparison.name, counts, extra={"share": number / total})
    faults: Mapping[str, str | None] = {name: outcome.failure for name, outcome in comparison.outcomes.items()}
    for name, fault in faults.items():
        if fault is not None:
            logger.error("%s on %s: %s", name, comparison.name, fault)
