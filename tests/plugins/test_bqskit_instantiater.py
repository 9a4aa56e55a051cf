from __future__ import annotations

import asyncio

import numpy as np
import pytest

pytest.importorskip("bqskit")

from bqskit.compiler.passdata import PassData
from bqskit.ir.circuit import Circuit
from bqskit.ir.gates import CNOTGate, CZGate, HGate, RYGate, RZZGate, U3Gate, VariableUnitaryGate
from bqskit.ir.opt.instantiaters import instantiater_order
from bqskit.qis.state.state import StateVector
from bqskit.qis.state.system import StateSystem
from bqskit.qis.unitary.unitarymatrix import UnitaryMatrix

from circuitdiff_bqskit import CircuitDiffInstantiater, CircuitDiffSynthesisPass


def template(*pairs: tuple[int, int]) -> Circuit:
    circuit = Circuit(3)
    for q in range(3):
        circuit.append_gate(U3Gate(), q)
    for number, pair in enumerate(pairs):
        circuit.append_gate((CNOTGate(), CZGate(), RZZGate())[number % 3], pair)
        for q in pair:
            circuit.append_gate(U3Gate() if number % 2 else RYGate(), q)
        circuit.append_gate(HGate(), pair[0])
    return circuit


PAIRS = ((0, 1), (2, 1), (0, 2), (1, 2))


def test_unitaries_of_mixed_gates_are_reached_by_object_and_by_name() -> None:
    source = template(*PAIRS)
    source.set_params(np.random.default_rng(1).uniform(0, 6, source.num_params))
    target = source.get_unitary()
    instantiater_order.append(CircuitDiffInstantiater)
    try:
        for method in (CircuitDiffInstantiater(), "circuitdiff"):
            circuit = template(*PAIRS)
            circuit.instantiate(target, method=method, multistarts=32, seed=3)
            assert circuit.get_unitary().get_distance_from(target) < 1e-6
    finally:
        instantiater_order.remove(CircuitDiffInstantiater)


def test_states_are_reached() -> None:
    source = template(*PAIRS)
    source.set_params(np.random.default_rng(2).uniform(0, 6, source.num_params))
    target = StateVector(np.asarray(source.get_unitary().numpy)[:, 0])
    circuit = template(*PAIRS)
    circuit.instantiate(target, method=CircuitDiffInstantiater(), multistarts=16, seed=1)
    made = np.asarray(circuit.get_unitary().numpy)[:, 0]
    assert abs(np.vdot(made, target.numpy)) > 1 - 1e-9


def test_foreign_gates_and_systems_of_states_are_refused() -> None:
    circuit = Circuit(2)
    circuit.append_gate(VariableUnitaryGate(2), (0, 1))
    assert not CircuitDiffInstantiater.is_capable(circuit)
    with pytest.raises(ValueError, match="via circuitdiff"):
        circuit.instantiate(UnitaryMatrix.identity(4), method=CircuitDiffInstantiater())
    system = StateSystem({StateVector([1, 0, 0, 0]): StateVector([0, 1, 0, 0])})
    with pytest.raises(TypeError, match="StateSystem"):
        CircuitDiffInstantiater().instantiate(template(), system, np.zeros(9))


def test_synthesis_pass_prepares_states() -> None:
    state = np.random.default_rng(4).normal(size=8) + 0j
    target = StateVector(state / np.linalg.norm(state))
    circuit = asyncio.run(CircuitDiffSynthesisPass(effort="fast").synthesize(target, PassData(Circuit(3))))
    made = np.asarray(circuit.get_unitary().numpy)[:, 0]
    assert abs(np.vdot(made, target.numpy)) > 1 - 1e-9
    assert sum(len(op.location) == 2 for op in circuit) <= 3
