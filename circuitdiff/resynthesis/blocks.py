"""Blocks compiled together: equal ones once, hopeless ones not at all, the most promising first."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from circuitdiff import __version__
from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.errors import NoCircuitError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bounds
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.cache import BlockCache, block_key
from circuitdiff.synthesis import compile as compile_target

logger = logging.getLogger(__name__)

MIN_TWO_QUBIT_GATES = 2
"""Blocks with fewer are left alone."""

CHUNK = 1_000
"""How many blocks are looked at between two looks at the clock."""

LEAST_SECONDS = 0.01
"""What a block is given at the least."""


@dataclass(frozen=True)
class BlockOptions:
    """How blocks are compiled.

    Attributes:
        gate_set: preset or list of gates of the result.
        effort: ``fast``, ``default`` or ``max``.
        tol: infidelity allowed of each block.
        seed: of every compilation.
        model: name or path of a checkpoint; the bundled one by default.
    """

    gate_set: str = "u,cx"
    effort: str = "default"
    tol: float = 1e-10
    seed: int = 0
    model: str | None = None


@dataclass(frozen=True)
class Block:
    """A piece of a circuit on at most 5 qubits, and the couplings among them."""

    circuit: Circuit
    coupling: Coupling


def compile_blocks(
    blocks: Sequence[Block], options: BlockOptions, cache: BlockCache, deadline: float = float("inf")
) -> list[Circuit | None]:
    """Find for each block the same operation with fewer two-qubit gates, None where none is found in time.

    Args:
        blocks: in any order.
        options: how to compile.
        cache: where results are looked up and kept.
        deadline: value of `time.monotonic`.
    """
    groups = _grouped(blocks, options, deadline)
    answers: list[Circuit | None] = [None] * len(blocks)
    for done, (key, members) in enumerate(groups.items()):
        if is_over(deadline):
            break
        logger.info("block %d of %d", done + 1, len(groups))
        found = _compiled(blocks[members[0]], key, options, cache, deadline)
        for member in members:
            answers[member] = _improving(blocks[member].circuit, found, options.tol)
    return answers


def _grouped(blocks: Sequence[Block], options: BlockOptions, deadline: float) -> dict[bytes, list[int]]:
    """Return by key the numbers of the blocks that may be shorten, those with most to gain first.

    Where time runs out, of those blocks alone that were looked at.
    """
    gate_set = parse_gate_set(options.gate_set)
    eligible = [n for n, block in enumerate(blocks) if block.circuit.two_qubit_count >= MIN_TWO_QUBIT_GATES]
    groups: dict[bytes, list[int]] = {}
    gains: dict[bytes, int] = {}
    for start in range(0, len(eligible), CHUNK):
        if is_over(deadline):
            break
        numbers = eligible[start : start + CHUNK]
        unitaries = batched_unitaries([blocks[number].circuit for number in numbers])
        bounds = _bounds(blocks, dict(zip(numbers, unitaries, strict=True)), gate_set)
        for number, unitary in zip(numbers, unitaries, strict=True):
            gain = blocks[number].circuit.two_qubit_count - bounds[number]
            if gain > 0:
                key = block_key(unitary, blocks[number].coupling.pairs, options, __version__)
                groups.setdefault(key, []).append(number)
                gains[key] = gains.get(key, 0) + gain
    order = sorted(groups, key=lambda key: (-gains[key], groups[key][0]))
    return {key: sorted(groups[key], key=lambda n: blocks[n].circuit.two_qubit_count) for key in order}


def _bounds(
    blocks: Sequence[Block], unitaries: Mapping[int, NDArray[np.complex128]], gate_set: GateSet
) -> dict[int, int]:
    """Return by number the lower bounds of blocks, those on the same couplings computed together."""
    alike: dict[tuple[int, tuple[Pair, ...]], list[int]] = {}
    for number in unitaries:
        coupling = blocks[number].coupling
        alike.setdefault((coupling.num_qubits, coupling.pairs), []).append(number)
    found: dict[int, int] = {}
    for members in alike.values():
        stacked = np.stack([unitaries[number] for number in members])
        bounds = multi_qubit_lower_bounds(stacked, blocks[members[0]].coupling, gate_set)
        found.update(zip(members, bounds, strict=True))
    return found


def _compiled(block: Block, key: bytes, options: BlockOptions, cache: BlockCache, deadline: float) -> Circuit | None:
    """Compile a block, its own gates being what there is to beat."""
    known = cache.get(key)
    if known is not None and _fits(known, block, options):
        return known
    remaining = deadline - time.monotonic()
    try:
        result = compile_target(
            block.circuit,
            gate_set=options.gate_set,
            coupling=block.coupling.text,
            effort=options.effort,
            tol=options.tol,
            timeout=None if remaining == float("inf") else max(remaining, LEAST_SECONDS),
            seed=options.seed,
            model=options.model,
        )
    except NoCircuitError:
        return None
    if not is_over(deadline) and result.tol_met:
        cache.put(key, result.circuit)
    return result.circuit


def _fits(circuit: Circuit, block: Block, options: BlockOptions) -> bool:
    """Tell whether a circuit from the cache has a block's size, gates and couplings."""
    return (
        circuit.num_qubits == block.circuit.num_qubits
        and circuit.gate_names <= set(parse_gate_set(options.gate_set).gates)
        and block.coupling.allows(circuit.pairs)
    )


def _improving(given: Circuit, found: Circuit | None, tol: float) -> Circuit | None:
    """Return what was found, with the phase of what was given, where it is the same operation for less."""
    if found is None or found.two_qubit_count >= given.two_qubit_count:
        return None
    target = given.unitary()
    return found.in_phase_with(target) if infidelity(target, found.unitary()) <= tol else None
