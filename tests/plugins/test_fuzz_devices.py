"""Random programs, on devices of several gates and where all pairs are coupled, rewritten by one thread and by more."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Delay, IfElseOp, Measure, Parameter, Reset
from qiskit.circuit.library import CZGate, ECRGate, RZGate, RZZGate, SXGate, XGate
from qiskit.transpiler import PassManager, Target

from circuitdiff_qiskit import CircuitDiffResynthesis
from tests.plugins.qiskit_circuits import count, is_same, random_circuit, stand_in

THETA = Parameter("theta")
Pair = tuple[int, int]

CX_SWAP = QuantumCircuit(2)
CX_SWAP.cx([0, 1, 0], [1, 0, 1])


def uneven_device(rng: np.random.Generator, num_qubits: int) -> Target:
    """Return a device on a line or a ring whose links have cz, ecr in one direction, or cz and rzz."""
    target = Target(num_qubits=num_qubits)
    alone = {(qubit,): None for qubit in range(num_qubits)}
    for gate in (RZGate(THETA), SXGate(), XGate(), Measure(), Reset(), Delay(Parameter("t"))):
        target.add_instruction(gate, dict(alone))
    target.add_instruction(IfElseOp, name="if_else")
    placed: dict[str, dict[Pair, None]] = {"cz": {}, "ecr": {}, "rzz": {}}
    for first in range(num_qubits if num_qubits > 2 and rng.random() < 0.5 else num_qubits - 1):
        link = (first, (first + 1) % num_qubits)
        for name in (("cz",), ("ecr",), ("cz", "rzz"))[rng.integers(3)]:
            placed[name][link[:: 1 if rng.random() < 0.5 else -1]] = None
    for gate in (CZGate(), ECRGate(), RZZGate(Parameter("z"))):
        if placed[gate.name]:
            target.add_instruction(gate, placed[gate.name])
    return target


def random_program(rng: np.random.Generator, target: Target, size: int, with_bodies: bool) -> QuantumCircuit:
    """Return a circuit in a device's gates, with whatever else it runs in between."""
    circuit = QuantumCircuit(target.num_qubits, size)
    links = [(name, pair) for name in ("cz", "ecr", "rzz") if name in target for pair in target[name]]
    for position in range(size):
        name, (a, b) = links[rng.integers(len(links))]
        wide = [(name, (a, b), (rng.choice([pi / 2, 0.3]),) if name == "rzz" else ())]
        match int(rng.integers(14)):
            case 0:
                circuit.rz(THETA, a)
            case 1:
                circuit.measure(a, position)
            case 2 if with_bodies:
                with circuit.if_test((position, 1)):
                    for gate, pair, params in wide * 3:
                        getattr(circuit, gate)(*params, *pair)
                        circuit.sx(pair[0])
            case 3:
                circuit.barrier(a, b)
            case 4:
                circuit.delay(10, a) if position % 2 else circuit.reset(a)
            case _:
                for gate, pair, params in wide * int(rng.integers(1, 4)):
                    getattr(circuit, gate)(*params, *pair)
                    circuit.sx(pair[rng.integers(2)])
                circuit.rz(float(rng.choice([pi / 2, pi, 0.7])), a)
    return circuit


def rewritten_on_device(seed: int) -> str:
    """Return what the pass makes of a program on a device, as text, once it was compared with it."""
    rng = np.random.default_rng(seed)
    target = uneven_device(rng, 2 + seed % 4)
    circuit = random_program(rng, target, 4 + seed % 9, with_bodies=seed % 3 == 0)
    result, text = rewritten_by_threads(circuit, target, seed)
    for item in result.data:
        qubits = tuple(result.find_bit(q).index for q in item.qubits)
        is_placed = target.instruction_supported(item.operation.name, qubits)
        assert is_placed or item.operation.name in ("barrier", "if_else"), (seed, item)
    return text


def check_everywhere(seed: int) -> None:
    """Rewrite a program where all pairs are coupled, by one thread and by more, and compare."""
    num_qubits = (3, 6, 7)[seed % 3]
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(num_qubits, 2 * (size := 2 + seed % 5))
    for part in range(2):  # a permutation in CX between both, which is free or not
        given = random_circuit(int(rng.integers(2**32)), num_qubits, size, THETA)
        circuit.compose(given, range(num_qubits), range(part * size, (part + 1) * size), inplace=True)
        for _ in range(rng.integers(3)):
            circuit.compose(CX_SWAP, rng.permutation(num_qubits)[:2].tolist(), inplace=True)
    if rng.random() < 0.3:
        circuit.ccx(*rng.permutation(num_qubits)[:3].tolist())
    rewritten_by_threads(circuit, None, seed)


def rewritten_by_threads(circuit: QuantumCircuit, target: Target | None, seed: int) -> tuple[QuantumCircuit, str]:
    """Return what one thread makes of a program, and its text, once it was compared with it and with what more make."""
    made = {
        workers: PassManager(
            [CircuitDiffResynthesis(target, effort="fast", cache=None, keep_order=seed % 2 == 1, workers=workers)]
        ).run(circuit)
        for workers in (1, 2 + seed % 2)
    }
    texts = {text_of(result) for result in made.values()}
    assert len(texts) == 1, seed
    result = made[1]
    assert is_same(stand_in(circuit, THETA), stand_in(result, THETA)), seed
    assert count(result) <= count(circuit), seed
    for before, after in zip(*(bodies(program) for program in (circuit, result)), strict=True):
        assert is_same(before, after), seed
    return result, texts.pop()


def text_of(circuit: QuantumCircuit) -> str:
    """Return all that a circuit does, with every digit of its angles."""
    lines = [f"{circuit.global_phase!r} {circuit.layout and circuit.layout.final_index_layout()}"]
    for item in circuit.data:
        blocks = getattr(item.operation, "blocks", ())
        places = [circuit.find_bit(bit).index for bit in (*item.qubits, *item.clbits)]
        params = [] if blocks else list(map(str, item.operation.params))
        lines += [f"{item.operation.name} {params} {places}", *map(text_of, blocks)]
    return "\n".join(lines)


def bodies(circuit: QuantumCircuit) -> list[QuantumCircuit]:
    """Return the bodies of conditions in the order of the bits that decide."""
    conditional = [item for item in circuit.data if item.operation.name == "if_else"]
    conditional.sort(key=lambda item: circuit.find_bit(item.clbits[0]).index)
    return [item.operation.blocks[0] for item in conditional]


SEEDS = [*range(6), *(pytest.param(s, marks=pytest.mark.slow) for s in range(6, 60))]


@pytest.mark.parametrize("seed", SEEDS)
def test_programs_on_uneven_devices_are_the_same_for_any_number_of_threads(seed: int) -> None:
    rewritten_on_device(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_programs_on_all_pairs_are_the_same_for_any_number_of_threads(seed: int) -> None:
    check_everywhere(seed)
