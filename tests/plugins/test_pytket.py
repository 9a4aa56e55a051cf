from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pytket")

from pytket.circuit import Circuit, Qubit

from circuitdiff_pytket import CircuitDiffResynthesis


def test_pass_saves_gates_and_keeps_the_names_of_qubits() -> None:
    circuit = Circuit()
    qubits = [Qubit("left", 0), Qubit("left", 1), Qubit("right", 0), Qubit("right", 1)]
    for qubit in qubits:
        circuit.add_qubit(qubit)
    for order in ((0, 1, 3), (1, 3, 0), (0, 2, 1)):
        circuit.CCX(*(qubits[q] for q in order))
    circuit.CX(qubits[0], qubits[2])
    lowered = circuit.copy()
    from pytket.passes import DecomposeBoxes, FullPeepholeOptimise

    DecomposeBoxes().apply(lowered)
    FullPeepholeOptimise(allow_swaps=False).apply(lowered)
    before = lowered.n_2qb_gates()
    CircuitDiffResynthesis(effort="fast", cache=None).apply(lowered)
    assert lowered.n_2qb_gates() < before
    assert lowered.qubits == circuit.qubits
    overlap = abs(np.vdot(circuit.get_unitary(), lowered.get_unitary())) / 16
    assert overlap == pytest.approx(1.0, abs=1e-8)


def test_measured_circuit_stays() -> None:
    circuit = Circuit(2, 1).CX(0, 1).CX(0, 1).CX(0, 1).Measure(0, 0)
    before = circuit.copy()
    CircuitDiffResynthesis(cache=None).apply(circuit)
    assert circuit == before
