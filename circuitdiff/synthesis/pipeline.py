"""The portfolio: stages in order, each of which only has to beat the incumbent."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from circuitdiff.numerics.ansatz import Dressed
from circuitdiff.numerics.multi_start import Budget, Heats, race, random_start
from circuitdiff.synthesis.analytic.shannon import shannon
from circuitdiff.synthesis.presets import Effort
from circuitdiff.synthesis.problem import Ledger, Solution, Task
from circuitdiff.synthesis.stages.edit import edit
from circuitdiff.synthesis.stages.instantiate_proposals import pursue
from circuitdiff.synthesis.stages.peel import PeelStage
from circuitdiff.synthesis.stages.proposers import BlindSource, ModelSource, StructureSource
from circuitdiff.synthesis.stages.search import grow_far, search
from circuitdiff.synthesis.stages.template import EXTRAS, template, template_count

logger = logging.getLogger(__name__)

BLIND_QUBITS = 3
"""Largest register on which structures are drawn as whole sequences; beyond, search takes over."""

BLOCK_QUBITS = 3
"""Size of the blocks into which larger targets are cut where their own template is out of reach."""

LOAD_SECONDS = 2.0
"""What it takes, roughly, to import torch and load a model; once torch is there, a model takes no time to speak of."""

HARD_COUNT = 7
"""Entanglers from which on blind draws are too few and structures are grown on small registers too."""

POLISHED = 1e-14
"""Infidelity above which the best solution is descended from once more."""

POLISHING: Heats = ((120, 0.34), (300, 0.0))
POLISHING_STARTS = 5
POLISHING_WORK = 2e9


@dataclass(frozen=True)
class Stages:
    """Which proposers take part, how hard they try, and how to get the models.

    Models are loaded after the stages that do without them, and not at all where there is no time for it.
    """

    proposers: frozenset[str]
    effort: Effort
    samples: int
    load_model: Callable[[], ModelSource]
    load_general: Callable[[int], StructureSource | None]
    seed: int
    deadline: float

    def rng(self, stage: str) -> np.random.Generator:
        """Return a stage's own generator, so that leaving a stage out does not change the others."""
        return np.random.default_rng((self.seed, *stage.encode()))

    def model(self) -> ModelSource | None:
        """Return the model where a proposer needs it and there is time."""
        return self.load_model() if self._may_load and self.proposers & {"diffusion", "edit"} else None

    def general(self, num_qubits: int) -> StructureSource | None:
        """Return the model of general circuits where there is one for a register, a proposer needs it, and time."""
        return self.load_general(num_qubits) if self._may_load and "diffusion" in self.proposers else None

    @property
    def _may_load(self) -> bool:
        return time.monotonic() + (0.0 if "torch" in sys.modules else LOAD_SECONDS) <= self.deadline

    def budget(self, work: float) -> Budget:
        """Return a budget of some work under the common deadline."""
        return Budget(work, self.deadline)


def improve(task: Task, bound: int, stages: Stages, ledger: Ledger) -> Solution | None:
    """Look for circuits of fewer than ``bound`` entanglers.

    Returns:
        The shortest found, None where there is none.
    """
    best: Solution | None = None

    def keep(found: Iterable[Solution]) -> None:
        nonlocal best, bound
        for solution in found:
            logger.info("%s: %d entanglers, infidelity %.1e", solution.source, solution.count, solution.infidelity)
            if solution.count < bound:
                best, bound = solution, solution.count

    n = task.num_qubits
    if n in stages.effort.template_work:
        keep(_template(task, bound, EXTRAS, stages, stages.budget(stages.effort.template_work[n]), ledger))
    if best is None and n > BLOCK_QUBITS:
        keep(_cut(task, bound, stages, ledger))
    if "peel" in stages.proposers and n in stages.effort.peel_work:
        peeling = PeelStage(stages.effort, ledger.of("peel"))
        keep(peeling.run(task, bound, stages.budget(stages.effort.peel_work[n]), stages.rng("peel")))
    model = stages.model() if bound > task.lower_bound else None
    for source in _sources(task, stages, model):
        budget = stages.budget(stages.effort.diffusion_work[n])
        tally = ledger.of(source.name)
        rng = stages.rng(source.name)
        keep(pursue(task, source, bound, stages.effort, stages.samples, rng, budget, tally))
    if "search" in stages.proposers:
        budget = stages.budget(stages.effort.search_work[n])
        rng, tally = stages.rng("search"), ledger.of("search")
        if n <= BLIND_QUBITS:
            draws = BlindSource("search", longest_only=best is not None)
            part = budget.take(budget.work / 2)
            keep(pursue(task, draws, bound, stages.effort, stages.samples, rng, part, tally))
            budget.settle(part)
        if n > BLIND_QUBITS or bound >= HARD_COUNT:
            keep(search(task, bound, rng, budget, tally))
    if "search" in stages.proposers and n in stages.effort.far_work and bound >= template_count(task):
        keep(grow_far(task, bound, stages.rng("far"), stages.budget(stages.effort.far_work[n]), ledger.of("search")))
    if n in stages.effort.late_template_work:
        budget = stages.budget(stages.effort.late_template_work[n])
        keep(_template(task, bound, (*EXTRAS[::-1], 0), stages, budget, ledger))
    if best is not None and "edit" in stages.proposers and model is not None and n > model.num_qubits:
        keep(_edits(task, best, model, stages, ledger))
    return None if best is None else _polished(task, best, stages.budget(POLISHING_WORK))


