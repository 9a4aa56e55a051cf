"""Blocks compiled together: equal ones once, hopeless ones not at all, the most promising first."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from circuitdiff import __version__
from circuitdiff.circuits.batched_unitaries import batched_unitaries
from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import NoCircuitError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bounds
from circuitdiff.interruption import is_over
from circuitdiff.models.bundled import checkpoints_digest
from circuitdiff.resynthesis.cache import BlockCache, block_key
from circuitdiff.resynthesis.known_sequences import ClassRaces, KnownSequences, in_two_turns
from circuitdiff.resynthesis.relabelling import SWAP, swaps_back
from circuitdiff.resynthesis.structures import BLOCK_QUBITS, can_race, has_raced_kind, shortest
from circuitdiff.resynthesis.workers import mapped
from circuitdiff.synthesis import DEFAULT_PROPOSERS, CompileResult
from circuitdiff.synthesis import compile as compile_target

logger = logging.getLogger(__name__)

MIN_TWO_QUBIT_GATES = 2
"""Blocks with fewer are left alone."""

CHUNK = 1_000
"""How many blocks are looked at between two looks at the clock."""

GENERIC_COUNTS: Mapping[int, int] = {4: 61, 5: 252}
"""Two-qubit gates that any unitary on so many qubits can be built with: the least that parameters allow."""

PAIR = 2
"""Qubits of the blocks whose shortest circuits are known without search, in any gates."""

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
        proposers: who takes part where blocks are compiled as targets; None for the default.
        permuted_qubits: blocks of up to so many qubits are also compiled up to the order of their outputs; swaps at
            the end of an answer put that right and are not counted. 0 for none.
    """

    gate_set: str = "u,cx"
    effort: str = "default"
    tol: float = 1e-10
    seed: int = 0
    model: str | None = None
    proposers: tuple[str, ...] | None = None
    permuted_qubits: int = 0


@dataclass(frozen=True)
class Block:
    """A piece of a circuit on at most 5 qubits, and the couplings among them.

    Attributes:
        orders: in which its outputs may come where wires are relabelled; None for any.
    """

    circuit: Circuit
    coupling: Coupling
    orders: tuple[tuple[int, ...], ...] | None = None


def compile_blocks(
    blocks: Sequence[Block],
    options: BlockOptions,
    cache: BlockCache,
    deadline: float = float("inf"),
    workers: int = 1,
    known: KnownSequences | None = None,
) -> list[Circuit | None]:
    """Find for each block the same operation with fewer two-qubit gates, None where none is found in time.

    Args:
        blocks: in any order.
        options: how to compile.
        cache: where results are looked up and kept.
        deadline: value of `time.monotonic`.
        workers: threads.
        known: of the blocks' classes; learns what is found.
    """
    known = KnownSequences() if known is None else known
    offers: list[tuple[int, tuple[Operation, ...]]] = [(number, ()) for number in range(len(blocks))]
    offers += [(number, swaps) for number, block in enumerate(blocks) for swaps in _reorderings(block, options)]
    variants = [_reordered(blocks[number], swaps) for number, swaps in offers]
    answers: list[Circuit | None] = [None] * len(blocks)
    compiled = _compiled_all(variants, options, cache, known, deadline, workers)
    for (number, swaps), found in zip(offers, compiled, strict=True):
        best = answers[number]
        if found is not None and (best is None or paid_count(found, options) < paid_count(best, options)):
            answers[number] = replace(found, operations=found.operations + swaps)
    return answers


def paid_count(circuit: Circuit, options: BlockOptions) -> int:
    """Return the number of gates on two or more qubits, without swaps where those are free."""
    free = options.permuted_qubits > 0
    return sum(len(op.qubits) > 1 and not (free and op.name == SWAP) for op in circuit.operations)


