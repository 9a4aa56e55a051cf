"""``bench states``: state preparation beside other compilers, live."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from circuitdiff.errors import InputError, MissingExtraError
from circuitdiff.evaluation.machine import environment, group_cpu_seconds, use_one_thread_now
from circuitdiff.evaluation.state_peers import PEERS
from circuitdiff.evaluation.state_suite import StateTarget, state_suite
from circuitdiff.evaluation.tables import aligned, as_plain
from circuitdiff.synthesis import compile
from circuitdiff.synthesis.models import Models

logger = logging.getLogger(__name__)

OURS = "circuitdiff"
TOL = 1e-8
"""Infidelity, simulated anew, above which a circuit does not count, ours or another's."""

METHOD = (
    "CX in {u, cx} circuits for a state from |0...0>, and processor seconds of all processes. Other circuits "
    "may end in any order of the qubits, which is undone before they are checked; ours keep the order. textbook: CX of "
    "the known construction."
)


@dataclass(frozen=True)
class StateOutcome:
    """What a compiler made of a state: CX, infidelity and processor seconds, or why it made nothing."""

    two_qubit_count: int | None
    infidelity: float | None
    cpu_seconds: float
    error: str | None = None

    @property
    def is_exact(self) -> bool:
        """Whether there is a circuit, and it prepares the state."""
        return self.infidelity is not None and self.infidelity <= TOL


@dataclass(frozen=True)
class StateRow:
    """One target with the outcomes by compiler."""

    name: str
    family: str
    num_qubits: int
    coupling: str
    textbook: int | None
    outcomes: Mapping[str, StateOutcome]


@dataclass(frozen=True)
class StatesReport:
    """The whole comparison."""

    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    rows: tuple[StateRow, ...]

    @property
    def is_sound(self) -> bool:
        """Whether all our circuits prepare their states."""
        return all(row.outcomes[OURS].is_exact for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return as_plain(self.settings, self.environment, METHOD, self.rows)

    def table(self) -> str:
        """Return the report as text, a row a target, and how often ours is at or under the best of the others."""
        compilers = list(self.rows[0].outcomes)
        heads = ["state", "textbook", *compilers, *(f"{name} s" for name in compilers)]
        lines = [
            [row.name, "" if row.textbook is None else str(row.textbook)]
            + [_shown(row.outcomes[name]) for name in compilers]
            + [f"{row.outcomes[name].cpu_seconds:.2f}" for name in compilers]
            for row in self.rows
        ]
        return "\n".join([*aligned(heads, lines), "", self._verdict(), "", METHOD])

    def _verdict(self) -> str:
        beaten = [row.name for row in self.rows if not _is_best(row)]
        text = f"{len(self.rows) - len(beaten)} of {len(self.rows)} states at or under the best of the others"
        return text + (f"; over it: {', '.join(beaten)}" if beaten else "")


def _shown(outcome: StateOutcome) -> str:
    return str(outcome.two_qubit_count) if outcome.is_exact else "not exact" if outcome.error is None else "failed"


def _is_best(row: StateRow) -> bool:
    others: list[int | None] = [row.textbook] if row.textbook is not None and row.coupling == "all" else []
    others += [o.two_qubit_count for name, o in row.outcomes.items() if name != OURS and o.is_exact]
    found = row.outcomes[OURS].two_qubit_count
    return found is not None and all(other is None or found <= other for other in others)


def run_states(
    *,
    peers: Collection[str] = ("qiskit",),
    effort: str = "default",
    timeout: float | None = None,
    qubits: Collection[int] = (),
    families: Collection[str] = (),
    limit: int | None = None,
    seed: int = 0,
    targets: Sequence[StateTarget] | None = None,
    proposers: Collection[str] | None = None,
    model: str | None = None,
) -> StatesReport:
    """Prepare the suite's states with this compiler and others.

    Args:
        peers: some of those in `circuitdiff.evaluation.state_peers`.
        effort: of this compiler.
        timeout: seconds for each state, of this compiler.
        qubits: register sizes to keep, all by default.
        families: families to keep, all by default.
        limit: stop after so many states.
        seed: of random states and of this compiler.
        targets: states in place of the suite.
        proposers: of this compiler; by default those of `compile`.
        model: checkpoint of this compiler; the bundled ones by default.

    Raises:
        InputError: an unknown peer, or no state is left.
        MissingExtraError: a peer that is not installed.
    """
    use_one_thread_now()
    for peer in peers:
        if peer not in PEERS:
            raise InputError(f"unknown peer {peer!r} of states; there are: {', '.join(PEERS)}")
        if find_spec(peer) is None:
            raise MissingExtraError(f"{peer} is not installed: pip install {peer}")
    suite = state_suite(seed) if targets is None else targets
    kept = [t for t in suite if (not qubits or t.num_qubits in qubits) and (not families or t.family in families)]
    if not kept:
        raise InputError(f"no state of the suite is left of {len(suite)} with these qubits and families")

    def ours(target: StateTarget) -> tuple[int, float]:
        options: dict[str, Any] = {"effort": effort, "timeout": timeout, "proposers": proposers, "model": model}
        made = compile(target.amplitudes, coupling=target.coupling, seed=seed, **options)
        return made.two_qubit_count, made.infidelity

    compilers = {OURS: ours, **{name: PEERS[name] for name in peers}}
    Models(model).state_proposer(kept[0].num_qubits)  # loads the model, outside the times, as kernels are compiled
    compile(kept[0].amplitudes, effort="fast")
    rows = []
    for target in kept[:limit]:
        outcomes = {name: _outcome(run, target) for name, run in compilers.items()}
        rows.append(StateRow(target.name, target.family, target.num_qubits, target.coupling, target.textbook, outcomes))
        logger.info("%s: %s", target.name, {name: outcome.two_qubit_count for name, outcome in outcomes.items()})
    settings = {
        "suite": "states",
        "effort": effort,
        "timeout": timeout,
        "seed": seed,
        "tol": TOL,
        "proposers": proposers,
    }
    return StatesReport(settings, environment(), tuple(rows))


def _outcome(run: Callable[[StateTarget], tuple[int, float]], target: StateTarget) -> StateOutcome:
    started = group_cpu_seconds()
    try:
        count, missed = run(target)
    except Exception as error:
        seconds = group_cpu_seconds() - started
        return StateOutcome(None, None, seconds, f"{type(error).__name__}: {str(error)[:100]}")
    return StateOutcome(count, missed, group_cpu_seconds() - started)
