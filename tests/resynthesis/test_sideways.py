"""Moves that save nothing keep what the circuit does, and never cost anything."""

import numpy as np

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, all_to_all
from circuitdiff.resynthesis import resynthesize
from circuitdiff.resynthesis.blocks import Block, BlockOptions
from circuitdiff.resynthesis.known_sequences import KnownSequences
from circuitdiff.resynthesis.sideways import exchanged


def _random_block(count: int, coupling: Coupling, rng: np.random.Generator) -> Block:
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(count):
        pair = coupling.pairs[rng.integers(len(coupling.pairs))]
        gates += [("cx", pair, ()), (("h", "t")[rng.integers(2)], pair[:1], ())]
    return Block(Circuit.from_gates(3, gates), coupling)


def test_exchanged_blocks_do_the_same_with_as_many_gates() -> None:
    rng = np.random.default_rng(0)
    line = Coupling(3, ((0, 1), (1, 2)), "line")
    blocks = [_random_block(count, coupling, rng) for count in (3, 4) for coupling in (all_to_all(3), line) * 6]
    others = exchanged(blocks, BlockOptions(), rng, float("inf"), KnownSequences())
    changed = 0
    for block, other in zip(blocks, others, strict=True):
        if other is None:
            continue
        changed += [op.qubits for op in other.operations] != [op.qubits for op in block.circuit.operations]
        assert infidelity(block.circuit.unitary(), other.unitary()) <= BlockOptions.tol
        assert other.two_qubit_count == block.circuit.two_qubit_count
        assert block.coupling.allows(other.pairs)
    assert changed > 0


def test_nothing_is_exchanged_after_the_deadline() -> None:
    rng = np.random.default_rng(1)
    blocks = [_random_block(4, all_to_all(3), rng) for _ in range(6)]
    assert exchanged(blocks, BlockOptions(), rng, 0.0, KnownSequences()) == [None] * 6


def test_sideways_moves_are_the_same_for_the_same_seed() -> None:
    rng = np.random.default_rng(2)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(14):
        pair = tuple(map(int, rng.permutation(4)[:2]))
        gates += [("cx", pair, ()), ("rz", pair[:1], (float(rng.uniform(0, 6)),)), ("h", pair[1:], ())]
    circuit = Circuit.from_gates(4, gates)
    first, second = (resynthesize(circuit, effort="fast", cache=None, seed=3) for _ in range(2))
    assert first.circuit == second.circuit
    assert first.circuit.two_qubit_count <= first.before.two_qubit_count
    assert abs(np.vdot(circuit.unitary(), first.circuit.unitary()) / 16 - 1) < 1e-9


def test_time_limits_are_used_to_their_end_and_limits_are_not() -> None:
    gates = [("cx", (a, b), ()) for a, b in ((0, 1), (1, 2), (2, 3), (3, 0), (1, 3), (0, 2))]
    gates = [gate for pair in gates for gate in (pair, ("t", pair[1][1:], ()), ("h", pair[1][:1], ()))]
    circuit = Circuit.from_gates(4, gates)
    used = resynthesize(circuit, effort="fast", cache=None, timeout=3.0)
    assert used.seconds >= 1.0
    left = resynthesize(circuit, effort="fast", cache=None, limit=1e6)
    alone = resynthesize(circuit, effort="fast", cache=None)
    assert left.circuit == alone.circuit
    assert max(used.circuit.two_qubit_count, alone.circuit.two_qubit_count) <= circuit.two_qubit_count


def test_time_limits_end_early_where_there_is_nothing_to_exchange() -> None:
    star = Circuit.from_gates(6, [("cx", (q, 5), ()) for q in range(5)])
    found = resynthesize(star, effort="fast", cache=None, timeout=900.0)
    assert found.circuit.two_qubit_count == 5
    assert found.seconds < 600.0
