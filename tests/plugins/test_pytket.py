from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pytket")

from pytket.circuit import (
    Bit,
    CircBox,
    Circuit,
    Op,
    OpType,
    QControlBox,
    Qubit,
    Unitary2qBox,
    Unitary3qBox,
    fresh_symbol,
)
from pytket.passes import AutoRebase, DecomposeBoxes, FullPeepholeOptimise, SequencePass

from circuitdiff import InputError
from circuitdiff_pytket import CircuitDiffResynthesis

QUBITS = [Qubit("left", 0), Qubit("left", 1), Qubit("right", 0), Qubit("right", 1)]


def empty_circuit() -> Circuit:
    circuit = Circuit()
    for qubit in QUBITS:
        circuit.add_qubit(qubit)
    return circuit


def random_circuit(seed: int, size: int) -> Circuit:
    """Return a circuit with boxes, barriers, symbols, measurements, conditional and wide gates."""
    rng = np.random.default_rng(seed)
    circuit = empty_circuit()
    for position in range(size):
        circuit.add_bit(Bit(position))
        a, b, c, _ = (QUBITS[place] for place in rng.permutation(4))
        angle = float(rng.uniform(-1, 1))
        match int(rng.integers(12)):
            case 0:
                circuit.Measure(a, Bit(position))
            case 1:
                circuit.add_gate(OpType.CX, [a, b], condition_bits=[Bit(position)], condition_value=1)
            case 2:
                circuit.add_barrier([a, b])
            case 3:
                circuit.Rz(fresh_symbol("a"), a)
            case 4:
                circuit.add_gate(Unitary2qBox(np.eye(4)[[0, 3, 1, 2]]), [a, b])
            case 5:
                circuit.CCX(a, b, c)
            case 6:
                circuit.ZZPhase(angle, a, b).TK1(angle, 0.1, 0.7, c)
            case 7:
                circuit.SWAP(a, b)
            case _:
                circuit.CX(a, b).H(c)
    return circuit


def stand_in(circuit: Circuit) -> np.ndarray:
    """Return a unitary, what is not unitary being replaced by gates that tell one from the other."""
    replaced = empty_circuit()
    for symbol in circuit.free_symbols():
        circuit = circuit.copy()
        circuit.symbol_substitution({symbol: 0.37})
    for command in circuit.get_commands():
        if command.op.type == OpType.Barrier:
            continue
        bits = [unit.index[0] for unit in command.args if unit not in command.qubits]
        if bits:
            for place, qubit in enumerate(sorted(command.qubits)):
                replaced.TK1(0.1 + bits[0], 0.3, 0.2 + place, qubit)
        else:
            replaced.add_gate(command.op, command.args)
    DecomposeBoxes().apply(replaced)
    replaced.add_phase(circuit.phase)
    permutation = circuit.implicit_qubit_permutation()
    for qubit in QUBITS:  # by sorting swaps
        while permutation[qubit] != qubit:
            other = permutation[qubit]
            replaced.SWAP(qubit, other)
            permutation[qubit], permutation[other] = permutation[other], other
    return replaced.get_unitary()


def is_same(a: Circuit, b: Circuit) -> bool:
    """Tell whether two circuits agree, global phase included."""
    return bool(abs(np.vdot(stand_in(a), stand_in(b)) / 16 - 1) < 1e-8)


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(s, marks=pytest.mark.slow) for s in range(8, 108))])
def test_fuzz(seed: int) -> None:
    circuit = random_circuit(seed, 4 + seed % 25)
    if seed % 2:
        circuit.replace_SWAPs()
    result = circuit.copy()
    CircuitDiffResynthesis(effort="fast", cache=None).apply(result)
    assert is_same(circuit, result)
    assert result.qubits == circuit.qubits
    assert result.n_gates_of_type(OpType.Measure) == circuit.n_gates_of_type(OpType.Measure)
    if not circuit.n_gates_of_type(OpType.CCX):
        made = circuit.copy()  # boxes as what they come to: pytket takes one apart into a TK2 of up to three CX
        SequencePass([DecomposeBoxes(), AutoRebase({OpType.U3, OpType.CX})]).apply(made)
        assert result.n_2qb_gates() <= max(circuit.n_2qb_gates(), made.n_2qb_gates())


@pytest.mark.parametrize("allow_swaps", [False, True])
def test_output_of_pytkets_own_peephole_pass_is_shortened(allow_swaps: bool) -> None:
    circuit = empty_circuit()
    for order in ((0, 1, 3), (1, 3, 0), (0, 2, 1)):
        circuit.CCX(*(QUBITS[q] for q in order))
    circuit.CX(QUBITS[0], QUBITS[2])
    peephole = circuit.copy()
    FullPeepholeOptimise(allow_swaps=allow_swaps).apply(peephole)
    result = peephole.copy()
    CircuitDiffResynthesis(effort="fast", cache=None).apply(result)
    assert result.n_2qb_gates() < peephole.n_2qb_gates()
    assert is_same(circuit, result)


def test_couplings_of_the_device_are_kept() -> None:
    a, b, c, _ = QUBITS
    circuit = empty_circuit()
    for _ in range(3):
        circuit.CX(a, b).CX(b, c).CX(a, b)
    result = circuit.copy()
    CircuitDiffResynthesis(pairs=[(a, b), (b, c)], effort="fast", cache=None).apply(result)
    assert is_same(circuit, result)
    assert result.n_2qb_gates() < circuit.n_2qb_gates()
    pairs = {frozenset(command.qubits) for command in result.get_commands() if len(command.qubits) == 2}
    assert pairs <= {frozenset((a, b)), frozenset((b, c))}


def test_what_cannot_be_shortened_comes_back_as_it_was() -> None:
    circuit = Circuit(3, 1).CCX(0, 1, 2).add_gate(Op.create(OpType.Reset), [0]).Measure(0, 0)
    result = circuit.copy()
    CircuitDiffResynthesis(effort="fast", cache=None).apply(result)
    assert result == circuit
    CircuitDiffResynthesis(cache=None).apply(Circuit())


@pytest.mark.parametrize("option", [{"block_size": 9}, {"effort": "huge"}])
def test_options_out_of_range_are_refused_at_once(option: dict[str, object]) -> None:
    with pytest.raises(InputError):
        CircuitDiffResynthesis(**option)


@pytest.mark.parametrize(
    "box",
    [
        Unitary3qBox(np.eye(8)[[0, 1, 2, 3, 4, 5, 7, 6]]),
        CircBox(Circuit(3).CX(0, 1).CX(0, 1).CX(1, 2).CCX(0, 1, 2).CX(1, 2)),
        QControlBox(Op.create(OpType.CX), 1),
    ],
    ids=lambda box: box.type.name,
)
def test_boxes_count_as_what_they_come_to(box: object) -> None:
    circuit = Circuit(4).add_gate(box, [0, 1, 3]).CX(1, 2).CX(1, 2)
    unitary = circuit.get_unitary()
    lowered = circuit.copy()
    DecomposeBoxes().apply(lowered)
    FullPeepholeOptimise(allow_swaps=False).apply(lowered)
    assert CircuitDiffResynthesis(effort="fast", cache=None).apply(circuit)
    assert {command.op.type for command in circuit.get_commands()} <= {OpType.U3, OpType.CX}
    assert circuit.n_2qb_gates() <= max(lowered.n_2qb_gates(), 6)
    np.testing.assert_allclose(circuit.get_unitary(), unitary, atol=1e-4)
