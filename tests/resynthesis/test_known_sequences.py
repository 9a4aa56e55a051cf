"""What a race finds for one block holds for all that differ in single-qubit gates and in the order of qubits alone."""

import numpy as np

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.resynthesis.blocks import Block, BlockOptions, compile_blocks
from circuitdiff.resynthesis.cache import BlockCache
from circuitdiff.resynthesis.known_sequences import KnownSequences, class_of, in_two_turns
from circuitdiff.resynthesis.structures import entanglers, from_known, shortest

EVERY = all_to_all(3).pairs
Gate = tuple[str, tuple[int, ...], tuple[float, ...]]


def _turns(rng: np.random.Generator) -> list[Gate]:
    return [("u", (q,), tuple(rng.uniform(0, 6, 3))) for q in range(3)]


def _redundant(rng: np.random.Generator, order: tuple[int, ...]) -> Circuit:
    """Return a circuit of six CX for which four suffice; all are alike."""
    gates: list[Gate] = []
    for pair, angle in (((0, 1), 0.3), ((1, 2), 0.7), ((0, 1), 1.1)):
        gates += [("cx", pair, ()), ("rz", pair[1:], (angle,)), ("cx", pair, ())]
    return Circuit.from_gates(3, [*_turns(rng), *gates, *_turns(rng)]).permuted(order, 3)


def test_sequences_that_solve_a_block_solve_those_that_are_alike() -> None:
    rng, gate_set = np.random.default_rng(0), parse_gate_set("u,cx")
    first, second = _redundant(rng, (0, 1, 2)), _redundant(rng, (2, 0, 1))
    known = KnownSequences()
    races = known.of(class_of(first.unitary(), EVERY))
    assert races.least_below(6) is None
    found = shortest(first, EVERY, gate_set, "default", 1e-10, rng, races=races)
    assert found.two_qubit_count < 6
    known.learn([races])
    alike = known.of(class_of(second.unitary(), EVERY))
    assert alike.least_below(6) == found.two_qubit_count
    sequences = alike.with_count(found.two_qubit_count)
    made = from_known(second.unitary(), sequences, gate_set, 1e-10, rng)
    assert made is not None
    assert entanglers(made) in sequences
    assert infidelity(second.unitary(), made.unitary()) < 1e-10


def test_couplings_are_a_part_of_a_class() -> None:
    unitary = _redundant(np.random.default_rng(1), (0, 1, 2)).unitary()
    line, other = ((0, 1), (1, 2)), ((0, 1), (0, 2))
    assert class_of(unitary, EVERY).key != class_of(unitary, line).key
    assert class_of(unitary, line).key != class_of(unitary, other).key


def test_races_without_success_are_counted_once_they_are_learnt() -> None:
    unitary = _redundant(np.random.default_rng(2), (0, 1, 2)).unitary()
    known = KnownSequences()
    races = known.of(class_of(unitary, EVERY))
    races.note(3, None)
    assert races.futile(3) == 0
    known.learn([races])
    assert known.of(class_of(unitary, EVERY)).futile(3) == 1


def test_the_first_of_each_class_has_its_turn_before_the_rest() -> None:
    rng = np.random.default_rng(3)
    known = KnownSequences()
    blocks = {1: _redundant(rng, (0, 1, 2)), 3: _redundant(rng, (1, 0, 2)), 4: Circuit.from_gates(3, _turns(rng))}
    races = known.of_blocks({number: block.unitary() for number, block in blocks.items()}, [EVERY] * 3)
    assert in_two_turns(races, 6) == ([0, 1, 2, 4, 5], [3])


def test_blocks_become_the_same_for_any_number_of_threads() -> None:
    rng = np.random.default_rng(4)
    line = Coupling(3, ((0, 1), (1, 2)), "line")
    blocks = [Block(_redundant(rng, order), all_to_all(3)) for order in ((0, 1, 2), (2, 0, 1), (1, 0, 2))]
    blocks += [Block(_redundant(rng, (0, 1, 2)), line)]
    found = [compile_blocks(blocks, BlockOptions(), BlockCache(None), workers=workers) for workers in (1, 3)]
    assert found[0] == found[1]
    for block, answer in zip(blocks, found[0], strict=True):
        assert answer is not None
        assert answer.two_qubit_count <= 4 + (block.coupling == line)
        assert block.coupling.allows(answer.pairs)
