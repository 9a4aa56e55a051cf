"""One tensor factor, from its columns to its cheapest circuit: the baseline, then the stages that the driver runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.interruption import is_over
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import Budget, Rounds, multi_start, random_start
from circuitdiff.spec.cost import Cost
from circuitdiff.synthesis.estimate import MODEL_PROPOSER, EntanglerEstimate
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PipelineConfig, PipelineStep, work
from circuitdiff.synthesis.problem import ANALYTIC, INPUT, Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.request import Request
from circuitdiff.synthesis.result import ProposerReport
from circuitdiff.synthesis.stages import stage_entry
from circuitdiff.synthesis.transforms.delete_entanglers import without_superfluous

logger = logging.getLogger(__name__)

SEARCH = "search"
"""The proposer to which circuits are put down that only leave entanglers of another out."""

LIKELY = 0.25
"""Probability, by the model, that fewer entanglers suffice, from which on stages are as patient as they can be."""

LEAST_PATIENCE = 5

POLISHED = 1e-14
"""Infidelity above which the best solution is descended from once more."""

POLISHING_ROUNDS: Rounds = ((120, 0.34), (300, 0.0))
POLISHING_STARTS = 5
POLISHING_WORK = 2e9

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


@dataclass
class Driver:
    """One run of a pipeline on one problem.

    Attributes:
        problem: what is asked.
        config: the pipeline.
        models: checkpoints for the stages that ask one.
        cost: what makes a candidate cheaper.
        proposers: names of those that take part.
        seed: of every stage's own generator.
        deadline: `time.monotonic` at which to end.
        on_better: called with every new best candidate.
        best: the cheapest so far, written in the problem's gates.
        stats: by proposer, what was tried and solved.
    """

    problem: SynthesisProblem
    config: PipelineConfig
    models: Models
    cost: Cost
    proposers: frozenset[str]
    seed: int
    deadline: float = float("inf")
    on_better: Callable[[Candidate], None] = lambda candidate: None
    best: Candidate | None = None
    stats: dict[str, ProposerStats] = field(default_factory=dict)
    estimate: EntanglerEstimate = field(init=False)
    _looked_at: Candidate | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        """Set up what the model is asked about the problem."""
        hopeless = self.config.hopeless if MODEL_PROPOSER in self.proposers else 0.0
        self.estimate = EntanglerEstimate(self.problem, self.models, hopeless)

    def run(self, steps: Iterable[PipelineStep]) -> None:
        """Run stages until a lower bound is reached, the model expects no better, the time is up, or none is left."""
        for step in steps:
            if self.is_done():
                return
            entry = stage_entry(step.stage)
            allowed = self._allowed(step) if entry.proposer in self.proposers else 0.0
            if not allowed:
                continue
            stage = entry.make(self._config(), self.models)
            stage.stats = self.stats.setdefault(entry.proposer, stage.stats)
            seen = partial(stage.stats.note_fit, num_qubits=self.problem.num_qubits)
            budget = Budget(allowed, self.deadline, seen)
            for candidate in stage.run(self.problem, self.best, budget, self._rng(step.stage)):
                self.offer(candidate)
                if self.is_done():
                    break

    def _allowed(self, step: PipelineStep) -> float:
        """Return the work of a stage, and of what it may spend beside as much as the model hopes for."""
        hoped = step.hoped.at(self.problem.size)
        if not hoped:
            return step.work.at(self.problem.size)
        chance = 1.0 if self.best is None else self.estimate.chance_of_far_fewer(self.best.count)
        return step.work.at(self.problem.size) + chance * hoped

    def is_done(self) -> bool:
        """Whether nothing cheaper can come, or is to be expected, or no time is left."""
        reached = self.best is not None and self.best.count <= self.problem.lower_bound
        if reached or is_over(self.deadline):
            return True
        if self.best is None or not self.estimate.is_hopeless(self.best.count):
            return False
        self._leave_out(self.best)
        return True

    def _leave_out(self, found: Candidate) -> None:
        """Offer what remains of a candidate without its superfluous entanglers; each is looked at once."""
        if found is self._looked_at:
            return
        self._looked_at = found
        fit = without_superfluous(self.problem, found.circuit)
        if len(fit.ansatz.pairs) < found.count:
            stats = self.stats.setdefault(SEARCH, ProposerStats())
            stats.tried += 1
            stats.record(len(fit.ansatz.pairs))
            self.offer(Candidate.of_fit(fit, SEARCH))

    def _config(self) -> PipelineConfig:
        """Return the pipeline for the next stage, the less patient the less the model expects of it."""
        chance = 1.0 if self.best is None else self.estimate.chance_of_fewer(self.best.count)
        patience = max(LEAST_PATIENCE, round(self.config.patience * min(1.0, chance / LIKELY)))
        return replace(self.config, patience=min(patience, self.config.patience))

    def offer(self, candidate: Candidate) -> None:
        """Take a candidate as the best if it is cheaper and, simulated anew, within the tolerance, and say so."""
        written = _written(candidate, self.problem)
        if written is None or not self.cost.is_cheaper(
            written.circuit, None if self.best is None else self.best.circuit
        ):
            return
        missed = infidelity(self.problem.target, written.circuit.columns(self.problem.target.shape[1]))
        if not missed <= self.problem.tol:
            logger.warning("%s: refused: infidelity %.1e, %.1e said", written.source, missed, written.infidelity)
            return
        logger.info("%s: %d entanglers, infidelity %.1e", written.source, written.count, written.infidelity)
        self.best = written
        self.on_better(written)

    def polish(self) -> None:
        """Descend once more where the best is not exact: it has come to a degenerate solution, where steps are slow."""
        found = self.best
        if found is None or found.infidelity <= POLISHED or is_over(self.deadline):
            return
        start = to_ansatz(_translated(found.circuit, self.problem.ansatz_gates), self.problem.entangler)
        rng, n, entangler = np.random.default_rng(0), self.problem.num_qubits, self.problem.entangler
        others = (random_start(start.pairs, n, entangler, rng) for _ in range(POLISHING_STARTS))
        budget = Budget(POLISHING_WORK, self.deadline)
        fit = multi_start(self.problem.target, [start, *others], tol=POLISHED, budget=budget, rounds=POLISHING_ROUNDS)
        if fit is not None and fit.infidelity < found.infidelity:
            better = Candidate.of_fit(fit, found.source, found.model)
            self.best = _written(better, self.problem) or found

    def _rng(self, stage: str) -> np.random.Generator:
        """Return a stage's own generator, so that leaving a stage out does not change the others."""
        return np.random.default_rng((self.seed, *stage.encode()))


