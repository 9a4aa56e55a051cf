"""Targets with known solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.numerics.ansatz import Ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, random_start
from circuitdiff.synthesis.problem import Candidate, SynthesisProblem
from circuitdiff.synthesis.stages.proposers import random_sequence


class Planted(NamedTuple):
    """A problem and the circuit behind its target."""

    problem: SynthesisProblem
    solution: Ansatz


def task_of(
    target: NDArray[np.complex128], coupling: str = "all", entangler: str = "cz", bound: int = 0
) -> SynthesisProblem:
    num_qubits = target.shape[0].bit_length() - 1
    return SynthesisProblem(target, parse_coupling(coupling, num_qubits), entangler, 1e-10, bound)


def planted(num_qubits: int, length: int, seed: int, coupling: str = "all", entangler: str = "cz") -> Planted:
    """A target that a random ansatz structure of some length reaches."""
    rng = np.random.default_rng(seed)
    problem = task_of(np.eye(1 << num_qubits, dtype=np.complex128), coupling, entangler)
    solution = random_start(random_sequence(problem, length, rng), num_qubits, entangler, rng)
    return Planted(replace(problem, target=solution.circuit().unitary()), solution)


def assert_solves(problem: SynthesisProblem, found: AnsatzFit | Candidate | None) -> None:
    """Re-simulate what was found: it reaches the target within the tolerance, with the infidelity that it claims."""
    assert found is not None
    circuit = found.ansatz.circuit() if isinstance(found, AnsatzFit) else found.circuit
    reached = infidelity(problem.target, circuit.unitary())
    assert reached <= problem.tol
    assert abs(reached - found.infidelity) < 1e-13
    assert problem.coupling.allows(circuit.pairs)
    if isinstance(found, AnsatzFit):
        assert found.ansatz.entangler == problem.entangler
