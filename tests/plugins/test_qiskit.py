from __future__ import annotations

import logging
import pickle
import subprocess
import sys
from pathlib import Path

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

LINE = CouplingMap.from_line(5, bidirectional=False)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def count(circuit: QuantumCircuit) -> int:
    """Return the number of gates on two or more qubits, those in bodies included."""
    inner = [body for item in circuit.data for body in getattr(item.operation, "blocks", ())]
    gates = sum(len(i.qubits) > 1 and not i.clbits and i.operation.name != "barrier" for i in circuit.data)
    return gates + sum(map(count, inner))


def toffolis() -> QuantumCircuit:
    circuit = QuantumCircuit(5, global_phase=0.4)
    for qubits in ((0, 1, 2), (1, 2, 3), (0, 2, 1)):
        circuit.ccx(*qubits)
    return circuit


def random_circuit(seed: int, num_qubits: int, size: int, theta: Parameter) -> QuantumCircuit:
    """Return a circuit with gates, a parameter, measurements, conditionals, barriers, delays and resets."""
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(num_qubits, size)
    for position in range(size):
        a, b = map(int, rng.permutation(num_qubits)[:2])
        match int(rng.integers(12)):
            case 0:
                circuit.rz(theta, a)
            case 1:
                circuit.measure(a, position)
            case 2:
                with circuit.if_test((position, 1)):
                    circuit.cx(a, b)
                    circuit.cx(a, b)
            case 3:
                circuit.barrier(a, b)
            case 4:
                circuit.delay(10, a)
            case 5:
                circuit.u(*rng.uniform(-3, 3, 3), a)
            case 6:
                circuit.swap(a, b)
            case kind:
                circuit.cx(a, b) if kind % 2 else circuit.cz(a, b)
    return circuit


def stand_in(circuit: QuantumCircuit, theta: Parameter) -> QuantumCircuit:
    """Put unitaries, the same for the same classical bit, in the places of what is not unitary."""
    bound = circuit.assign_parameters({theta: 0.7}) if theta in circuit.parameters else circuit
    replaced = QuantumCircuit(*circuit.qregs, global_phase=bound.global_phase)
    for item in bound.data:
        if item.operation.name in ("barrier", "delay"):
            continue
        if item.clbits:
            seed = circuit.find_bit(item.clbits[0]).index
            wires = sorted(item.qubits, key=lambda q: circuit.find_bit(q).index)
            replaced.append(UnitaryGate(random_unitary(2 ** len(wires), seed=seed)), wires)
        else:
            replaced.append(item.operation, item.qubits)
    return replaced


def is_same(a: QuantumCircuit, b: QuantumCircuit) -> bool:
    """Tell whether two circuits agree, global phase included."""
    return bool(np.allclose(Operator(a).data, Operator(b).data, atol=1e-8))


@pytest.mark.parametrize("seed", range(12))
def test_pass_respects_whatever_is_in_a_circuit(seed: int) -> None:
    theta = Parameter("theta")
    circuit = random_circuit(seed, 3 + seed % 3, 12 + seed, theta)
    result = PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit)
    assert is_same(stand_in(circuit, theta), stand_in(result, theta))
    assert count(result) <= count(circuit)
    for name in ("measure", "barrier", "delay", "if_else"):
        assert result.count_ops().get(name) == circuit.count_ops().get(name)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400))
def test_fuzz(seed: int) -> None:
    theta = Parameter("theta")
    circuit = random_circuit(seed, 2 + seed % 5, 5 + seed % 30, theta)
    result = PassManager([CircuitDiffResynthesis(effort="fast")]).run(circuit)
    assert is_same(stand_in(circuit, theta), stand_in(result, theta))
    assert count(result) <= count(circuit)


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


@pytest.mark.parametrize(
    "basis", [["u", "cx"], ["rz", "sx", "x", "cz"], ["rz", "sx", "x", "ecr"], ["rx", "ry", "rz", "rzz"]]
)
@pytest.mark.parametrize("coupling", [None, LINE], ids=["all", "line"])
def test_stage_keeps_to_basis_couplings_and_directions(basis: list[str], coupling: CouplingMap | None) -> None:
    settings = {"basis_gates": basis, "coupling_map": coupling, "seed_transpiler": 1, "optimization_level": 1}
    plain = transpile(toffolis(), **settings)
    result = transpile(toffolis(), optimization_method="circuitdiff", **settings)
    assert Operator.from_circuit(result).equiv(Operator(toffolis()), atol=1e-7)
    assert count(result) <= count(plain)
    assert set(result.count_ops()) <= set(basis)
    if coupling is not None:
        assert count(result) < count(plain)
        pairs = {tuple(result.find_bit(q).index for q in i.qubits) for i in result.data if len(i.qubits) == 2}
        assert pairs <= set(coupling.get_edges())


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


def test_forked_children_of_a_process_that_used_the_model_do_not_hang() -> None:
    code = """
import torch, circuitdiff
from circuitdiff.circuits.unitaries import named
from qiskit import QuantumCircuit, transpile
torch.set_num_threads(2)
torch.randn(300, 300) @ torch.randn(300, 300)
circuitdiff.compile(named("toffoli"), effort="fast", timeout=20)
circuit = QuantumCircuit(3)
circuit.cswap(0, 1, 2)
circuit.ccx(0, 1, 2)
found = transpile([circuit] * 4, basis_gates=["u", "cx"], optimization_method="circuitdiff", num_processes=2)
assert len({c.count_ops()["cx"] for c in found}) == 1
"""
    environment = {"QISKIT_PARALLEL": "TRUE", "PATH": "", "XDG_CACHE_HOME": "/nonexistent/readonly", "HOME": "/"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=240, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_installed_plugins_cost_an_unrelated_transpilation_nothing() -> None:
    code = """
import sys
from qiskit import QuantumCircuit, transpile
import circuitdiff_qiskit
circuit = QuantumCircuit(3)
circuit.ccx(0, 1, 2)
transpile(circuit, basis_gates=["u", "cx"], optimization_level=3)
assert "torch" not in sys.modules and "circuitdiff.synthesis" not in sys.modules
from circuitdiff_qiskit import CircuitDiffResynthesis, CircuitDiffSynthesis
CircuitDiffResynthesis()
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


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