def solve(
    target: NDArray[np.complex128],
    coupling: Coupling,
    request: Request,
    whole: bool,
    on_better: Callable[[Candidate], None],
) -> Solution:
    """Compile one tensor factor in gates among which the single-qubit ones are free or all are without angles.

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

    models = request.models()
    gates = request.gate_set
    if not gates.is_discrete:
        models.check_named()
    circuit = baseline_circuit(target, gates, coupling, request.deadline)
    baseline = Candidate(circuit, infidelity(target, circuit.columns(target.shape[1])), ANALYTIC)
    on_better(baseline)
    problem = request.problem_of(target, coupling, request.incumbent if whole else None)
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
    usable = exact and (ANALYTIC in request.proposers or not problem.has_pipeline)
    start = [baseline] if usable else []
    if problem.given is not None:
        start.append(Candidate(problem.given, 0.0, INPUT))
    driver.best = min(start, key=lambda candidate: request.cost.key(candidate.circuit), default=None)
    if gates.is_discrete and not exact:
        driver.run(DISCRETE_STEPS)
    elif problem.has_pipeline:
        driver.run(request.config.steps if problem.is_unitary else request.config.column_steps)
        driver.polish()
    found = driver.best if driver.best is not None and driver.best.source != INPUT else None
    best = found or baseline
    reports = {
        name: ProposerReport(stats.tried, stats.solved, stats.best_two_qubit_count, tuple(stats.fits))
        for name, stats in driver.stats.items()
        if stats.tried and (name != ANALYTIC or ANALYTIC in request.proposers or best is baseline)
    }
    return Solution(best.circuit, best.source, reports, best.model or next(iter(models.asked[::-1]), None))


def _written(candidate: Candidate, problem: SynthesisProblem) -> Candidate | None:
    """Write a candidate in the problem's gates; None where they cannot express it."""
    try:
        circuit = _translated(candidate.circuit, problem.gate_set)
    except InputError as error:
        logger.info("%s: not taken: %s", candidate.source, error)
        return None
    return Candidate(circuit, candidate.infidelity, candidate.source, candidate.model)


def _translated(circuit: Circuit, gate_set: GateSet) -> Circuit:
    from circuitdiff.synthesis.analytic.basis_translation import translate_basis

    return translate_basis(circuit, gate_set)
