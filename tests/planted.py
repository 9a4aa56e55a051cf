"""Targets with known solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.numerics.ansatz import Dressed
from circuitdiff.numerics.multi_start import Fit, random_start
from circuitdiff.synthesis.problem import Solution, Task
from circuitdiff.synthesis.stages.proposers import blind


class Planted(NamedTuple):
    """A task and the circuit behind its target."""

    task: Task
    solution: Dressed


def task_of(target: NDArray[np.complex128], coupling: str = "all", entangler: str = "cz", bound: int = 0) -> Task:
    num_qubits = target.shape[0].bit_length() - 1
    return Task(target, parse_coupling(coupling, num_qubits), entangler, 1e-10, bound)


def planted(num_qubits: int, length: int, seed: int, coupling: str = "all", entangler: str = "cz") -> Planted:
    """A target that a random dressed structure of some length reaches."""
    rng = np.random.default_rng(seed)
    task = task_of(np.eye(1 << num_qubits, dtype=np.complex128), coupling, entangler)
    solution = random_start(blind(task, length, rng), num_qubits, entangler, rng)
    return Planted(replace(task, target=solution.circuit().unitary()), solution)


def assert_solves(task: Task, found: Fit | Solution | None) -> None:
    """Re-simulate what was found: it reaches the target within the tolerance, with the infidelity that it claims."""
    assert found is not None
    reached = infidelity(task.target, found.dressed.circuit().unitary())
    assert reached <= task.tol
    assert abs(reached - found.infidelity) < 1e-13
    assert task.coupling.allows(found.dressed.pairs)
    assert found.dressed.entangler == task.entangler
