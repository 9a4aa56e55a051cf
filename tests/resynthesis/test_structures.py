"""Short blocks of three qubits become as short as they can be; gathered blocks are all the steps, in order."""

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.resynthesis.partition import backwards, partition
from circuitdiff.resynthesis.scan import scanner
from circuitdiff.resynthesis.structures import can_race, shortest

LINE = Coupling(3, ((0, 1), (1, 2)), "line")


@pytest.mark.parametrize("coupling", [all_to_all(3), LINE], ids=["all", "line"])
def test_redundant_blocks_become_shorter_on_their_couplings(coupling: Coupling) -> None:
    rng, gate_set = np.random.default_rng(0), parse_gate_set("u,cx")
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for pair in ((0, 1), (1, 2), (0, 1)):
        gates += [("cx", pair, ()), ("rz", pair[1:], (float(rng.uniform(0, 6)),)), ("cx", pair, ())]
    circuit = Circuit.from_gates(3, gates)
    assert can_race(circuit, gate_set)
    found = shortest(circuit, coupling.pairs, gate_set, "fast", 1e-10, rng)
    assert found.two_qubit_count <= 4 < circuit.two_qubit_count
    assert coupling.allows(found.pairs)
    assert infidelity(circuit.unitary(), found.unitary()) < 1e-10


def test_blocks_with_other_entanglers_are_not_raced() -> None:
    gate_set = parse_gate_set("u,cx")
    assert not can_race(Circuit.from_gates(3, [("rzz", (0, 1), (0.3,)), ("cx", (1, 2), ())]), gate_set)
    assert not can_race(Circuit.from_gates(4, [("cx", (0, 1), ())]), gate_set)
    assert not can_race(Circuit.from_gates(3, [("cx", (0, 1), ())]), parse_gate_set("u,iswap"))


def test_rotations_are_raced_where_there_are_some() -> None:
    rng, gate_set = np.random.default_rng(1), parse_gate_set("u,cz,rzz")
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for pair in ((0, 1), (1, 2)):
        gates += [("cz", pair, ()), ("rx", pair[1:], (0.3,)), ("cz", pair, ()), ("ry", pair[1:], (0.4,))]
    circuit = Circuit.from_gates(3, gates)
    assert can_race(circuit, gate_set)
    found = shortest(circuit, all_to_all(3).pairs, gate_set, "fast", 1e-10, rng)
    assert [op.name for op in found.operations if len(op.qubits) > 1] == ["rzz", "rzz"]
    assert infidelity(circuit.unitary(), found.unitary()) < 1e-10


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("method", ["partition", "backwards", "scan"])
def test_gathered_blocks_are_all_steps_in_an_order_that_respects_every_wire(size: int, method: str) -> None:
    rng = np.random.default_rng(size)
    gather = {"partition": partition, "backwards": backwards, "scan": scanner(rng)}[method]
    wires = [tuple(map(int, rng.permutation(7)[: rng.integers(1, 4)])) for _ in range(120)]
    blockable = [bool(rng.random() < 0.9) for _ in wires]
    found = gather(wires, blockable, size)
    order = [position for block in found for position in block]
    assert sorted(order) == list(range(len(wires)))
    for wire in range(7):
        on_it = [position for position in order if wire in wires[position]]
        assert on_it == sorted(on_it)
    for block in found:
        assert len(block) == 1 or len({q for p in block for q in wires[p]}) <= size
        assert len(block) == 1 or all(blockable[position] for position in block)
