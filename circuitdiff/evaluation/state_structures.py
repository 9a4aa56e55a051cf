"""``bench state-structures``: structures for states, the model's and blind ones of the same lengths, at equal work."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, cycle, islice
from typing import Any

import numpy as np

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.evaluation.held_out import ROUNDING, TOL
from circuitdiff.evaluation.machine import environment, use_one_thread_now
from circuitdiff.evaluation.state_suite import StateTarget, dicke, graph, matrix_product, shallow, sparse
from circuitdiff.evaluation.tables import aligned, as_plain, title
from circuitdiff.features.lower_bounds import cx_lower_bound
from circuitdiff.features.tensor_factors import separable_factors
from circuitdiff.numerics.ansatz import EntanglerSequence
from circuitdiff.numerics.multi_start import Budget, multi_start, random_start
from circuitdiff.synthesis import compile
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages import proposer_names
from circuitdiff.synthesis.stages.instantiate_proposals import PROPOSAL_ROUNDS
from circuitdiff.synthesis.stages.proposers import AnsatzProposer, random_sequence

logger = logging.getLogger(__name__)

MODEL, BLIND = "model", "blind"
QUBITS = (4, 5, 6)
EACH = 3
"""States of every random family on every register."""

SAMPLES = 96
WORK = 1.5e9
"""Nominal multiply-adds that the fits of a target's structures may take, about a tenth of a second to half of one."""

STARTS_AT_ONCE = 12
TRIES = 200
METHOD = (
    "Structured states, and states of shallow circuits with Haar-random gates; k is the fewest CZ that are known, of "
    "the textbook and of the compiler without the model. Both arms fit structures of at most k CZ, a start each after "
    "another, for the same work: the model's, and for each of these a random one of its length on all qubits. A target "
    "is solved when one of them reaches infidelity 1e-9; nothing is recombined or shortened."
)


@dataclass(frozen=True)
class _Task:
    problem: SynthesisProblem
    most: int  # the fewest CZ that are known


@dataclass(frozen=True)
class StructureRow:
    """Targets of a family: how many each arm solved, and the processor seconds of its fits and draws, in all."""

    family: str
    targets: int
    solved: Mapping[str, int]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class StructuresReport:
    """The whole comparison."""

    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    rows: tuple[StructureRow, ...]
    is_sound: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return as_plain(self.settings, self.environment, METHOD, self.rows)

    def table(self) -> str:
        """Return the report as text, the sum of all families at the end."""
        arms = (MODEL, BLIND)
        whole = StructureRow(
            "all",
            sum(row.targets for row in self.rows),
            {arm: sum(row.solved[arm] for row in self.rows) for arm in arms},
            {arm: sum(row.seconds[arm] for row in self.rows) for arm in arms},
        )
        heads = ["family", "targets", *(f"{arm} solved" for arm in arms), *(f"{arm} s" for arm in arms)]
        lines = [
            [row.family, str(row.targets)]
            + [str(row.solved[arm]) for arm in arms]
            + [f"{row.seconds[arm] / row.targets:.2f}" for arm in arms]
            for row in (*self.rows, whole)
        ]
        return "\n".join([title(self.settings), "", *aligned(heads, lines), "", METHOD])


def run_state_structures(
    *,
    model: str | None = None,
    coupling: str = "all",
    qubits: Collection[int] = (),
    limit: int | None = None,
    seed: int = 0,
    work: float = WORK,
) -> StructuresReport:
    """Compare a model's structures for states with blind ones at equal work.

    Args:
        model: checkpoint; the bundled one by default.
        coupling: map on which states are prepared.
        qubits: register sizes to keep of `QUBITS`, all by default.
        limit: states of every random family on every register, `EACH` by default.
        seed: of states, draws and starts.
        work: nominal multiply-adds a target and arm.

    Raises:
        InputError: there is no model of states of such registers.
    """
    use_one_thread_now()
    sizes = [n for n in QUBITS if not qubits or n in qubits]
    source = Models(model).state_proposer(max(sizes, default=0)) if sizes else None
    if source is None:
        raise InputError(f"there is no model of states of {sorted(qubits) or list(QUBITS)} qubits")
    groups: dict[str, list[_Task]] = {}
    for target in structured_states(sizes, limit or EACH, seed):
        task = _task(target, coupling, seed)
        if task is not None and task.most <= source.model.layout.max_gates:
            groups.setdefault(target.family, []).append(task)
    rows = []
    for family, tasks in groups.items():
        rows.append(_row(family, tasks, source, seed, work))
        logger.info("%s: %s of %d", family, dict(rows[-1].solved), len(tasks))
    settings = {"model": source.model.name, "coupling": coupling, "samples": SAMPLES, "work": work, "seed": seed}
    return StructuresReport(settings, environment(), tuple(rows))


