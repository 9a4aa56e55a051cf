"""Circuits with parameters: rotations are carried along, what is fixed is rewritten, and nothing becomes worse."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2, real_amplitudes
from qiskit.quantum_info import Operator
from qiskit.transpiler import PassManager

from circuitdiff_qiskit import CircuitDiffResynthesis, stage_options
from tests.plugins.qiskit_circuits import count


def assert_same(first: QuantumCircuit, second: QuantumCircuit) -> None:
    rng = np.random.default_rng(0)
    values = {parameter: float(rng.uniform(0, 6)) for parameter in first.parameters}
    assert set(second.parameters) == set(values)
    made = Operator.from_circuit(second.assign_parameters(values))
    assert made.equiv(Operator(first.assign_parameters(values)), atol=1e-7)


def qaoa(num_qubits: int, layers: int) -> QuantumCircuit:
    circuit = QuantumCircuit(num_qubits)
    circuit.h(range(num_qubits))
    for layer in range(layers):
        gamma, beta = Parameter(f"gamma{layer}"), Parameter(f"beta{layer}")
        for first in range(num_qubits):
            for second in range(first + 1, num_qubits):
                circuit.cx(first, second)
                circuit.rz(gamma, second)
                circuit.cx(first, second)
        circuit.rx(2 * beta, range(num_qubits))
    return circuit


def test_gates_come_together_past_rotations_that_commute() -> None:
    a, b, c = map(Parameter, "abc")
    circuit = QuantumCircuit(3)
    circuit.cx(0, 1)
    circuit.rz(a, 0)
    circuit.rx(b, 1)
    circuit.cx(0, 1)
    circuit.cz(1, 2)
    circuit.rzz(c, 0, 1)
    circuit.p(a, 2)
    circuit.cz(1, 2)
    done = PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit)
    assert [len(item.qubits) for item in done.data].count(2) == done.count_ops()["rzz"] == 1
    assert_same(circuit, done)


@pytest.mark.parametrize(
    ("circuit", "most"),
    [
        (real_amplitudes(3, entanglement="full", reps=2), 4),  # layers of three CX that two are as good as
        (efficient_su2(4, entanglement="linear", reps=2), 6),
        (efficient_su2(3, entanglement="sca", reps=2), 6),
        (qaoa(4, 1), 12),
    ],
    ids=["real amplitudes", "linear", "sca", "qaoa"],
)
def test_ansatz_circuits_become_no_longer(circuit: QuantumCircuit, most: int) -> None:
    settings = {"basis_gates": ["u", "cx"], "seed_transpiler": 0, "optimization_level": 1}
    with stage_options(cache=None, keep_order=True):
        done = transpile(circuit, optimization_method="circuitdiff", **settings)
    assert count(done) <= min(most, count(transpile(circuit, **settings)))
    assert_same(circuit, done)


def pauli_exponentials(num_qubits: int, terms: list[str], shared: bool) -> QuantumCircuit:
    """Return exponentials of Pauli strings, as UCCSD has them, by staircases of CX and a rotation with a parameter."""
    circuit, common = QuantumCircuit(num_qubits), Parameter("t")
    for number, term in enumerate(terms):
        theta = common * (number + 1) if shared else Parameter(f"t{number}")
        places = [q for q, letter in enumerate(term) if letter != "I"]
        for q in places:
            if term[q] != "Z":
                circuit.h(q) if term[q] == "X" else circuit.rx(np.pi / 2, q)
        for a, b in pairwise(places):
            circuit.cx(a, b)
        circuit.rz(theta, places[-1])
        for a, b in reversed([*pairwise(places)]):
            circuit.cx(a, b)
        for q in places:
            if term[q] != "Z":
                circuit.h(q) if term[q] == "X" else circuit.rx(-np.pi / 2, q)
    return circuit


DOUBLES = ["XXXY", "XXYX", "XYXX", "YYYX"]


@pytest.mark.parametrize("keep_order", [True, False])
@pytest.mark.parametrize(
    "terms", [["XZYI", "YZXI", "IXZY", "IYZX", *DOUBLES], ["XY", "YX", "XY"]], ids=["uccsd", "pairs"]
)
def test_exponentials_of_paulis_become_no_longer(terms: list[str], keep_order: bool) -> None:
    circuit = pauli_exponentials(len(terms[0]), terms, shared=len(terms) == 3)
    settings = {"basis_gates": ["u", "rz", "cx"], "seed_transpiler": 0, "optimization_level": 1}
    with stage_options(cache=None, keep_order=keep_order):
        done = transpile(circuit, optimization_method="circuitdiff", **settings)
    assert count(done) <= count(transpile(circuit, **settings))
    assert_same(circuit, done)


def test_rotations_by_angles_with_parameters_are_joined() -> None:
    a, b = map(Parameter, "ab")
    circuit = QuantumCircuit(3)
    circuit.rzz(a, 0, 1)
    circuit.rz(b, 0)
    circuit.cx(1, 2)
    circuit.rzz(b, 1, 0)
    circuit.rz(2 * b, 0)
    circuit.cx(1, 2)
    circuit.rzz(a, 0, 1)
    circuit.rx(a, 2)
    circuit.rx(-a, 2)
    done = PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit)
    assert done.count_ops() == {"rzz": 1, "rz": 1, "rx": 1}
    assert_same(circuit, done)
