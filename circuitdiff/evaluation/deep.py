"""How deep a structure is still found: circuits of k entanglers with random angles, a second of one core each."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.evaluation.ablation_report import CONTROL
from circuitdiff.evaluation.held_out import TOL, held_out, is_solution, task_for
from circuitdiff.evaluation.machine import environment, use_one_thread_now
from circuitdiff.evaluation.tables import aligned, as_plain, title
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.models import load_ansatz_model
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.problem import ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.instantiate_proposals import instantiate_proposals
from circuitdiff.synthesis.stages.proposers import AnsatzProposer, Proposer, UniformProposer

logger = logging.getLogger(__name__)

LENGTHS = range(2, 11)
CIRCUITS = 24
SAMPLES = 64
WORK = 7.5e9
"""Nominal multiply-adds that a target may take, sampling aside: about a second, and the same on every machine."""

CONFIG = replace(PRESETS["default"], samples=SAMPLES, patience=1000)
MODEL = "model"
METHOD = (
    "Random structures of k entanglers with Haar-random gates between, none of which can be left out; no proposer is "
    "told k. A target is solved when at most k entanglers reach infidelity 1e-9 within the work allowed; seconds are "
    "processor time, sampling counted, of targets that are not solved. random: blind draws in place of the model's."
)


@dataclass(frozen=True)
class DeepRow:
    """Targets of ``length`` entanglers, by arm: how many were solved, and the mean processor time of the others.

    Attributes:
        unsound: circuits that were claimed as solutions and are none when they are simulated.
    """

    length: int
    targets: int
    solved: Mapping[str, int]
    seconds: Mapping[str, float | None]
    unsound: int = 0


@dataclass(frozen=True)
class DeepReport:
    """The whole comparison."""

    settings: Mapping[str, Any]
    environment: Mapping[str, Any]
    rows: tuple[DeepRow, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every circuit that counts as a solution is one when it is simulated."""
        return not any(row.unsound for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return as_plain(self.settings, self.environment, METHOD, self.rows)

    def table(self) -> str:
        """Return the report as text."""
        arms = (MODEL, CONTROL)
        heads = ["k", "targets", *(f"{arm} %" for arm in arms), *(f"{arm} s" for arm in arms)]
        rows = [
            [str(row.length), str(row.targets)]
            + [f"{100 * row.solved[arm] / row.targets:.0f}" for arm in arms]
            + ["" if row.seconds[arm] is None else f"{row.seconds[arm]:.2f}" for arm in arms]
            for row in self.rows
        ]
        return "\n".join([title(self.settings), "", *aligned(heads, rows), "", METHOD])


def run_deep(
    *,
    model: str | None = None,
    coupling: str = "all",
    limit: int | None = None,
    seed: int = 0,
    lengths: Collection[int] = LENGTHS,
    work: float = WORK,
) -> DeepReport:
    """Look for circuits of exactly k entanglers, with the model's structures and with blind ones, at equal budget.

    Args:
        model: checkpoint; the bundled one by default.
        coupling: map on the model's register.
        limit: circuits of each length, `CIRCUITS` by default.
        seed: of circuits, draws and starts; training circuits are never among them.
        lengths: k.
        work: nominal multiply-adds a target.
    """
    use_one_thread_now()
    source = AnsatzProposer(load_ansatz_model(model, "cpu"))
    device = parse_coupling(coupling, source.num_qubits)
    count = limit or CIRCUITS
    rows = []
    for k in sorted(lengths):
        circuits = held_out("haar", k, count, source.model.layout, device, seed)
        tasks = [task_for(circuit.circuit().unitary(), device) for circuit in circuits]
        rows.append(_row(k, tasks, source, seed, work))
        logger.info("%d entanglers: %s of %d", k, dict(rows[-1].solved), len(tasks))
    settings = {"model": source.model.name, "coupling": coupling, "circuits": count, "samples": SAMPLES, "work": work}
    return DeepReport(settings | {"seed": seed, "tol": TOL}, environment(), tuple(rows))


def _row(length: int, tasks: Sequence[SynthesisProblem], model: AnsatzProposer, seed: int, work: float) -> DeepRow:
    arms: dict[str, Proposer] = {MODEL: model, CONTROL: UniformProposer(CONTROL)}
    unsound, solved, seconds = 0, dict.fromkeys(arms, 0), {arm: list[float]() for arm in arms}
    for arm, source in arms.items():
        for number, problem in enumerate(tasks):
            rng = np.random.default_rng((seed, length, number))
            started = time.process_time()
            found = _reaches(problem, source, length, rng, work)
            if found is not None and is_solution(found, problem, length):
                solved[arm] += 1
            else:
                unsound += found is not None
                seconds[arm].append(time.process_time() - started)
    means = {arm: float(np.mean(v)) if v else None for arm, v in seconds.items()}
    return DeepRow(length, len(tasks), solved, means, unsound)


def _reaches(
    problem: SynthesisProblem, source: Proposer, length: int, rng: np.random.Generator, work: float
) -> Circuit | None:
    """Return a circuit of at most ``length`` entanglers, None where the work does not suffice."""
    found = instantiate_proposals(problem, source, template_count(problem), CONFIG, rng, Budget(work), ProposerStats())
    return next((solution.circuit for solution in found if solution.count <= length), None)
