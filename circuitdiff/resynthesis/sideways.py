"""Moves that save nothing: blocks exchanged for other circuits with as many two-qubit gates, or a few more.

Sweeps that accept a saving alone end early. What another circuit of the same length leaves on its first and last
qubits differs, so that the blocks around it, and those across its borders, can become shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.blocks import Block, BlockOptions
from circuitdiff.resynthesis.known_sequences import ClassRaces, KnownSequences
from circuitdiff.resynthesis.relocation import relocated
from circuitdiff.resynthesis.structures import BLOCK_QUBITS, can_race, entanglers, from_known, has_raced_kind, raced
from circuitdiff.resynthesis.workers import mapped

SHORTEST = 3
"""Two-qubit gates of the shortest blocks that are exchanged: those of fewer have no other form."""

CURIOSITY = 4.0
"""Races for other sequences than those that are known are as likely as these where so many are known."""

PATIENCE = 2
"""Races without another form after which blocks of a class are taken for having none."""

LONGEST = 14
"""Two-qubit gates of the longest blocks on more than three qubits that are exchanged."""

MOST_QUBITS = 4
"""Qubits of the largest."""

SHARE = 0.5
"""How many of the blocks that could be exchanged are tried in one sweep."""


def exchanged(
    blocks: Sequence[Block],
    options: BlockOptions,
    rng: np.random.Generator,
    deadline: float,
    known: KnownSequences,
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
        known: of the blocks' classes; learns what is found.
        workers: threads.
        more: by how many two-qubit gates the other circuits are longer.
        share: chance of a block to be tried.
    """
    gate_set = parse_gate_set(options.gate_set)
    answers: list[Circuit | None] = [None] * len(blocks)
    chosen = [number for number, block in enumerate(blocks) if _has_others(block.circuit, gate_set)]
    chosen = [number for number in chosen if rng.random() < share]
    seeds = dict(zip(chosen, rng.integers(2**63, size=len(chosen)), strict=True))  # one each, in any order
    targets = dict(zip(chosen, batched_unitaries([blocks[number].circuit for number in chosen]), strict=True))
    small = {number: target for number, target in targets.items() if len(target) == 1 << BLOCK_QUBITS}
    races = known.of_blocks(small, [blocks[number].coupling.pairs for number in small])

    def other(number: int) -> Circuit | None:
        block, own_rng = blocks[number], np.random.default_rng(seeds[number])
        if number in races:
            return _raced_other(block, targets[number], races[number], more, options, own_rng, deadline)
        return relocated(block.circuit, targets[number], block.coupling.pairs, gate_set, options.tol, own_rng, deadline)

    for place, found in mapped(other, chosen, workers, deadline):
        answers[chosen[place]] = found
    known.learn(races.values())
    return answers


def _has_others(circuit: Circuit, gate_set: GateSet) -> bool:
    if circuit.num_qubits == BLOCK_QUBITS:
        return circuit.two_qubit_count >= SHORTEST and can_race(circuit, gate_set)
    is_wide = BLOCK_QUBITS < circuit.num_qubits <= MOST_QUBITS
    return is_wide and SHORTEST < circuit.two_qubit_count <= LONGEST and has_raced_kind(circuit, gate_set)


def _raced_other(
    block: Block,
    target: NDArray[np.complex128],
    races: ClassRaces,
    more: int,
    options: BlockOptions,
    rng: np.random.Generator,
    deadline: float,
) -> Circuit | None:
    """Return another circuit of a block of three qubits, of a known sequence or of one that a race finds."""
    gate_set, own = parse_gate_set(options.gate_set), entanglers(block.circuit)
    races.note(len(own), own)
    count = len(own) + more
    others = [sequence for sequence in races.with_count(count) if sequence != own]
    is_curious = rng.random() < CURIOSITY / (CURIOSITY + len(others))
    if others and not is_curious:
        return from_known(target, others, gate_set, options.tol, rng, deadline)
    if not others and races.futile(count) >= PATIENCE:
        return None
    found = raced(target, block.coupling.pairs, count, gate_set, options.tol, rng, deadline, other_than=own)
    if found is not None or not is_over(deadline):
        races.note(count, None if found is None else entanglers(found))
    return found
