"""Random circuits with whatever a circuit may have in it, through every way into the compilers."""

from __future__ import annotations

import pytest
from qiskit.circuit import Parameter
from qiskit.transpiler import PassManager

from circuitdiff_qiskit import CircuitDiffResynthesis
from tests.plugins.qiskit_circuits import count, is_same, random_circuit, stand_in


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400))
def test_fuzz(seed: int) -> None:
    theta = Parameter("theta")
    circuit = random_circuit(seed, 2 + seed % 5, 5 + seed % 30, theta)
    result = PassManager([CircuitDiffResynthesis(effort="fast")]).run(circuit)
    assert is_same(stand_in(circuit, theta), stand_in(result, theta))
    assert count(result) <= count(circuit)
