from __future__ import annotations

import logging
import pickle

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import UnitaryGate
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import Operator, random_unitary
from qiskit.transpiler import CouplingMap, PassManager

from circuitdiff import InputError
from circuitdiff_qiskit import CircuitDiffResynthesis, CircuitDiffSynthesis
from tests.plugins.qiskit_circuits import (
    count,
    is_same,
    random_circuit,
    stand_in,
    toffolis,
    two_qubit_cost,
    uneven_triangle,
)

LINE = CouplingMap.from_line(5, bidirectional=False)


@pytest.mark.parametrize("seed", range(12))
def test_pass_respects_whatever_is_in_a_circuit(seed: int) -> None:
    theta = Parameter("theta")
    circuit = random_circuit(seed, 3 + seed % 3, 12 + seed, theta)
    result = PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit)
    assert is_same(stand_in(circuit, theta), stand_in(result, theta))
    assert count(result) <= count(circuit)
    for name in ("measure", "barrier", "delay", "if_else"):
        assert result.count_ops().get(name) == circuit.count_ops().get(name)


@pytest.mark.parametrize("circuit", [QuantumCircuit(), QuantumCircuit(3), QuantumCircuit(200, 3)], ids=str)
def test_empty_circuits_pass(circuit: QuantumCircuit) -> None:
    assert PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit) == circuit


def test_bodies_of_control_flow_are_rewritten() -> None:
    circuit = QuantumCircuit(3, 1)
    circuit.measure(0, 0)
    with circuit.if_test((0, 1)):
        for _ in range(3):
            circuit.cx(1, 2)
    result = PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit)
    assert (count(circuit), count(result)) == (3, 1)


@pytest.mark.parametrize("cost", ["count", "error", "duration"])
def test_pass_on_a_target_writes_what_the_target_has(cost: str) -> None:
    backend = GenericBackendV2(5, basis_gates=["ecr", "rz", "sx", "x"], coupling_map=LINE, seed=3)
    routed = transpile(toffolis(), backend, optimization_level=1, seed_transpiler=2)
    result = PassManager([CircuitDiffResynthesis(backend.target, cost=cost, effort="fast", cache=None)]).run(routed)
    assert Operator(result).equiv(Operator(routed), atol=1e-7)
    assert count(result) <= count(routed)
    for item in result.data:
        qubits = tuple(result.find_bit(q).index for q in item.qubits)
        assert backend.target.instruction_supported(item.operation.name, qubits)


@pytest.mark.parametrize("cost", ["error", "duration"])
def test_pass_saves_no_gates_at_a_higher_cost(cost: str) -> None:
    circuit, target = uneven_triangle()
    result = PassManager([CircuitDiffResynthesis(target, cost=cost, effort="fast", cache=None)]).run(circuit)
    assert Operator(result).equiv(circuit, atol=1e-7)
    assert count(result) < count(circuit)
    assert two_qubit_cost(result, target, cost) < two_qubit_cost(circuit, target, cost)
    assert count(result) == 8  # the fewest that are known on the two good pairs


def test_basis_without_an_entangler_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    result = PassManager([CircuitDiffResynthesis(basis_gates=["u"], cache=None)]).run(toffolis())
    assert result == toffolis()
    assert "nothing to build with" in caplog.text


@pytest.mark.parametrize("option", [{"block_size": 9}, {"effort": "huge"}, {"cost": "error"}, {"cost": "beauty"}])
def test_options_out_of_range_are_refused_at_once(option: dict[str, object]) -> None:
    with pytest.raises(InputError):
        CircuitDiffResynthesis(**option)  # type: ignore[arg-type]


def test_pass_pickles_and_gives_the_same_circuit_again() -> None:
    resynthesis = CircuitDiffResynthesis(effort="fast", cache=None, seed=5)
    again = pickle.loads(pickle.dumps(resynthesis))
    assert PassManager([again]).run(toffolis()) == PassManager([resynthesis]).run(toffolis())


def test_unitary_synthesis_of_three_qubits_is_short_and_right() -> None:
    circuit = QuantumCircuit(4)
    circuit.append(UnitaryGate(random_unitary(8, seed=1)), [2, 0, 3])
    circuit.unitary(random_unitary(4, seed=2), [1, 2])
    config = {"effort": "fast"}
    result = transpile(
        circuit, basis_gates=["u", "cx"], unitary_synthesis_method="circuitdiff", unitary_synthesis_plugin_config=config
    )
    assert Operator(result).equiv(circuit, atol=1e-7)
    assert count(result) <= 14 + 3


@pytest.mark.parametrize("options", [{"config": {"speed": 3}}, {"basis_gates": ["u"]}, {"config": {"effort": "huge"}}])
def test_unitary_synthesis_declines_with_a_reason(options: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert CircuitDiffSynthesis().run(np.eye(8), **options) is None
    assert "leaves a unitary to Qiskit" in caplog.text
