from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, from_pairs, parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.analytic.shannon import shannon, shannon_circuit
from circuitdiff.synthesis.analytic.unitary import analytic_circuit
from circuitdiff.synthesis.problem import SynthesisProblem

STAR = from_pairs([(2, 0), (2, 1), (2, 3)], 4, "star")


def solve(unitary: np.ndarray, coupling: Coupling) -> Circuit:
    return analytic_circuit(unitary, parse_gate_set("u,cx"), coupling)


@pytest.mark.parametrize("block_qubits", [1, 2, 3])
@pytest.mark.parametrize("coupling", [parse_coupling("all", 3), parse_coupling("line", 4), STAR], ids=lambda c: c.name)
def test_decomposition_is_exact_on_the_coupling_map(coupling: Coupling, block_qubits: int) -> None:
    unitary = named(f"haar:{coupling.num_qubits}?seed=5")
    circuit = shannon_circuit(unitary, coupling, block_qubits, solve)
    assert circuit is not None
    assert coupling.allows(circuit.pairs)
    assert infidelity(unitary, circuit.unitary()) < 1e-12


@pytest.mark.parametrize("name", ["qft:4", "ghz:4", "cnx:4", "adder:4", "haar:4", "tfim_exact:4"])
def test_structured_unitaries_with_equal_eigenvalues_are_no_exception(name: str) -> None:
    circuit = shannon_circuit(named(name), parse_coupling("all", 4), 2, solve)
    assert circuit is not None
    assert infidelity(named(name), circuit.unitary()) < 1e-12


def test_a_solver_that_gives_up_ends_the_attempt() -> None:
    assert shannon_circuit(named("haar:3"), parse_coupling("all", 3), 2, lambda unitary, coupling: None) is None


@pytest.mark.parametrize(("coupling", "count"), [("all", 4 * 14 + 8 + 7 + 8), ("line", 4 * 14 + 14 + 11 + 14)])
def test_blocks_of_three_beat_qiskit_on_four_qubits(coupling: str, count: int) -> None:
    problem = SynthesisProblem(named("haar:4?seed=2"), parse_coupling(coupling, 4), "cz", 1e-10, 0)
    fit = shannon(problem, 3, np.random.default_rng(0), Budget())
    assert fit is not None
    assert len(fit.ansatz.pairs) == count
    assert infidelity(problem.target, fit.ansatz.circuit().unitary()) < 1e-10


@pytest.mark.parametrize("entangler", ["rzz", "iswap"])
def test_other_entanglers_are_served(entangler: str) -> None:
    problem = SynthesisProblem(named("haar:4?seed=2"), parse_coupling("all", 4), entangler, 1e-10, 0)
    fit = shannon(problem, 3, np.random.default_rng(0), Budget())
    assert fit is not None
    assert fit.infidelity < 1e-10
    assert fit.ansatz.entangler == entangler


def test_nothing_is_returned_when_the_budget_is_spent() -> None:
    problem = SynthesisProblem(named("haar:4?seed=2"), parse_coupling("all", 4), "cz", 1e-10, 0)
    assert shannon(problem, 3, np.random.default_rng(0), Budget(work=1.0)) is None
