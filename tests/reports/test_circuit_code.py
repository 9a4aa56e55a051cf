"""Code of a circuit makes the same circuit wherever it is run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES
from circuitdiff.reports.circuit_code import codes

EVERY_GATE = Circuit.from_gates(
    3, [(name, tuple(range(gate.num_qubits)), [0.3] * gate.num_params) for name, gate in GATES.items()]
)


@pytest.fixture(scope="module")
def code() -> dict[str, str]:
    return codes(EVERY_GATE)


def run(text: str) -> Any:
    names: dict[str, Any] = {}
    exec(text, names)
    return names["circuit"]


def overlap(unitary: Any) -> float:
    return float(abs(np.vdot(unitary, EVERY_GATE.unitary())) / 8)


def test_qiskit_code_makes_the_circuit(code: dict[str, str]) -> None:
    from qiskit.quantum_info import Operator

    assert overlap(Operator(run(code["Qiskit"])).data) == pytest.approx(1, abs=1e-9)


def test_cirq_code_makes_the_circuit(code: dict[str, str]) -> None:
    assert overlap(Circuit.from_cirq(run(code["Cirq"])).unitary()) == pytest.approx(1, abs=1e-9)


def test_other_code_makes_the_circuit(code: dict[str, str]) -> None:
    for name in ("OpenQASM 2", "OpenQASM 3"):
        assert overlap(Circuit.from_qasm(code[name]).unitary()) == pytest.approx(1, abs=1e-9)
    assert overlap(run(code["circuitdiff"]).unitary()) == pytest.approx(1, abs=1e-9)
