"""Moves that save nothing: blocks exchanged for other circuits with as many two-qubit gates.

Sweeps that accept a saving alone end early. What another circuit of the same length leaves on its first and last
qubits differs, so that the blocks around it, and those across its borders, can become shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import GateSet, entangler_class, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import EntanglerSequence
from circuitdiff.numerics.multi_start import Budget, multi_start, random_start
from circuitdiff.resynthesis.blocks import Block, BlockOptions
from circuitdiff.resynthesis.workers import mapped
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

LENGTHS = range(3, 8)
"""Two-qubit gates of blocks that are exchanged: shorter ones have no other form, longer ones rarely solve."""

STRUCTURES = 40
"""Random entangler sequences that are tried for one block."""

SHARE = 0.5
"""How many of the blocks that could be exchanged are tried in one sweep."""

BLOCK_QUBITS = 3


def can_move_sideways(gate_set: GateSet) -> bool:
    """Tell whether every entangler of a gate set is one CZ up to gates on single qubits."""
    wide = [name for name in gate_set.gates if GATES[name].num_qubits > 1]
    return gate_set.can_dress and bool(wide) and all(entangler_class(name) == "cz" for name in wide)


def exchanged(
    blocks: Sequence[Block], options: BlockOptions, rng: np.random.Generator, deadline: float, workers: int = 1
) -> list[Circuit | None]:
    """Find for some of the blocks another circuit of as many two-qubit gates, None for the rest."""
    gate_set = parse_gate_set(options.gate_set)
    answers: list[Circuit | None] = [None] * len(blocks)
    chosen = [
        number
        for number, block in enumerate(blocks)
        if block.circuit.num_qubits == BLOCK_QUBITS
        and block.circuit.two_qubit_count in LENGTHS
        and all(entangler_class(op.name) == "cz" for op in block.circuit.operations if len(op.qubits) > 1)
        and rng.random() < SHARE
    ]
    seeds = dict(zip(chosen, rng.integers(2**63, size=len(chosen)), strict=True))  # one each, in any order

    def other(number: int) -> Circuit | None:
        return _exchanged(blocks[number], gate_set, options.tol, np.random.default_rng(seeds[number]), deadline)

    for place, found in mapped(other, chosen, workers, deadline):
        answers[chosen[place]] = found
    return answers


def _exchanged(
    block: Block, gate_set: GateSet, tol: float, rng: np.random.Generator, deadline: float
) -> Circuit | None:
    """Race random structures of a block's length."""
    (target,) = batched_unitaries([block.circuit])
    own = tuple((min(op.qubits), max(op.qubits)) for op in block.circuit.operations if len(op.qubits) == 2)
    structures = {_random_structure(block.coupling.pairs, len(own), rng): None for _ in range(STRUCTURES)}
    structures.pop(own, None)
    starts = [random_start(pairs, block.circuit.num_qubits, "cz", rng) for pairs in structures]
    fit = multi_start(target, starts, tol=tol, budget=Budget(deadline=deadline))
    if fit is None or fit.infidelity > tol:
        return None
    circuit = translate_basis(fit.ansatz.circuit(), gate_set)
    (found,) = batched_unitaries([circuit])
    return circuit.in_phase_with(target) if infidelity(target, found) <= tol else None


def _random_structure(pairs: EntanglerSequence, count: int, rng: np.random.Generator) -> EntanglerSequence:
    return tuple(pairs[int(index)] for index in rng.integers(len(pairs), size=count))