def structured_states(sizes: Sequence[int], each: int, seed: int) -> Iterator[StateTarget]:
    """Yield structured states of every register, and random ones of every family that are not in `state_suite`."""
    for n in sizes:
        rng = np.random.default_rng((seed, n, 77))
        yield StateTarget(f"ghz-{n}", "ghz", sparse({0: 1, (1 << n) - 1: 1}, n), textbook=n - 1)
        yield StateTarget(f"w-{n}", "w", dicke(n, 1), textbook=2 * n - 3)
        yield StateTarget(f"cluster-{n}", "graph", graph([(i, i + 1) for i in range(n - 1)], n), textbook=n - 1)
        yield StateTarget(f"ring-{n}", "graph", graph([(i, (i + 1) % n) for i in range(n)], n), textbook=n)
        for number in range(each):
            edges = [pair for pair in combinations(range(n), 2) if rng.random() < 0.5]
            yield StateTarget(f"graph-{n}-{number}", "graph", graph(edges, n), textbook=len(edges))
            chosen = rng.permutation(1 << n)[:3]
            state = sparse({int(i): float(rng.normal()) for i in chosen}, n)
            yield StateTarget(f"sparse-{n}-{number}", "sparse", state)
            yield StateTarget(f"mps-{n}-{number}", "mps, bond 2", matrix_product(n, rng), textbook=2 * n - 3)
            for gates in (n, n + 2):
                made = shallow(n, gates, rng)
                yield StateTarget(
                    f"shallow-{n}-{gates}-{number}", f"{gates - n} more cx than qubits", made, "all", gates
                )


def _task(target: StateTarget, coupling: str, seed: int) -> _Task | None:
    """Return what is asked of both arms, None for states of which qubits are separable."""
    columns, device = np.ascontiguousarray(target.amplitudes[:, None]), parse_coupling(coupling, target.num_qubits)
    if len(separable_factors(columns)) > 1:
        return None
    without = [name for name in proposer_names() if name not in ("diffusion", "random")]
    made = compile(target.amplitudes, coupling=coupling, effort="fast", seed=seed, proposers=without)
    known = target.textbook if target.textbook is not None and coupling == "all" else made.two_qubit_count
    problem = SynthesisProblem(columns, device, "cz", TOL, cx_lower_bound(columns, device))
    return _Task(problem, min(known, made.two_qubit_count))


def _row(family: str, tasks: Sequence[_Task], source: AnsatzProposer, seed: int, work: float) -> StructureRow:
    solved, seconds = dict.fromkeys((MODEL, BLIND), 0), dict.fromkeys((MODEL, BLIND), 0.0)
    for number, task in enumerate(tasks):
        rng, started = np.random.default_rng((seed, number)), time.process_time()
        drawn = source.sequences(task.problem, task.most, SAMPLES, rng, broad=False)
        sampling = time.process_time() - started
        for arm, sequences in ((MODEL, drawn), (BLIND, [_uniform(task.problem, len(pairs), rng) for pairs in drawn])):
            started = time.process_time()
            solved[arm] += _reaches(task.problem, sequences, np.random.default_rng((seed, number)), work)
            seconds[arm] += time.process_time() - started + sampling * (arm == MODEL)
    return StructureRow(family, len(tasks), solved, seconds)


def _reaches(
    problem: SynthesisProblem, sequences: Sequence[EntanglerSequence], rng: np.random.Generator, work: float
) -> bool:
    """Tell whether a structure reaches the state, one start of each after another until the work is spent."""
    budget, turns = Budget(work), cycle(sequences)
    while sequences and not budget.spent:
        starts = [random_start(pairs, problem.num_qubits, "cz", rng) for pairs in islice(turns, STARTS_AT_ONCE)]
        fit = multi_start(problem.target, starts, tol=problem.tol, budget=budget, rounds=PROPOSAL_ROUNDS)
        if fit is not None and fit.infidelity <= problem.tol:
            made = fit.ansatz.circuit().columns(1)
            return infidelity(problem.target, made) <= problem.tol + ROUNDING
    return False


def _uniform(problem: SynthesisProblem, length: int, rng: np.random.Generator) -> EntanglerSequence:
    """Draw a structure that leaves no qubit out, where one of a few tries does not."""
    for _ in range(TRIES):
        pairs = random_sequence(problem, length, rng)
        if len({qubit for pair in pairs for qubit in pair}) == problem.num_qubits:
            break
    return pairs
