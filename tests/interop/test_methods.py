from __future__ import annotations

import numpy as np
from qiskit import QuantumCircuit

from circuitdiff import Circuit


def test_circuits_convert_by_their_methods() -> None:
    circuit = Circuit.from_gates(3, [("ry", (2,), (0.3,)), ("cx", (2, 0), ()), ("u", (1,), (0.1, 0.2, 0.3))])
    copies = (
        Circuit.from_qiskit(circuit.to_qiskit()),
        Circuit.from_cirq(circuit.to_cirq()),
        Circuit.from_qasm(circuit.to_qasm()),
        Circuit.from_qasm(circuit.to_qasm(version=2)),
    )
    assert isinstance(circuit.to_qiskit(), QuantumCircuit)
    for copy in copies:
        np.testing.assert_allclose(copy.unitary(), circuit.unitary(), atol=1e-9)
