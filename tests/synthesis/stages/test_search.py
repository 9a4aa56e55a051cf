"""Search without a model: known minima found within a fixed amount of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import AnsatzFit, Budget
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.problem import Candidate, ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.bottom_up_search import bottom_up_search, bottom_up_search_backwards
from circuitdiff.synthesis.stages.deep_search import LINES, DeepSearchStage
from circuitdiff.synthesis.stages.layered import instantiate_layered, layered
from circuitdiff.synthesis.stages.search import search
from tests.planted import assert_solves, planted, task_of
from tests.strategies import haar

Growth = Callable[[SynthesisProblem, int, int, float, np.random.Generator, Budget], AnsatzFit | None]


def ghz(num_qubits: int) -> Circuit:
    chain = [("cx", (q, q + 1), ()) for q in range(num_qubits - 1)]
    return Circuit.from_gates(num_qubits, [("h", (0,), ()), *chain])


def searched(
    problem: SynthesisProblem, bound: int, work: float, seed: int = 0
) -> tuple[list[Candidate], ProposerStats]:
    tally = ProposerStats()
    return list(search(problem, bound, np.random.default_rng(seed), Budget(work), tally)), tally


@pytest.mark.parametrize("coupling", ["all", "line", "ring"])
def test_search_finds_a_four_qubit_ghz_circuit_in_three(coupling: str) -> None:
    problem = replace(task_of(ghz(4).unitary(), coupling), lower_bound=3)
    found, tally = searched(problem, 20, 2e9)
    assert_solves(problem, found[-1])
    assert found[-1].count == 3
    assert tally.best_two_qubit_count == 3


@pytest.mark.parametrize(
    ("coupling", "seed"), [("all", 0), ("all", 6), ("line", 1), ("line", 6), ("ring", 3), ("ring", 8)]
)
def test_search_finds_planted_four_qubit_circuits_of_five(coupling: str, seed: int) -> None:
    problem, _ = planted(4, 5, seed, coupling)
    found, _ = searched(replace(problem, lower_bound=5), 20, PRESETS["default"].work_of("search", 4))
    assert_solves(problem, found[-1])
    assert found[-1].count <= 5


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_search_solutions_are_exact_and_ever_shorter(entangler: str) -> None:
    problem, _ = planted(3, 4, 3, "line", entangler)
    found, tally = searched(problem, 12, 5e8)
    counts = [solution.count for solution in found]
    assert counts
    assert counts == sorted(set(counts), reverse=True)
    assert counts[0] < 12
    for solution in found:
        assert_solves(problem, solution)
        assert solution.source == "search"
    assert tally.best_two_qubit_count == counts[-1]
    assert tally.tried >= tally.solved >= len(found)


def test_search_is_the_same_for_equal_seeds() -> None:
    problem, _ = planted(3, 4, 1)
    first, second = (searched(problem, 10, 2e8, seed=5)[0] for _ in range(2))
    assert first
    assert [solution.circuit for solution in first] == [solution.circuit for solution in second]


def test_search_stays_below_its_bound_and_ends_with_its_budget() -> None:
    problem = task_of(haar(3, 1))
    budget, tally = Budget(1e8), ProposerStats()
    assert list(search(problem, 6, np.random.default_rng(0), budget, tally)) == []
    assert budget.spent
    assert budget.work > -5e7
    assert tally.tried > 0
    assert tally.solved == 0


def test_search_does_nothing_at_the_lower_bound() -> None:
    problem = replace(task_of(ghz(3).unitary()), lower_bound=2)
    budget = Budget(1e9)
    assert list(search(problem, 2, np.random.default_rng(0), budget, ProposerStats())) == []
    assert budget.work == 1e9


def test_search_ends_at_its_deadline() -> None:
    budget = Budget(1e12, deadline=0.0)
    assert list(search(task_of(haar(4, 0)), 40, np.random.default_rng(0), budget, ProposerStats())) == []


@pytest.mark.parametrize("growth", [bottom_up_search, bottom_up_search_backwards])
@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_growth_reaches_targets_of_two_entanglers_from_either_end(growth: Growth, entangler: str) -> None:
    problem, _ = planted(3, 2, 4, "line", entangler)
    fit = growth(problem, 4, 3, 0.0, np.random.default_rng(1), Budget(1e9))
    assert_solves(problem, fit)
    assert fit is not None
    assert len(fit.ansatz.pairs) <= 3


def test_growth_never_reaches_its_bound() -> None:
    problem, _ = planted(3, 4, 0)
    assert bottom_up_search(problem, 3, 2, 0.0, np.random.default_rng(0), Budget(1e9)) is None
    assert bottom_up_search(problem, 1, 2, 0.0, np.random.default_rng(0), Budget(1e9)) is None


@pytest.mark.parametrize("length", [0, 4, 7])
def test_layered_structures_use_each_coupling_once_before_any_twice(length: int) -> None:
    problem = task_of(np.eye(16, dtype=complex), "ring")
    pairs = layered(problem, length, np.random.default_rng(length))
    assert len(pairs) == length
    for start in range(0, length, 4):
        layer = pairs[start : start + 4]
        assert len(set(layer)) == len(layer)
        assert set(layer) <= set(problem.coupling.pairs)


def test_scatter_solves_with_more_entanglers_than_needed() -> None:
    problem = task_of(haar(2, 0))
    fit = instantiate_layered(problem, 4, np.random.default_rng(0), Budget())
    assert_solves(problem, fit)
    assert instantiate_layered(problem, 2, np.random.default_rng(0), Budget()) is None


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_deep_search_reaches_deep_structured_targets(entangler: str) -> None:
    """A step of the Heisenberg chain on four qubits: nine CZ or rzz suffice, a generic target takes 61."""
    problem, stage = task_of(named("heisenberg:4"), "line", entangler), DeepSearchStage()
    (found,) = stage.run(problem, None, Budget(6e10), np.random.default_rng(0))
    assert_solves(problem, found)
    assert found.count <= 20
    assert (stage.stats.solved, stage.stats.best_two_qubit_count) == (1, found.count)


def test_deep_search_gives_a_generic_target_up() -> None:
    stage = DeepSearchStage()
    assert not list(stage.run(task_of(haar(4, 0)), generic_incumbent(), Budget(4e9), np.random.default_rng(0)))
    assert stage.stats.tried == len(LINES)


def generic_incumbent() -> Candidate:
    """As many entanglers as a generic target on four qubits takes."""
    gates = [("cz", (q % 3, q % 3 + 1), ()) for q in range(61)]
    return Candidate(Circuit.from_gates(4, gates), 0.0, "template")