def _reorderings(block: Block, options: BlockOptions) -> list[tuple[Operation, ...]]:
    """Return swaps that a block may end with, where those are free."""
    if block.circuit.num_qubits > options.permuted_qubits:
        return []
    if block.circuit.num_qubits > PAIR and not can_race(block.circuit, parse_gate_set(options.gate_set)):
        return []
    orders = block.orders
    if orders is None:
        orders = tuple(permutations(range(block.circuit.num_qubits)))[1:]
    return [tuple(swaps_back(dict(enumerate(order)))) for order in orders]


def _reordered(block: Block, swaps: Sequence[Operation]) -> Block:
    """Return a block without the swaps that it may end with."""
    undone = (*block.circuit.operations, *reversed(swaps))
    return replace(block, circuit=replace(block.circuit, operations=undone)) if swaps else block


def _compiled_all(
    blocks: Sequence[Block],
    options: BlockOptions,
    cache: BlockCache,
    known: KnownSequences,
    deadline: float,
    workers: int,
) -> list[Circuit | None]:
    """Compile one block of each class, then the others, for which its sequences are known."""
    groups = list(_grouped(blocks, options, deadline).items())
    races = _races([blocks[members[0]] for _, members in groups], options, known)
    answers: list[Circuit | None] = [None] * len(blocks)

    def compiled(number: int) -> Circuit | None:
        key, members = groups[number]
        return _compiled(blocks[members[0]], key, options, cache, races.get(number), deadline)

    for turn in in_two_turns(races, len(groups)):
        for place, circuit in mapped(compiled, turn, workers, deadline):
            logger.info("block %d of %d", turn[place] + 1, len(groups))
            for member in groups[turn[place]][1]:
                answers[member] = _improving(blocks[member].circuit, circuit, options)
        known.learn(races[number] for number in turn if number in races)
    return answers


def _races(blocks: Sequence[Block], options: BlockOptions, known: KnownSequences) -> dict[int, ClassRaces]:
    """Return by number what is known of the blocks of three qubits that can be raced once they are short enough."""
    gate_set = parse_gate_set(options.gate_set)
    small = [n for n, block in enumerate(blocks) if block.circuit.num_qubits == BLOCK_QUBITS]
    numbers = [n for n in small if has_raced_kind(blocks[n].circuit, gate_set)]
    unitaries = batched_unitaries([blocks[number].circuit for number in numbers])
    return known.of_blocks(dict(zip(numbers, unitaries, strict=True)), [blocks[n].coupling.pairs for n in numbers])


def _grouped(blocks: Sequence[Block], options: BlockOptions, deadline: float) -> dict[bytes, list[int]]:
    """Return by key the numbers of the blocks that may be shorten, those with most to gain first.

    Where time runs out, of those blocks alone that were looked at.
    """
    gate_set = parse_gate_set(options.gate_set)
    settings = (replace(options, permuted_qubits=0), __version__, checkpoints_digest(options.model))
    prices = [paid_count(block.circuit, options) for block in blocks]
    eligible = [number for number, price in enumerate(prices) if price >= MIN_TWO_QUBIT_GATES]
    groups: dict[bytes, list[int]] = {}
    gains: dict[bytes, int] = {}
    for start in range(0, len(eligible), CHUNK):
        if is_over(deadline):
            break
        numbers = eligible[start : start + CHUNK]
        unitaries = batched_unitaries([blocks[number].circuit for number in numbers])
        bounds = _bounds(blocks, dict(zip(numbers, unitaries, strict=True)), gate_set)
        for number, unitary in zip(numbers, unitaries, strict=True):
            gain = prices[number] - bounds[number]
            if gain > 0:
                key = block_key(unitary, blocks[number].coupling.pairs, *settings)
                groups.setdefault(key, []).append(number)
                gains[key] = gains.get(key, 0) + gain
    order = sorted(groups, key=lambda key: (-gains[key], groups[key][0]))
    return {key: sorted(groups[key], key=lambda n: prices[n]) for key in order}


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


