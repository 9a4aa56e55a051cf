"""Moves that save nothing: blocks exchanged for other circuits with as many two-qubit gates, or a few more.

Sweeps that accept a saving alone end early. What another circuit of the same length leaves on its first and last
qubits differs, so that the blocks around it, and those across its borders, can become shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.resynthesis.blocks import Block, BlockOptions
from circuitdiff.resynthesis.structures import can_race, raced
from circuitdiff.resynthesis.workers import mapped

SHORTEST = 3
"""Two-qubit gates of the shortest blocks that are exchanged: those of fewer have no other form."""

SHARE = 0.5
"""How many of the blocks that could be exchanged are tried in one sweep."""


def exchanged(
    blocks: Sequence[Block],
    options: BlockOptions,
    rng: np.random.Generator,
    deadline: float,
    workers: int = 1,
    more: int = 0,
    share: float = SHARE,
) -> list[Circuit | None]:
    """Find for some of the blocks another circuit, None for the rest.

    Args:
        blocks: of which those that can be are tried.
        options: how to write them.
        rng: of what is chosen, and of each race.
        deadline: value of `time.monotonic`.
        workers: threads.
        more: by how many two-qubit gates the other circuits are longer.
        share: chance of a block to be tried.
    """
    gate_set = parse_gate_set(options.gate_set)
    answers: list[Circuit | None] = [None] * len(blocks)
    chosen = [
        number
        for number, block in enumerate(blocks)
        if can_race(block.circuit, gate_set) and block.circuit.two_qubit_count >= SHORTEST and rng.random() < share
    ]
    seeds = dict(zip(chosen, rng.integers(2**63, size=len(chosen)), strict=True))  # one each, in any order

    def other(number: int) -> Circuit | None:
        circuit, pairs = blocks[number].circuit, blocks[number].coupling.pairs
        (target,) = batched_unitaries([circuit])
        own = tuple((min(op.qubits), max(op.qubits)) for op in circuit.operations if len(op.qubits) == 2)
        own_rng = np.random.default_rng(seeds[number])
        return raced(target, pairs, len(own) + more, gate_set, options.tol, own_rng, deadline, other_than=own)

    for place, found in mapped(other, chosen, workers, deadline):
        answers[chosen[place]] = found
    return answers
