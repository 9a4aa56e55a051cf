"""The lower-bound template reaches every generic unitary, and nothing shorter does."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.features.lower_bounds import generic_cx_count
from circuitdiff.numerics.ansatz import cyclic_sequence
from circuitdiff.numerics.multi_start import Budget, multi_start, random_start
from circuitdiff.synthesis.generic_ansatz import TEMPLATE_ROUNDS, instantiate_template, template_sequence
from circuitdiff.synthesis.pipeline import PRESETS
from tests.planted import assert_solves, task_of
from tests.strategies import haar


@pytest.mark.parametrize("coupling", ["all", "line", "ring", "0-2,1-2"])
@pytest.mark.parametrize("seed", range(4))
def test_template_solves_generic_three_qubit_unitaries_with_fourteen(coupling: str, seed: int) -> None:
    task = task_of(haar(3, seed), coupling)
    fit = instantiate_template(task, np.random.default_rng(seed), Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert len(fit.ansatz.pairs) == 14


@pytest.mark.parametrize("num_qubits", [1, 2])
def test_template_solves_small_registers(num_qubits: int) -> None:
    task = task_of(haar(num_qubits, 1))
    fit = instantiate_template(task, np.random.default_rng(0), Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert len(fit.ansatz.pairs) == {1: 0, 2: 3}[num_qubits]


@pytest.mark.parametrize(("entangler", "count"), [("rzz", 11), ("iswap", 14)])
def test_template_builds_with_other_entanglers_too(entangler: str, count: int) -> None:
    task = task_of(haar(3, 2), "line", entangler)
    fit = instantiate_template(task, np.random.default_rng(2), Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert len(fit.ansatz.pairs) == count


@pytest.mark.parametrize("coupling", ["all", "line"])
@pytest.mark.parametrize("seed", range(3))
def test_thirteen_entanglers_never_reach_a_generic_three_qubit_unitary(coupling: str, seed: int) -> None:
    task = task_of(haar(3, seed), coupling)
    pairs = cyclic_sequence(task.coupling.pairs, 13)
    start = random_start(pairs, 3, "cz", np.random.default_rng(seed))
    fit = multi_start(task.target, [start], tol=task.tol, budget=Budget(), rounds=TEMPLATE_ROUNDS)
    assert fit is not None
    assert fit.infidelity > 1e-7


@pytest.mark.parametrize("coupling", ["all", "line"])
def test_template_solves_a_generic_four_qubit_unitary_with_sixty_one(coupling: str) -> None:
    task = task_of(haar(4, 0), coupling)
    fit = instantiate_template(task, np.random.default_rng(0), Budget())
    assert_solves(task, fit)
    assert fit is not None
    assert len(fit.ansatz.pairs) == 61


def test_template_gives_up_with_its_budget() -> None:
    task = task_of(haar(4, 0))
    assert instantiate_template(task, np.random.default_rng(0), Budget(1e6)) is None


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 5])
def test_template_uses_every_coupling_of_the_map(num_qubits: int) -> None:
    task = task_of(np.eye(1 << num_qubits, dtype=complex), "ring")
    pairs = template_sequence(task)
    assert len(pairs) == generic_cx_count(num_qubits)
    assert set(pairs) == set(task.coupling.pairs)


@pytest.mark.parametrize("seed", range(3))
def test_template_solves_an_evolution_on_four_qubits_within_the_work_of_the_least_effort(seed: int) -> None:
    steps = [(name, (q, q + 1), (0.4,)) for q in (0, 2, 1) for name in ("rxx", "ryy", "rzz")]
    evolution = Circuit.from_gates(4, [gate for _ in range(25) for gate in (*steps, ("rz", (0,), (0.7,)))])
    task = task_of(evolution.unitary())
    work = PRESETS["fast"].work_of("template", 4)
    fit = instantiate_template(task, np.random.default_rng(seed), Budget(work))
    assert_solves(task, fit)
