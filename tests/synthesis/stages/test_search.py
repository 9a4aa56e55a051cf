"""Search without a model: known minima found within a fixed amount of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import Budget, Fit
from circuitdiff.synthesis.presets import EFFORTS
from circuitdiff.synthesis.problem import Solution, Tally, Task
from circuitdiff.synthesis.stages.search import grow, grow_backwards, grow_far, layered, scatter, search
from tests.planted import assert_solves, planted, task_of
from tests.strategies import haar

Growth = Callable[[Task, int, int, float, np.random.Generator, Budget], Fit | None]


def ghz(num_qubits: int) -> Circuit:
    chain = [("cx", (q, q + 1), ()) for q in range(num_qubits - 1)]
    return Circuit.from_gates(num_qubits, [("h", (0,), ()), *chain])


def searched(task: Task, bound: int, work: float, seed: int = 0) -> tuple[list[Solution], Tally]:
    tally = Tally()
    return list(search(task, bound, np.random.default_rng(seed), Budget(work), tally)), tally


@pytest.mark.parametrize("coupling", ["all", "line", "ring"])
def test_search_finds_a_four_qubit_ghz_circuit_in_three(coupling: str) -> None:
    task = replace(task_of(ghz(4).unitary(), coupling), lower_bound=3)
    found, tally = searched(task, 20, 2e9)
    assert_solves(task, found[-1])
    assert found[-1].count == 3
    assert tally.best_two_qubit_count == 3


@pytest.mark.parametrize(
    ("coupling", "seed"), [("all", 0), ("all", 6), ("line", 1), ("line", 6), ("ring", 3), ("ring", 8)]
)
def test_search_finds_planted_four_qubit_circuits_of_five(coupling: str, seed: int) -> None:
    task, _ = planted(4, 5, seed, coupling)
    found, _ = searched(replace(task, lower_bound=5), 20, EFFORTS["default"].search_work[4])
    assert_solves(task, found[-1])
    assert found[-1].count <= 5


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_search_solutions_are_exact_and_ever_shorter(entangler: str) -> None:
    task, _ = planted(3, 4, 3, "line", entangler)
    found, tally = searched(task, 12, 5e8)
    counts = [solution.count for solution in found]
    assert counts
    assert counts == sorted(set(counts), reverse=True)
    assert counts[0] < 12
    for solution in found:
        assert_solves(task, solution)
        assert solution.source == "search"
    assert tally.best_two_qubit_count == counts[-1]
    assert tally.tried >= tally.solved >= len(found)


def test_search_is_the_same_for_equal_seeds() -> None:
    task, _ = planted(3, 4, 1)
    first, second = (searched(task, 10, 2e8, seed=5)[0] for _ in range(2))
    assert [solution.dressed.pairs for solution in first] == [solution.dressed.pairs for solution in second]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.dressed.theta, b.dressed.theta)


def test_search_stays_below_its_bound_and_ends_with_its_budget() -> None:
    task = task_of(haar(3, 1))
    budget, tally = Budget(1e8), Tally()
    assert list(search(task, 6, np.random.default_rng(0), budget, tally)) == []
    assert budget.spent
    assert budget.work > -5e7
    assert tally.tried > 0
    assert tally.solved == 0


def test_search_does_nothing_at_the_lower_bound() -> None:
    task = replace(task_of(ghz(3).unitary()), lower_bound=2)
    budget = Budget(1e9)
    assert list(search(task, 2, np.random.default_rng(0), budget, Tally())) == []
    assert budget.work == 1e9


def test_search_ends_at_its_deadline() -> None:
    budget = Budget(1e12, deadline=0.0)
    assert list(search(task_of(haar(4, 0)), 40, np.random.default_rng(0), budget, Tally())) == []


@pytest.mark.parametrize("growth", [grow, grow_backwards])
@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_growth_reaches_targets_of_two_entanglers_from_either_end(growth: Growth, entangler: str) -> None:
    task, _ = planted(3, 2, 4, "line", entangler)
    fit = growth(task, 4, 3, 0.0, np.random.default_rng(1), Budget(1e9))
    assert_solves(task, fit)
    assert fit is not None
    assert len(fit.dressed.pairs) <= 3


def test_growth_never_reaches_its_bound() -> None:
    task, _ = planted(3, 4, 0)
    assert grow(task, 3, 2, 0.0, np.random.default_rng(0), Budget(1e9)) is None
    assert grow(task, 1, 2, 0.0, np.random.default_rng(0), Budget(1e9)) is None


@pytest.mark.parametrize("length", [0, 4, 7])
def test_layered_structures_use_each_coupling_once_before_any_twice(length: int) -> None:
    task = task_of(np.eye(16, dtype=complex), "ring")
    pairs = layered(task, length, np.random.default_rng(length))
    assert len(pairs) == length
    for start in range(0, length, 4):
        layer = pairs[start : start + 4]
        assert len(set(layer)) == len(layer)
        assert set(layer) <= set(task.coupling.pairs)


def test_scatter_solves_with_more_entanglers_than_needed() -> None:
    task = task_of(haar(2, 0))
    fit = scatter(task, 4, np.random.default_rng(0), Budget())
    assert_solves(task, fit)
    assert scatter(task, 2, np.random.default_rng(0), Budget()) is None


@pytest.mark.parametrize("entangler", ["cz", "rzz", "iswap"])
def test_growth_in_one_go_reaches_deep_structured_targets(entangler: str) -> None:
    """A step of the Heisenberg chain on four qubits: nine CZ or rzz suffice, a generic target takes 61."""
    task, tally = task_of(named("heisenberg:4"), "line", entangler), Tally()
    (found,) = grow_far(task, 61, np.random.default_rng(0), Budget(6e10), tally)
    assert_solves(task, found)
    assert found.count <= 20
    assert (tally.solved, tally.best_two_qubit_count) == (1, found.count)


def test_growth_in_one_go_gives_a_generic_target_up() -> None:
    tally = Tally()
    assert not list(grow_far(task_of(haar(4, 0)), 61, np.random.default_rng(0), Budget(4e9), tally))
    assert tally.tried == 4
