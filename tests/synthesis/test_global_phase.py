"""The circuit of a matrix has the matrix's global phase, in every format that can hold one."""

from __future__ import annotations

import cirq
import numpy as np
import pytest
from qiskit.quantum_info import Operator

import circuitdiff
from circuitdiff.circuits.unitaries import named
from circuitdiff.circuits.unitary_io import reverse_qubits
from circuitdiff.interop import from_qasm, to_cirq, to_qasm, to_qiskit

CASES = (
    ("haar:1?seed=3", "u,cx"), ("haar:2?seed=3", "u,cx"), ("haar:2?seed=3", "ibm-cx"), ("haar:2?seed=3", "ion"),
    ("haar:2?seed=3", "u,iswap"), ("haar:3?seed=3", "u,cz"), ("toffoli", "clifford+t"), ("swap", "u,cx"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "gate_set"), CASES)
def test_compiled_circuit_has_the_phase_of_its_target(name: str, gate_set: str) -> None:
    target = named(name) * np.exp(0.7j)
    circuit = circuitdiff.compile(target, gate_set=gate_set, effort="fast").circuit
    for written in (
        circuit.unitary(),
        from_qasm(to_qasm(circuit)).unitary(),
        Operator(to_qiskit(circuit)).data,
        reverse_qubits(to_cirq(circuit).unitary(qubit_order=cirq.LineQubit.range(circuit.num_qubits))),
    ):
        np.testing.assert_allclose(written, target, atol=1e-6)


def test_circuits_that_are_compiled_keep_their_phase() -> None:
    given = circuitdiff.Circuit.from_gates(3, [("cx", (0, 1), ())] * 3 + [("h", (2,), ())], global_phase=0.4)
    np.testing.assert_allclose(circuitdiff.compile(given).circuit.unitary(), given.unitary(), atol=1e-6)
    np.testing.assert_allclose(circuitdiff.resynthesize(given).circuit.unitary(), given.unitary(), atol=1e-6)
