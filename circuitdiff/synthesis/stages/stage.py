"""The protocol of stages, and their registry: a new stage is one file that registers itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import numpy as np

from circuitdiff.numerics.multi_start import Budget
from circuitdiff.registry import Registry
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem

if TYPE_CHECKING:
    from circuitdiff.synthesis.models import Models
    from circuitdiff.synthesis.pipeline import PipelineConfig


class Stage(Protocol):
    """A source of candidates; one instance serves one compilation.

    Attributes:
        stats: what it tried and solved.
    """

    stats: ProposerStats

    def run(
        self, problem: SynthesisProblem, incumbent: Candidate | None, budget: Budget, rng: np.random.Generator
    ) -> Iterator[Candidate]:
        """Yield candidates with fewer entanglers than the incumbent, each with fewer than the one before.

        Args:
            problem: what is asked.
            incumbent: the best circuit so far, None where any will do.
            budget: numerical work and time; a stage ends when it is spent.
            rng: the stage's own generator, so that leaving another stage out changes nothing here.
        """
        ...


StageFactory = Callable[["PipelineConfig", "Models"], Stage]


@dataclass(frozen=True)
class StageEntry:
    """A stage of the registry.

    Attributes:
        proposer: the name under which results and ``--proposers`` know it; several stages may share one.
        make: builds an instance for one compilation.
    """

    proposer: str
    make: StageFactory


STAGES: Registry[StageEntry] = Registry("stage")
"""Every stage by name; the pipeline's steps name them."""

HOMES = {"blocks": "circuitdiff.resynthesis.stage"}
"""Stages that stand above this package, whose modules are loaded when the stage is first asked for."""

UNBOUNDED = 10**6
"""Entanglers that any circuit stays below."""


def register_stage(name: str, proposer: str) -> Callable[[StageFactory], StageFactory]:
    """Return a decorator that enters what builds a stage into the registry, under a name and its proposer's."""

    def register(make: StageFactory) -> StageFactory:
        STAGES.register(name, StageEntry(proposer, make))
        return make

    return register


def stage_entry(name: str) -> StageEntry:
    """Return a stage of the registry."""
    if name not in STAGES and name in HOMES:
        import_module(HOMES[name])
    return STAGES[name]


def proposer_names() -> tuple[str, ...]:
    """Return the names of all proposers: the baseline's, and those of the stages."""
    for name in HOMES:
        stage_entry(name)
    return ("analytic", *dict.fromkeys(entry.proposer for entry in STAGES.values()))


def bound_of(incumbent: Candidate | None) -> int:
    """Return the number of entanglers that a candidate must stay below."""
    return UNBOUNDED if incumbent is None else incumbent.count
