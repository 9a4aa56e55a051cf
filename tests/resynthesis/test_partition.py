from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.resynthesis.partition import backwards, partition

Wires = list[tuple[int, ...]]


def random_wires(rng: np.random.Generator, num_qubits: int, count: int) -> Wires:
    return [tuple(map(int, rng.permutation(num_qubits)[: rng.integers(1, 4)])) for _ in range(count)]


def order_on_every_wire(wires: Wires, order: list[int]) -> list[list[int]]:
    return [[p for p in order if wire in wires[p]] for wire in range(8)]


@pytest.mark.parametrize("gather", [partition, backwards])
@pytest.mark.parametrize("seed", range(20))
def test_blocks_in_their_order_keep_the_order_on_every_wire(gather: object, seed: int) -> None:
    rng = np.random.default_rng(seed)
    wires = random_wires(rng, 7, 80)
    blockable = [bool(rng.random() < 0.9) for _ in wires]
    blocks = gather(wires, blockable, 3)  # type: ignore[operator]
    order = [position for block in blocks for position in block]
    assert sorted(order) == list(range(len(wires)))
    assert order_on_every_wire(wires, order) == order_on_every_wire(wires, list(range(len(wires))))
    for block in blocks:
        assert len({wire for position in block for wire in wires[position]}) <= 3
        assert len(block) == 1 or all(blockable[position] for position in block)


def test_blocks_merge_and_grow_past_what_has_moved_on() -> None:
    wires: Wires = [(0, 1), (2,), (1, 2), (2, 3), (0, 1), (3, 4)]
    assert {0, 1, 2, 4} in [set(block) for block in partition(wires, [True] * 6, 3)]


def test_blocks_of_ten_thousand_gates_take_seconds() -> None:
    rng = np.random.default_rng(1)
    wires = [tuple(map(int, rng.permutation(20)[:2])) for _ in range(10_000)]
    assert sum(map(len, partition(wires, [True] * len(wires), 3))) == 10_000
