"""The portfolio: stages in order, each of which only has to beat the incumbent."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from circuitdiff.synthesis.effort import Effort
from circuitdiff.synthesis.instantiate import Budget
from circuitdiff.synthesis.pursue import pursue
from circuitdiff.synthesis.search import search
from circuitdiff.synthesis.shannon import shannon
from circuitdiff.synthesis.sources import BlindSource, ModelSource, StructureSource
from circuitdiff.synthesis.structure import Dressed
from circuitdiff.synthesis.task import Ledger, Solution, Task
from circuitdiff.synthesis.template import template, template_count
from circuitdiff.synthesis.windows import edit

logger = logging.getLogger(__name__)

BLIND_QUBITS = 3
"""Largest register on which structures are drawn as whole sequences; beyond, search takes over."""

BLOCK_QUBITS = 3
"""Size of the blocks into which larger targets are cut where their own template is out of reach."""

HARD_COUNT = 7
"""Entanglers from which on blind draws are too few and structures are grown on small registers too."""


@dataclass(frozen=True)
class Stages:
    """Which proposers take part, how hard they try, and the model if one is loaded."""

    proposers: frozenset[str]
    effort: Effort
    samples: int
    patient: bool
    model: ModelSource | None
    seed: int
    deadline: float

    def rng(self, stage: str) -> np.random.Generator:
        """Return a stage's own generator, so that leaving a stage out does not change the others."""
        return np.random.default_rng((self.seed, *stage.encode()))

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
        keep(_template(task, bound, stages, stages.budget(stages.effort.template_work[n]), ledger))
    if best is None and n > BLOCK_QUBITS:
        keep(_cut(task, bound, stages, ledger))
    for source in _sources(task, stages):
        budget = stages.budget(stages.effort.diffusion_work[BLIND_QUBITS])
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
    if best is None and stages.patient:
        keep(_template(task, bound, stages, stages.budget(float("inf")), ledger))
    if (
        best is not None
        and "edit" in stages.proposers
        and stages.model is not None
        and n > stages.model.model.num_qubits
    ):
        keep(_edits(task, best, stages, ledger))
    return best


def _sources(task: Task, stages: Stages) -> list[StructureSource]:
    sources: list[StructureSource] = []
    if "diffusion" in stages.proposers and stages.model is not None:
        sources += [stages.model] * (task.num_qubits <= stages.model.model.num_qubits)
    if "random" in stages.proposers:
        sources += [BlindSource("random")] * (task.num_qubits <= BLIND_QUBITS)
    return sources


def _template(task: Task, bound: int, stages: Stages, budget: Budget, ledger: Ledger) -> list[Solution]:
    if "template" not in stages.proposers or template_count(task) >= bound:
        return []
    tally = ledger.of("template")
    tally.tried += 1
    fit = template(task, stages.rng("template"), budget)
    if fit is None:
        return []
    tally.record(len(fit.dressed.pairs))
    return [Solution(fit.dressed, fit.infidelity, "template")]


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


def _edits(task: Task, incumbent: Solution, stages: Stages, ledger: Ledger) -> Iterable[Solution]:
    """Rewrite windows of the incumbent with the model."""
    model = stages.model
    assert model is not None
    tally = ledger.of("edit")
    rng = stages.rng("edit")

    def rewrite(small: Task, bound: int, budget: Budget) -> Dressed | None:
        part = budget.take(stages.effort.diffusion_work[small.num_qubits])
        found = list(pursue(small, model, bound, stages.effort, stages.samples, rng, part, tally))
        budget.settle(part)
        return found[-1].dressed if found else None

    return edit(task, incumbent, rewrite, stages.budget(stages.effort.edit_work[task.num_qubits]))
