"""The driver: which stages run, in what order, and what they leave behind."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.spec.cost import parse_cost
from circuitdiff.spec.device import Device
from circuitdiff.synthesis.driver import Driver
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS, PipelineConfig, PipelineStep, work
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages import stage_entry
from circuitdiff.synthesis.stages.proposers import AnsatzProposer
from tests.planted import assert_solves, planted, task_of
from tests.small_models import small_model
from tests.strategies import haar

STEPS = {step.stage: step for step in PRESETS["default"].steps}
TWO_QUBIT = parse_cost("two-qubit", Device(parse_gate_set("u,cz"), all_to_all(3)))


class SmallModels(Models):
    """An untrained model on three qubits, and none of gate sequences."""

    def ansatz_proposer(self, num_qubits: int) -> AnsatzProposer | None:
        return AnsatzProposer(small_model()) if num_qubits <= 3 else None

    def gate_sequence_proposer(self, num_qubits: int) -> None:
        return None


def config(*stages: str, **tables: float) -> PipelineConfig:
    """The default pipeline's stages of some names; work by name where it is given, of any register."""
    steps = [PipelineStep(name, work(1.0, q1=tables[name])) if name in tables else STEPS[name] for name in stages]
    return replace(PRESETS["default"], steps=tuple(steps))


def improved(
    problem: SynthesisProblem, bound: int, given: PipelineConfig, *, seed: int = 0
) -> tuple[Candidate | None, Driver]:
    """Run a pipeline against an incumbent of ``bound`` entanglers that everybody may beat."""
    names = frozenset(stage_entry(step.stage).proposer for step in given.steps)
    driver = Driver(problem, given, SmallModels(), TWO_QUBIT, names, seed)
    gates = [("cz", problem.coupling.pairs[k % len(problem.coupling.pairs)], ()) for k in range(bound)]
    driver.best = Candidate(Circuit.from_gates(problem.num_qubits, gates), 0.0, "analytic")
    begun = driver.best
    driver.run(given.steps)
    driver.polish()
    return None if driver.best is begun else driver.best, driver


@pytest.mark.parametrize("coupling", ["all", "line"])
def test_template_solves_a_generic_unitary(coupling: str) -> None:
    problem = task_of(haar(3, 0), coupling)
    best, driver = improved(problem, 19, config("template"))
    assert_solves(problem, best)
    assert best is not None
    assert (best.source, best.count) == ("template", 14)
    assert driver.stats == {"template": ProposerStats(1, 1, 14)}


@pytest.mark.parametrize("stage", ["diffusion", "random", "search"])
def test_planted_circuits_are_found_by_each_stage_that_places_entanglers(stage: str) -> None:
    """Fewer than four entanglers on a line leave few sequences: even an untrained model proposes them all."""
    problem, _ = planted(3, 2, 0, "line")
    given = replace(config(stage, search=1e9), rounds=2)
    best, driver = improved(replace(problem, lower_bound=2), 4, given)
    assert_solves(problem, best)
    assert best is not None
    assert (best.source, best.count) == (stage, 2)
    assert driver.stats[stage].best_two_qubit_count == 2


def test_best_of_all_stages_is_kept_and_every_improvement_reported() -> None:
    problem, _ = planted(3, 3, 1)
    told: list[Candidate] = []
    given = config("template", "diffusion", "random", "search", search=1e9)
    driver = Driver(problem, given, SmallModels(), TWO_QUBIT, frozenset(STEPS), 0, on_better=told.append)
    driver.run(given.steps)
    assert_solves(problem, driver.best)
    assert driver.best is told[-1]
    keys = [TWO_QUBIT.key(candidate.circuit) for candidate in told]
    assert keys == sorted(keys, reverse=True)
    counts = [s.best_two_qubit_count for s in driver.stats.values() if s.best_two_qubit_count is not None]
    assert driver.best.count == min(counts)  # type: ignore[union-attr]


def test_only_what_beats_the_incumbent_is_taken() -> None:
    problem = task_of(haar(3, 0))
    best, driver = improved(problem, 14, config("template"))
    assert best is None
    assert driver.stats["template"].tried == 0
    assert improved(problem, 15, config("template"))[0] is not None