def _polished(task: Task, solution: Solution, budget: Budget) -> Solution:
    """Go on, and begin again from elsewhere, where the descent was slow: it has come to a degenerate solution."""
    if solution.infidelity <= POLISHED:
        return solution
    rng = np.random.default_rng(0)
    pairs, entangler = solution.dressed.pairs, solution.dressed.entangler
    others = (random_start(pairs, task.num_qubits, entangler, rng) for _ in range(POLISHING_STARTS))
    fit = race(task.target, [solution.dressed, *others], tol=POLISHED, budget=budget, heats=POLISHING)
    if fit is None or fit.infidelity > solution.infidelity:
        return solution
    return replace(solution, dressed=fit.dressed, infidelity=fit.infidelity)


def _sources(task: Task, stages: Stages, model: ModelSource | None) -> list[StructureSource]:
    sources: list[StructureSource] = []
    if "diffusion" in stages.proposers and model is not None:
        general = stages.general(task.num_qubits) if task.num_qubits > model.num_qubits else model
        sources += [general] if general is not None else []
    if "random" in stages.proposers:
        sources.append(BlindSource("random"))
    return sources


def _template(
    task: Task, bound: int, extras: Iterable[int], stages: Stages, budget: Budget, ledger: Ledger
) -> Iterator[Solution]:
    """Instantiate the template with one number after another of entanglers beyond its own, as long as that is fewer."""
    rng = stages.rng("template")
    for extra in extras:
        if "template" not in stages.proposers or template_count(task) + extra >= bound or budget.spent:
            continue
        tally = ledger.of("template")
        tally.tried += 1
        fit = template(task, rng, budget, extra)
        if fit is not None:
            bound = len(fit.dressed.pairs)
            tally.record(bound)
            yield Solution(fit.dressed, fit.infidelity, "template")


def _cut(task: Task, bound: int, stages: Stages, ledger: Ledger) -> Iterator[Solution]:
    """Cut the target into unitaries on fewer qubits and make each by its template: the largest that time allows."""
    if "template" not in stages.proposers:
        return
    tally = ledger.of("template")
    for block_qubits in range(BLOCK_QUBITS, task.num_qubits):
        tally.tried += 1
        fit = shannon(task, block_qubits, stages.rng("cut"), stages.budget(float("inf")))
        if fit is not None and fit.infidelity <= task.tol:
            tally.record(len(fit.dressed.pairs))
            yield Solution(fit.dressed, fit.infidelity, "template")


def _edits(task: Task, incumbent: Solution, model: ModelSource, stages: Stages, ledger: Ledger) -> Iterable[Solution]:
    """Rewrite windows of the incumbent with the model."""
    tally = ledger.of("edit")
    rng = stages.rng("edit")

    def rewrite(small: Task, bound: int, budget: Budget) -> Dressed | None:
        part = budget.take(stages.effort.diffusion_work[small.num_qubits])
        found = list(pursue(small, model, bound, stages.effort, stages.samples, rng, part, tally))
        budget.settle(part)
        return found[-1].dressed if found else None

    return edit(task, incumbent, rewrite, stages.budget(stages.effort.edit_work[task.num_qubits]))
