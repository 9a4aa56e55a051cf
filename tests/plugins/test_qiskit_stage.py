from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit, generate_preset_pass_manager, transpile
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap, PassManager

from circuitdiff import InputError
from circuitdiff_qiskit import CircuitDiffResynthesis, stage_options
from tests.plugins.qiskit_circuits import count, toffolis, two_qubit_cost, uneven_triangle

LINE = CouplingMap.from_line(5, bidirectional=False)


@pytest.mark.parametrize(
    "basis", [["u", "cx"], ["rz", "sx", "x", "cz"], ["rz", "sx", "x", "ecr"], ["rx", "ry", "rz", "rzz"]]
)
@pytest.mark.parametrize("coupling", [None, LINE], ids=["all", "line"])
def test_stage_keeps_to_basis_couplings_and_directions(basis: list[str], coupling: CouplingMap | None) -> None:
    settings = {"basis_gates": basis, "coupling_map": coupling, "seed_transpiler": 1, "optimization_level": 1}
    plain = transpile(toffolis(), **settings)
    result = transpile(toffolis(), optimization_method="circuitdiff", **settings)
    assert Operator.from_circuit(result).equiv(Operator(toffolis()), atol=1e-6)
    assert count(result) <= count(plain)
    assert set(result.count_ops()) <= set(basis)
    if coupling is not None:
        assert count(result) < count(plain)
        pairs = {tuple(result.find_bit(q).index for q in i.qubits) for i in result.data if len(i.qubits) == 2}
        assert pairs <= set(coupling.get_edges())


def test_forked_children_of_a_process_that_used_the_model_do_not_hang(tmp_path: Path) -> None:
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
    nowhere = {"XDG_CACHE_HOME": "/dev/null/cache", "HOME": str(tmp_path)}  # not even root can make a folder there
    environment = {"QISKIT_PARALLEL": "TRUE", "PATH": "", **nowhere}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=240, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_installed_plugins_cost_an_unrelated_transpilation_nothing() -> None:
    code = """
import sys
from pathlib import Path
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


def test_options_hold_for_what_is_made_in_their_block() -> None:
    settings = {"basis_gates": ["u", "cx"], "optimization_level": 1, "seed_transpiler": 0}
    plain = transpile(toffolis(), **settings)
    with stage_options(timeout=0.0):
        untouched = generate_preset_pass_manager(optimization_method="circuitdiff", **settings)
        with stage_options(timeout=None):
            inside = transpile(toffolis(), optimization_method="circuitdiff", **settings)
    assert count(untouched.run(toffolis())) == count(plain)
    assert count(inside) == count(transpile(toffolis(), optimization_method="circuitdiff", **settings)) < count(plain)


def test_stage_heeds_the_errors_of_a_device_when_asked_to() -> None:
    circuit, target = uneven_triangle()
    settings = {"optimization_method": "circuitdiff", "optimization_level": 1, "initial_layout": [0, 1, 2]}
    before = two_qubit_cost(circuit, target)
    by_count = transpile(circuit, target=target, **settings)
    with stage_options(cost="error", cache=None):
        by_error = transpile(circuit, target=target, **settings)
    assert Operator.from_circuit(by_error).equiv(Operator(circuit), atol=1e-7)
    assert two_qubit_cost(by_error, target) < before < two_qubit_cost(by_count, target)


@pytest.mark.parametrize("option", [{"speed": 3}, {"effort": "huge"}, {"cost": "beauty"}, {"block_size": 9}])
def test_wrong_options_are_refused_at_once(option: dict[str, object]) -> None:
    with pytest.raises(InputError), stage_options(**option):
        pass


def test_a_cost_that_the_device_does_not_say_is_refused() -> None:
    with stage_options(cost="error"), pytest.raises(InputError, match="gives no error"):
        transpile(toffolis(), basis_gates=["u", "cx"], optimization_method="circuitdiff")


def test_relabelled_wires_stand_in_the_layout() -> None:
    circuit = QuantumCircuit(4)
    circuit.h(0)
    for a, b in ((0, 1), (1, 2), (2, 3)):
        circuit.cx(a, b)
        circuit.cx(b, a)
        circuit.rz(0.3, a)
    with stage_options(keep_order=False, effort="fast", cache=None):
        result = transpile(circuit, basis_gates=["u", "cx"], optimization_method="circuitdiff", optimization_level=1)
    assert Operator.from_circuit(result).equiv(Operator(circuit), atol=1e-7)
    assert result.layout.final_index_layout() != [0, 1, 2, 3]
    assert result.num_nonlocal_gates() == 3


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("gates", [["cz", "rz", "sx", "x"], ["ecr", "rz", "sx", "x"], ["u", "cx"]], ids=",".join)
def test_wires_are_relabelled_after_routing_where_the_rest_fits(gates: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(5)
    for _ in range(9):
        a, b = map(int, rng.permutation(5)[:2])
        circuit.u(*rng.uniform(0, 6, 3), b)
        circuit.cx(a, b)
        circuit.cx(b, a)
    target = GenericBackendV2(5, basis_gates=gates, coupling_map=LINE, seed=0).target
    settings = {"target": target, "seed_transpiler": seed, "optimization_level": 1}
    results = {}
    for keep_order in (True, False):
        with stage_options(keep_order=keep_order, effort="fast", cache=None):
            results[keep_order] = transpile(circuit, optimization_method="circuitdiff", **settings)
        assert Operator.from_circuit(results[keep_order]).equiv(Operator(circuit), atol=1e-6)
        for item in results[keep_order].data:
            places = tuple(results[keep_order].find_bit(q).index for q in item.qubits)
            assert target.instruction_supported(item.operation.name, places)
    assert results[False].num_nonlocal_gates() <= results[True].num_nonlocal_gates()


def test_measurements_follow_relabelled_wires_on_a_device() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.h(0)
    circuit.cx(0, 1)
    for a, b in ((1, 2), (2, 1), (1, 2)):
        circuit.cx(a, b)
    circuit.measure([0, 1, 2], [0, 1, 2])
    target = GenericBackendV2(3, basis_gates=["cz", "rz", "sx", "x"], coupling_map=CouplingMap.from_line(3)).target
    found = CircuitDiffResynthesis(target, keep_order=False, cache=None, effort="fast")
    given = transpile(circuit, target=target, optimization_level=0, initial_layout=[0, 1, 2])
    done = PassManager([found]).run(given)
    assert done.num_nonlocal_gates() == 1
    assert {done.find_bit(i.qubits[0]).index: done.find_bit(i.clbits[0]).index for i in done.data if i.clbits} == {
        0: 0,
        2: 1,
        1: 2,
    }
