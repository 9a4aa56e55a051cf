"""Targets that commute with a Pauli string take fewer entanglers than a generic one."""

import numpy as np
import pytest
from scipy.linalg import expm

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import U_CZ, parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.analytic.symmetry import Matrix, pauli_matrix, pauli_symmetries, symmetric_circuit
from circuitdiff.synthesis.analytic.unitary import analytic_circuit
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.symmetry import SymmetryStage


def _problem(target: Matrix) -> SynthesisProblem:
    n = len(target).bit_length() - 1
    return SynthesisProblem(target, all_to_all(n), "cz", 1e-10, 0, parse_gate_set("u,cx"), None)


def _commuting(string: str, rng: np.random.Generator) -> Matrix:
    """Return a random unitary that commutes with a Pauli string."""
    pauli = pauli_matrix(string)
    size = len(pauli)
    mixed = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    hermitian = mixed + mixed.conj().T
    return np.asarray(expm(1j * (hermitian + pauli @ hermitian @ pauli) / size))


@pytest.mark.parametrize("string", ["ZII", "IXY", "XYZ", "YZXY", "IZIX"])
def test_circuits_of_symmetric_unitaries_do_what_they_do(string: str) -> None:
    target = _commuting(string, np.random.default_rng(1))
    assert list(pauli_symmetries(target)) == [string]
    circuit = symmetric_circuit(target, string, lambda block, coupling: analytic_circuit(block, U_CZ, coupling))
    assert circuit is not None
    assert np.abs(circuit.unitary() - target).max() < 1e-9


def test_symmetries_of_a_heisenberg_chain_are_its_parities_and_a_generic_unitary_has_none() -> None:
    assert list(pauli_symmetries(np.asarray(named("heisenberg_exact:4")))) == ["XXXX", "YYYY", "ZZZZ"]
    assert not list(pauli_symmetries(np.asarray(named("haar:3?seed=1"))))


def test_generic_symmetric_targets_take_fewer_than_the_template() -> None:
    problem = _problem(_commuting("YZXY", np.random.default_rng(2)))
    found = list(SymmetryStage().run(problem, None, Budget(4e9), np.random.default_rng(0)))
    assert found
    assert found[-1].count < template_count(problem)
    assert infidelity(problem.target, found[-1].circuit.unitary()) <= problem.tol
