"""Windows of larger circuits, and their rewriting."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all, parse_coupling
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import Budget, random_start
from circuitdiff.synthesis.generic_ansatz import instantiate_template
from circuitdiff.synthesis.problem import ProposerStats, SynthesisProblem
from circuitdiff.synthesis.stages.edit import LEAST_ENTANGLERS, SIZE, Window, edit, windows
from circuitdiff.synthesis.stages.search import search
from tests.planted import assert_solves, planted, task_of
from tests.strategies import circuits

WIDE = circuits(("rz", "ry", "u", *["cz"] * 6), min_qubits=4, max_qubits=5, max_gates=20)


def entanglers(circuit: Circuit, window: Window) -> list[int]:
    return [i for i in window.indices if len(circuit.operations[i].qubits) == 2]


@given(WIDE)
def test_windows_can_be_brought_together_without_changing_the_circuit(circuit: Circuit) -> None:
    for window in windows(circuit, all_to_all(circuit.num_qubits)):
        first, inside = window.indices[0], set(window.indices)
        block = [circuit.operations[i] for i in window.indices]
        rest = [op for i, op in enumerate(circuit.operations) if i > first and i not in inside]
        together = replace(circuit, operations=(*circuit.operations[:first], *block, *rest))
        np.testing.assert_allclose(together.unitary(), circuit.unitary(), atol=1e-12)


@given(WIDE, st.sampled_from(["all", "line", "ring"]))
def test_windows_hold_connected_qubits_and_enough_entanglers(circuit: Circuit, text: str) -> None:
    coupling = parse_coupling(text, circuit.num_qubits)
    found = windows(circuit, coupling)
    for window in found:
        assert len(window.qubits) == SIZE
        assert coupling.restricted(window.qubits) is not None
        assert {q for i in window.indices for q in circuit.operations[i].qubits} <= set(window.qubits)
        assert list(window.indices) == sorted(set(window.indices))
    counts = [len(entanglers(circuit, window)) for window in found]
    assert counts == sorted(counts, reverse=True)
    assert min(counts, default=LEAST_ENTANGLERS) >= LEAST_ENTANGLERS


@given(WIDE)
def test_windows_do_not_contain_one_another(circuit: Circuit) -> None:
    found = windows(circuit, all_to_all(circuit.num_qubits))
    assert len({window.indices for window in found}) == len(found)
    for a, b in combinations(found, 2):
        assert not set(a.indices) < set(b.indices)
        assert not set(b.indices) < set(a.indices)


@given(WIDE)
def test_windows_are_as_long_as_they_can_be(circuit: Circuit) -> None:
    """What follows a window on its qubits has met an operation that leaves them."""
    for window in windows(circuit, all_to_all(circuit.num_qubits)):
        blocked: set[int] = set()
        for index, op in enumerate(circuit.operations[window.indices[0] :], window.indices[0]):
            if index in window.indices:
                assert blocked.isdisjoint(op.qubits)
            elif set(op.qubits) <= set(window.qubits):
                assert not blocked.isdisjoint(op.qubits)
                blocked |= set(op.qubits)
            else:
                blocked |= set(op.qubits)


@pytest.fixture(scope="module")
def inflated() -> tuple[SynthesisProblem, Circuit]:
    """Four qubits on a ring, three of which pass fourteen entanglers where three would do; five would do in all."""
    rng = np.random.default_rng(0)
    fit = instantiate_template(planted(3, 3, 0, "line").problem, rng, Budget())
    assert fit is not None
    block = fit.ansatz.circuit().permuted((1, 2, 3), 4).operations
    sides = [random_start((pair,), 4, "cz", rng).circuit() for pair in ((0, 1), (0, 3))]
    whole = Circuit(4, (*sides[0].operations, *block, *sides[1].operations))
    ansatz = to_ansatz(whole)
    assert len(ansatz.pairs) == 16
    return task_of(whole.unitary(), "ring"), ansatz.circuit()


def searching(small: SynthesisProblem, bound: int, budget: Budget) -> Circuit | None:
    found = list(search(small, bound, np.random.default_rng(0), Budget(5e8), ProposerStats()))
    return found[-1].circuit if found else None


def test_edit_shortens_a_circuit_with_a_redundant_block(inflated: tuple[SynthesisProblem, Circuit]) -> None:
    problem, solution = inflated
    found = list(edit(problem, solution, searching, Budget()))
    counts = [solution.two_qubit_count, *(len(better.ansatz.pairs) for better in found)]
    assert counts[-1] <= 5
    assert counts == sorted(set(counts), reverse=True)
    for better in found:
        assert_solves(problem, better)


def test_edit_asks_for_fewer_entanglers_on_the_windows_own_couplings(
    inflated: tuple[SynthesisProblem, Circuit],
) -> None:
    problem, solution = inflated
    asked: list[tuple[SynthesisProblem, int]] = []

    def asking(small: SynthesisProblem, bound: int, budget: Budget) -> None:
        asked.append((small, bound))

    assert list(edit(problem, solution, asking, Budget())) == []
    circuit = solution
    expected = [
        (len(entanglers(circuit, w)), problem.coupling.restricted(w.qubits)) for w in windows(circuit, problem.coupling)
    ]
    assert [(bound, small.coupling) for small, bound in asked] == expected
    for small, bound in asked:
        assert small.target.shape == (8, 8)
        assert small.lower_bound <= bound
        assert small.entangler == problem.entangler


def test_edit_believes_no_rewrite_that_misses_the_target(inflated: tuple[SynthesisProblem, Circuit]) -> None:
    problem, solution = inflated

    def wrong(small: SynthesisProblem, bound: int, budget: Budget) -> Circuit:
        return planted(3, 2, 7, "line").solution.circuit()

    assert list(edit(problem, solution, wrong, Budget())) == []


def test_edit_without_budget_asks_nothing(inflated: tuple[SynthesisProblem, Circuit]) -> None:
    problem, solution = inflated

    def never(small: SynthesisProblem, bound: int, budget: Budget) -> None:
        pytest.fail("a window was asked about without budget")

    assert list(edit(problem, solution, never, Budget(0.0))) == []