def test_search_covers_registers_that_no_model_does() -> None:
    ghz = Circuit.from_gates(4, [("h", (0,), ()), ("cx", (0, 1), ()), ("cx", (1, 2), ()), ("cx", (2, 3), ())])
    problem = replace(task_of(ghz.unitary(), "line"), lower_bound=3)
    best, _ = improved(problem, 20, config("diffusion", "search", search=1e9))
    assert_solves(problem, best)
    assert best is not None
    assert (best.source, best.count) == ("search", 3)


def test_proposers_that_take_no_part_leave_no_trace() -> None:
    driver = Driver(task_of(haar(3, 0)), PRESETS["default"], SmallModels(), TWO_QUBIT, frozenset(), 0)
    driver.run(PRESETS["default"].steps)
    assert driver.best is None
    assert driver.stats == {}


def test_results_are_the_same_for_equal_seeds_and_stages_do_not_disturb_each_other() -> None:
    problem, _ = planted(3, 3, 2)
    alone, again = (improved(problem, 10, config("search", search=1e9), seed=4)[0] for _ in range(2))
    assert alone is not None
    assert alone == again
    beside = improved(problem, 10, config("template", "search", search=1e9), seed=4)[0]
    assert beside == alone


def test_driver_ends_at_its_deadline() -> None:
    given = config("search", "template", search=1e15, template=1e15)
    driver = Driver(
        task_of(haar(4, 0)), given, SmallModels(), TWO_QUBIT, frozenset(STEPS), 0, deadline=monotonic() + 0.3
    )
    started = monotonic()
    driver.run(given.steps)
    assert monotonic() - started < 10


def test_windows_of_larger_circuits_are_edited() -> None:
    problem, _ = planted(4, 4, 3, "line")
    before, _ = improved(problem, 20, config("search", search=4e9))
    after, driver = improved(problem, 20, config("search", "edit", search=4e9, edit=1e8))
    assert_solves(problem, after)
    assert before is not None
    assert after is not None
    assert after.count <= before.count
    assert driver.stats["edit"].tried > 0


@pytest.mark.parametrize(("name", "taken"), [("two-qubit", "deep"), ("depth", "shallow")])
def test_cost_decides_what_is_cheaper(name: str, taken: str) -> None:
    """Of three entanglers one after another and four in two layers, whichever comes first."""
    device = Device(parse_gate_set("u,cz"), all_to_all(4))
    deep = Circuit.from_gates(4, [("cz", (0, q), ()) for q in (1, 2, 3)])
    shallow = Circuit.from_gates(4, [("cz", pair, ()) for pair in ((0, 1), (2, 3), (0, 2), (1, 3))])
    candidates = [Candidate(deep, 0.0, "deep"), Candidate(shallow, 0.0, "shallow")]
    anything_counts = replace(task_of(haar(4, 0)), tol=1.0)
    for offered in (candidates, candidates[::-1]):
        driver = Driver(anything_counts, PRESETS["fast"], SmallModels(), parse_cost(name, device), frozenset(), 0)
        for candidate in offered:
            driver.offer(candidate)
        assert driver.best is not None
        assert driver.best.source == taken


def test_circuit_that_is_not_what_its_stage_says_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    problem, solution = planted(3, 3, 1)
    driver = Driver(problem, PRESETS["fast"], SmallModels(), TWO_QUBIT, frozenset(), 0)
    driver.offer(Candidate(solution.circuit(), 0.0, "honest"))
    driver.offer(Candidate(Circuit.from_gates(3, [("cz", (0, 1), ())]), 0.0, "wrong"))
    assert driver.best is not None
    assert driver.best.source == "honest"
    assert "wrong: refused" in caplog.text


def test_work_grows_beyond_the_table_and_is_none_below() -> None:
    table = work(4.0, q3=1.0, q5=8.0)
    assert [table.at(n) for n in range(2, 8)] == [0.0, 1.0, 0.0, 8.0, 32.0, 128.0]