def _compiled(
    block: Block, key: bytes, options: BlockOptions, cache: BlockCache, races: ClassRaces | None, deadline: float
) -> Circuit | None:
    """Compile a block, its own gates being what there is to beat."""
    gate_set = parse_gate_set(options.gate_set)
    is_raced = can_race(block.circuit, gate_set)
    known = cache.recall(key) if is_raced else cache.get(key)
    if known is not None and _fits(known, block, options):
        return known
    if is_raced or (races is not None and races.least_below(paid_count(block.circuit, options)) is not None):
        shorter = _shortest(block.circuit, block, key, options, gate_set, races, deadline)
        if not is_over(deadline):
            cache.remember(key, shorter)  # racing again takes less than a look into the file
        return shorter
    found: Circuit | None = None
    for gates in _alphabets(block.circuit, options.gate_set):
        result = _compiled_in(gates, block, options, deadline)
        if result is None:
            continue
        found = result.circuit
        if result.tol_met and can_race(found, gate_set):
            found = _shortest(found, block, key, options, gate_set, races, deadline)
        if not is_over(deadline) and result.tol_met:
            cache.put(key, found)
        if paid_count(found, options) < paid_count(block.circuit, options):
            break
    return found


def _compiled_in(gates: str, block: Block, options: BlockOptions, deadline: float) -> CompileResult | None:
    """Compile a block in some gates, None where no circuit was found."""
    remaining = deadline - time.monotonic()
    try:
        return compile_target(
            block.circuit,
            gate_set=gates,
            coupling=block.coupling.text,
            effort=options.effort,
            tol=options.tol,
            timeout=None if remaining == float("inf") else max(remaining, LEAST_SECONDS),
            seed=options.seed,
            model=options.model,
            proposers=_proposers(block, options),
        )
    except NoCircuitError:
        return None


def _alphabets(circuit: Circuit, every: str) -> list[str]:
    """Return the gates in which a block is compiled until that saves: those without rotations of several qubits first.

    Search is best in those, from three qubits on; all gates follow where the block has such rotations itself. Races
    bring them in elsewhere.
    """
    gates = parse_gate_set(every).gates
    wide = {name for name in gates if GATES[name].num_qubits > 1}
    rotations = {name for name in wide if GATES[name].num_params}
    if circuit.num_qubits <= PAIR or not rotations or rotations == wide:
        return [every]
    plain = ",".join(name for name in gates if name not in rotations)
    return [plain, every] if circuit.gate_names & rotations else [plain]


def _shortest(
    circuit: Circuit,
    block: Block,
    key: bytes,
    options: BlockOptions,
    gate_set: GateSet,
    races: ClassRaces | None,
    deadline: float,
) -> Circuit:
    """Race structures that are shorter than a circuit of a block."""
    rng = np.random.default_rng([options.seed, *key])
    return shortest(circuit, block.coupling.pairs, gate_set, options.effort, options.tol, rng, deadline, races)


def _proposers(block: Block, options: BlockOptions) -> Collection[str] | None:
    """Return who takes part: at the least effort, peeling is for blocks that are deeper than a generic unitary."""
    if options.proposers is not None:
        return options.proposers
    is_deep = block.circuit.two_qubit_count > GENERIC_COUNTS.get(block.circuit.num_qubits, 0)
    return None if is_deep or options.effort != "fast" else [name for name in DEFAULT_PROPOSERS if name != "peel"]


def _fits(circuit: Circuit, block: Block, options: BlockOptions) -> bool:
    """Tell whether a circuit from the cache has a block's size, gates and couplings."""
    return (
        circuit.num_qubits == block.circuit.num_qubits
        and circuit.gate_names <= set(parse_gate_set(options.gate_set).gates)
        and block.coupling.allows(circuit.pairs)
    )


def _improving(given: Circuit, found: Circuit | None, options: BlockOptions) -> Circuit | None:
    """Return what was found, with the phase of what was given, where it is the same operation for less."""
    if found is None or paid_count(found, options) >= paid_count(given, options):
        return None
    target = given.unitary()
    return found.in_phase_with(target) if infidelity(target, found.unitary()) <= options.tol else None
