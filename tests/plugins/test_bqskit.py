from __future__ import annotations

import asyncio

import numpy as np
import pytest

pytest.importorskip("bqskit")

from bqskit.compiler.machine import MachineModel
from bqskit.compiler.passdata import PassData
from bqskit.ir.circuit import Circuit
from bqskit.ir.gates import (
    BarrierPlaceholder,
    CCXGate,
    CircuitGate,
    CNOTGate,
    ConstantUnitaryGate,
    CSUMGate,
    CZGate,
    HGate,
    ISwapGate,
    RZGate,
    RZZGate,
    SwapGate,
    TGate,
    U3Gate,
)
from bqskit.qis.unitary.unitarymatrix import UnitaryMatrix

import circuitdiff
from circuitdiff_bqskit import CircuitDiffSynthesisPass
from circuitdiff_bqskit.synthesis import two_qubit_cost

LINE = [(0, 1), (1, 2)]


def two_qubit_gates(circuit: Circuit) -> list[tuple[int, ...]]:
    return [tuple(sorted(op.location)) for op in circuit if len(op.location) == 2]


def fredkin_toffoli() -> Circuit:
    given = circuitdiff.Circuit.from_gates(3, [("ccx", (0, 1, 2), ()), ("cswap", (1, 0, 2), ())])
    lowered = circuitdiff.resynthesize(given, effort="fast", cache=None).before
    circuit = Circuit(3)
    for name, qubits, params in lowered.operations:
        circuit.append_gate(CNOTGate() if name == "cx" else U3Gate(), qubits, params)
    return circuit


@pytest.mark.parametrize("coupling", [None, LINE], ids=["all", "line"])
def test_block_is_shortened_on_its_couplings(coupling: list[tuple[int, int]] | None) -> None:
    circuit = fredkin_toffoli()
    data = PassData(circuit)
    data.model = MachineModel(3, coupling)
    before, target = len(two_qubit_gates(circuit)), circuit.get_unitary()
    asyncio.run(CircuitDiffSynthesisPass(effort="fast").run(circuit, data))
    assert circuit.get_unitary().get_distance_from(target) < 1e-6
    if coupling is None:
        assert len(two_qubit_gates(circuit)) < before
    elif len(two_qubit_gates(circuit)) < before:
        assert set(two_qubit_gates(circuit)) <= set(LINE)


def test_unitary_is_synthesised_in_bqskits_bit_order_and_gate_set() -> None:
    target = UnitaryMatrix.random(3)
    data = PassData(Circuit(3))
    data.model = MachineModel(3, LINE, {CZGate(), U3Gate()})
    circuit = asyncio.run(CircuitDiffSynthesisPass(effort="fast").synthesize(target, data))
    assert circuit.get_unitary().get_distance_from(target) < 1e-6
    assert {op.gate for op in circuit if len(op.location) == 2} == {CZGate()}
    assert set(two_qubit_gates(circuit)) <= set(LINE)


def test_wide_blocks_stay() -> None:
    circuit = Circuit(6)
    circuit.append_gate(CNOTGate(), (0, 5))
    asyncio.run(CircuitDiffSynthesisPass().run(circuit, PassData(circuit)))
    assert np.allclose(two_qubit_gates(circuit), [(0, 5)])


def random_circuit(seed: int, size: int) -> Circuit:
    """Return a circuit on 1 to 6 qubits with barriers, circuits inside, matrices and idle qubits."""
    rng = np.random.default_rng(seed)
    num_qubits = 1 + seed % 6
    inner = Circuit(2)
    for _ in range(3):
        inner.append_gate(CNOTGate(), (0, 1))
    gates = (
        *(CNOTGate(), CNOTGate(), CNOTGate(), CZGate(), U3Gate(), HGate(), TGate(), RZGate(), RZZGate(), SwapGate()),
        *(ISwapGate(), CCXGate(), CircuitGate(inner), ConstantUnitaryGate(UnitaryMatrix.random(2))),
        *((BarrierPlaceholder(2),) if seed % 3 == 0 else ()),
    )
    circuit = Circuit(num_qubits)
    for _ in range(size):
        gate = gates[rng.integers(len(gates))]
        if gate.num_qudits <= num_qubits:
            places = [int(q) for q in rng.permutation(num_qubits)[: gate.num_qudits]]
            circuit.append_gate(gate, places, list(rng.uniform(-3, 3, gate.num_params)))
    return circuit


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(s, marks=pytest.mark.slow) for s in range(8, 150))])
def test_fuzz(seed: int) -> None:
    circuit = random_circuit(seed, seed % 24)
    has_barrier = any(isinstance(op.gate, BarrierPlaceholder) for op in circuit)
    given = circuit.copy()
    target, before = circuit.get_unitary(), two_qubit_cost(circuit)
    asyncio.run(CircuitDiffSynthesisPass(effort="fast").run(circuit, PassData(circuit)))
    assert circuit.get_unitary().get_distance_from(target) < 1e-6
    assert two_qubit_cost(circuit) <= before
    assert not has_barrier or circuit == given


def test_qutrits_stay() -> None:
    circuit = Circuit(2, [3, 3])
    circuit.append_gate(CSUMGate(3), (0, 1))
    asyncio.run(CircuitDiffSynthesisPass().run(circuit, PassData(circuit)))
    assert circuit.num_operations == 1


def as_block(circuit: Circuit) -> Circuit:
    block = Circuit(circuit.num_qudits)
    block.append_gate(CircuitGate(circuit), range(circuit.num_qudits))
    return block


@pytest.mark.parametrize(
    "given",
    [
        Circuit.from_unitary(UnitaryMatrix(np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]])),
        Circuit.from_unitary(UnitaryMatrix.random(2)),
        Circuit.from_unitary(UnitaryMatrix(np.eye(16)[[*range(14), 15, 14]])),
        as_block(fredkin_toffoli()),
    ],
    ids=["toffoli", "two qubits", "three controls", "block"],
)
def test_unitaries_and_blocks_are_made(given: Circuit) -> None:
    before = given.get_unitary()
    made = given.copy()
    asyncio.run(CircuitDiffSynthesisPass(effort="fast").run(made, PassData(made)))
    assert all(isinstance(op.gate, U3Gate | CNOTGate) for op in made)
    assert made.get_unitary().get_distance_from(before) < 1e-5
