"""The portfolio: which stages run, in what order, and what they leave behind."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.synthesis.pipeline import Stages, improve
from circuitdiff.synthesis.presets import EFFORTS, Effort
from circuitdiff.synthesis.problem import Ledger, Solution, Task
from circuitdiff.synthesis.stages.proposers import ModelSource
from tests.planted import assert_solves, planted, task_of
from tests.small_models import small_model
from tests.strategies import haar

EFFORT = replace(EFFORTS["default"], search_work={3: 1e9, 4: 1e9, 5: 1e8}, edit_work={4: 1e8, 5: 1e8})
MODEL = ModelSource(small_model())
ALL = ("diffusion", "template", "edit", "search", "random")


def stages(*proposers: str, effort: Effort = EFFORT, seed: int = 0) -> Stages:
    return Stages(frozenset(proposers), effort, effort.samples, lambda: MODEL, lambda _: None, seed, float("inf"))


def improved(task: Task, bound: int, given: Stages) -> tuple[Solution | None, Ledger]:
    ledger = Ledger()
    return improve(task, bound, given, ledger), ledger


@pytest.mark.parametrize("coupling", ["all", "line"])
def test_improve_solves_a_generic_unitary_with_the_template(coupling: str) -> None:
    task = task_of(haar(3, 0), coupling)
    best, ledger = improved(task, 19, stages("template"))
    assert_solves(task, best)
    assert best is not None
    assert (best.source, best.count) == ("template", 14)
    assert set(ledger.tallies) == {"template"}
    assert (ledger.of("template").tried, ledger.of("template").solved) == (1, 1)


@pytest.mark.parametrize("proposer", ["diffusion", "random", "search"])
def test_improve_finds_planted_circuits_with_each_proposer_of_structures(proposer: str) -> None:
    """Fewer than four entanglers on a line leave few structures: even an untrained model proposes them all."""
    task, _ = planted(3, 2, 0, "line")
    twice = replace(EFFORT, rounds=2)
    best, ledger = improved(replace(task, lower_bound=2), 4, stages(proposer, effort=twice))
    assert_solves(task, best)
    assert best is not None
    assert (best.source, best.count) == (proposer, 2)
    assert ledger.of(proposer).best_two_qubit_count == 2


def test_improve_keeps_the_best_of_all_stages() -> None:
    task, _ = planted(3, 3, 1)
    best, ledger = improved(task, 20, stages(*ALL))
    assert_solves(task, best)
    assert best is not None
    assert best.count <= 3
    counts = [t.best_two_qubit_count for t in ledger.tallies.values() if t.best_two_qubit_count is not None]
    assert best.count == min(counts)


def test_improve_only_returns_what_beats_the_bound() -> None:
    task = task_of(haar(3, 0))
    best, ledger = improved(task, 14, stages("template", "random"))
    assert best is None
    assert ledger.of("template").tried == 0
    assert improved(task, 15, stages("template"))[0] is not None


def test_improve_of_four_qubits_searches() -> None:
    ghz = Circuit.from_gates(4, [("h", (0,), ()), ("cx", (0, 1), ()), ("cx", (1, 2), ()), ("cx", (2, 3), ())])
    task = replace(task_of(ghz.unitary(), "line"), lower_bound=3)
    best, ledger = improved(task, 20, stages(*(name for name in ALL if name != "random")))
    assert_solves(task, best)
    assert best is not None
    assert (best.source, best.count) == ("search", 3)
    assert {"diffusion", "random"}.isdisjoint(ledger.tallies)


def test_improve_without_proposers_finds_nothing() -> None:
    best, ledger = improved(task_of(haar(3, 0)), 20, stages())
    assert best is None
    assert ledger.tallies == {}


def test_improve_is_the_same_for_equal_seeds_and_stages_do_not_disturb_each_other() -> None:
    task, _ = planted(3, 3, 2)
    alone, again = (improved(task, 10, stages("search", seed=4))[0] for _ in range(2))
    assert alone is not None
    assert again is not None
    np.testing.assert_array_equal(alone.dressed.theta, again.dressed.theta)
    beside = improved(task, 10, stages("search", "template", seed=4))[0]
    assert beside is not None
    np.testing.assert_array_equal(alone.dressed.theta, beside.dressed.theta)


def test_stages_have_generators_of_their_own() -> None:
    draws = {(seed, name): stages(seed=seed).rng(name).random() for seed in (0, 1) for name in ALL}
    assert len(set(draws.values())) == len(draws)
    assert draws[0, "search"] == stages(seed=0).rng("search").random()


def test_improve_ends_at_its_deadline() -> None:
    generous = replace(EFFORT, search_work={4: 1e15}, template_work={4: 1e15})
    given = replace(stages("search", "template", effort=generous), deadline=monotonic() + 0.3)
    started = monotonic()
    improved(task_of(haar(4, 0)), 30, given)
    assert monotonic() - started < 10


def test_improve_keeps_the_template_for_last_where_it_takes_long() -> None:
    """Beyond the registers that have a budget for it, the template is tried when nothing else helped."""
    never = replace(EFFORT, template_work={}, late_template_work={})
    late = replace(never, late_template_work={3: float("inf")})
    task = task_of(haar(3, 0))
    assert improved(task, 20, stages("template", effort=never))[0] is None
    best, _ = improved(task, 20, stages("template", effort=late))
    assert_solves(task, best)
    assert best is not None
    assert best.source == "template"


def test_improve_has_windows_of_larger_circuits_edited() -> None:
    task, _ = planted(4, 4, 3, "line")
    effort = replace(EFFORT, search_work={4: 4e9})
    before, _ = improved(task, 20, stages("search", effort=effort))
    after, ledger = improved(task, 20, stages("search", "edit", effort=effort))
    assert_solves(task, after)
    assert before is not None
    assert after is not None
    assert after.count <= before.count
    assert ledger.of("edit").tried > 0
