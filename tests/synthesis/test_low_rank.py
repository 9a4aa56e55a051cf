"""States whose qubits can be freed one after the other are prepared by two CZ each."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff import compile
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.evaluation.state_suite import matrix_product
from circuitdiff.synthesis.stages.low_rank import freeing_circuit
from tests.strategies import haar


@pytest.mark.parametrize("n", [1, 2, 5, 9])
@pytest.mark.parametrize("coupling", ["all", "line"])
def test_matrix_product_states_are_freed_qubit_by_qubit(n: int, coupling: str) -> None:
    rng = np.random.default_rng(n)
    state = matrix_product(n, rng) if n > 2 else haar(n, n)[:, 0]
    circuits = [freeing_circuit(state, parse_coupling(coupling, n), rng) for _ in range(8)]
    found = next(circuit for circuit in circuits if circuit is not None)
    assert abs(np.vdot(state, found.unitary()[:, 0])) == pytest.approx(1, abs=1e-10)
    assert parse_coupling(coupling, n).allows([tuple(sorted(op.qubits)) for op in found.operations if op.name == "cz"])


def test_generic_states_are_not_freed() -> None:
    assert freeing_circuit(haar(5, 0)[:, 0], parse_coupling("all", 5), np.random.default_rng(0)) is None


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("coupling", ["all", "line"])
def test_matrix_product_states_take_two_entanglers_a_qubit(seed: int, coupling: str) -> None:
    state = matrix_product(6, np.random.default_rng(seed))
    result = compile(state, coupling=coupling, effort="fast", seed=0)
    assert result.circuit.two_qubit_count <= 2 * 6 - 3
    assert abs(np.vdot(state, result.circuit.unitary()[:, 0])) == pytest.approx(1, abs=1e-8)
