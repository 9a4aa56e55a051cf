"""Resynthesis of a sequence of steps: gates that may be rewritten, and fences that stay where they are."""

from __future__ import annotations

import heapq
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, Pair, all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.program import Step, wires_of
from circuitdiff.circuits.unitary_io import MAX_QUBITS
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.blocks import Block, BlockOptions, compile_blocks
from circuitdiff.resynthesis.cache import BlockCache, default_cache
from circuitdiff.resynthesis.partition import Positions, backwards, partition
from circuitdiff.resynthesis.sideways import can_move_sideways, exchanged
from circuitdiff.validation import check_options

logger = logging.getLogger(__name__)

BLOCK_SIZES = range(2, MAX_QUBITS + 1)
EASY_SIZE = 3
"""Blocks of more qubits come after those of this many have nothing left to save: they take ten times as long."""

DRY_SWEEPS: Mapping[str, int] = {"fast": 3, "default": 3, "max": 6}
"""By effort, how many sweeps in a row may find nothing before it ends."""

SIDEWAYS: Mapping[str, int] = {"fast": 3, "default": 10, "max": 40}
"""By effort, how many rounds of moves that save nothing may in a row end without a saving."""

CUT_EVERY = 40
"""How far apart cuts lie that no block may cross, in random places, so that borders come to lie elsewhere."""

SEGMENT = 5_000
"""How many steps are partitioned together at most: the time for that grows faster than their number."""

Fit = Callable[[Circuit], Circuit | None]
"""Returns the same operation in gates that a device has where they lie, global phase included; None for none."""


Swept = tuple[tuple[Step, ...], float, int]
"""Steps after a sweep, the global phase to add, and how many blocks were replaced."""

Sweep = Callable[[Sequence[Step], Sequence[Positions]], Swept]
"""Replaces blocks, given as positions of steps."""


@dataclass(frozen=True)
class Rewritten:
    """Steps that do the same as those given, up to a global phase in radians to be added.

    Attributes:
        saved: by how many gates on two or more qubits they are fewer; where none, they are those given.
    """

    steps: tuple[Step, ...]
    global_phase: float
    saved: int = 0


def resynthesize_steps(
    steps: Sequence[Step],
    *,
    gate_set: str = "u,cx",
    pairs: Sequence[Pair] | None = None,
    weights: Mapping[Pair, float] | None = None,
    fit: Fit | None = None,
    timeout: float | None = None,
    block_size: int = 3,
    effort: str = BlockOptions.effort,
    tol: float = BlockOptions.tol,
    seed: int = BlockOptions.seed,
    model: str | None = None,
    cache: str | Path | None = "default",
) -> Rewritten:
    """Rewrite blocks of gates with fewer two-qubit gates, sweep after sweep, until nothing more is found.

    Blocks are gathered forwards, then backwards, then along random orders of the steps and with random cuts;
    those of three qubits first, larger ones after. Then blocks are exchanged for others of the same cost, and so on.

    Args:
        steps: in time order.
        gate_set: of what is written; gates that stay may be others of the library.
        pairs: couplings of the device, None for all; only blocks that are connected on it are rewritten.
        weights: what a two-qubit gate costs on each pair ``(low, high)``, 1 where nothing is said; a block is
            replaced where its two-qubit gates become fewer and cost less.
        fit: says what the device makes of a block's new circuit, None where it cannot run it; all by default.
        timeout: wall-clock seconds for everything.
        block_size: this and the rest are described with `BlockSettings`.
        effort: how long is looked for.
        tol: infidelity.
        seed: of everything random.
        model: a checkpoint.
        cache: a file.

    Raises:
        InputError: an option out of range.
    """
    check_options(timeout=timeout, block_size=block_size, effort=effort, tol=tol, seed=seed, model=model, cache=cache)
    check_options(gate_set=gate_set)
    deadline = float("inf") if timeout is None else time.monotonic() + timeout
    gates = parse_gate_set(gate_set)
    store = BlockCache(default_cache() if cache == "default" else cache)
    options = BlockOptions(gate_set, effort, tol, seed, model)
    coupled = None if pairs is None else frozenset((min(pair), max(pair)) for pair in pairs)

    def compiled(blocks: Sequence[Block]) -> list[Circuit | None]:
        return compile_blocks(blocks, options, store, deadline)

    def swept(ordered: Sequence[Step], found: Sequence[Positions]) -> Swept:
        return _swept(ordered, found, coupled, weights or {}, fit, compiled)

    def swapped(ordered: Sequence[Step], found: Sequence[Positions]) -> Swept:
        others = partial(exchanged, options=options, rng=rng, deadline=deadline)
        return _swept(ordered, found, coupled, weights or {}, fit, others, may_cost_the_same=True)

    rng = np.random.default_rng(seed)
    best = Rewritten(tuple(steps), 0.0)
    for size in range(min(EASY_SIZE, block_size), block_size + 1):
        best = _until_dry(best, size, 2, DRY_SWEEPS[effort], rng, deadline, swept)
    if block_size >= EASY_SIZE and can_move_sideways(gates):
        best = _sideways(best, SIDEWAYS[effort], weights or {}, rng, deadline, swept, swapped)
    if _cost(best.steps, weights or {}) >= _cost(steps, weights or {}):
        return Rewritten(tuple(steps), 0.0)
    return replace(best, saved=round(_cost(steps, {}) - _cost(best.steps, {})))


def _sideways(
    given: Rewritten,
    patience: int,
    weights: Mapping[Pair, float],
    rng: np.random.Generator,
    deadline: float,
    swept: Sweep,
    swapped: Sweep,
) -> Rewritten:
    """Exchange blocks for others of the same cost, then sweep; until ``patience`` rounds in a row save nothing."""
    current, cost, idle = given, _cost(given.steps, weights), 0
    while idle < patience and not is_over(deadline):
        ordered = _shuffled(current.steps, rng)
        steps, phase, moved = swapped(ordered, _gathered(ordered, EASY_SIZE, _random_cuts(ordered, rng), partition))
        if moved:
            current = Rewritten(steps, current.global_phase + phase)
            current = _until_dry(current, EASY_SIZE, 0, 2, rng, deadline, swept)
        now = _cost(current.steps, weights)
        idle, cost = (0, now) if now < cost else (idle + 1, cost)
        logger.info("moved %d blocks sideways: cost %g", moved, now)
    return current


def _until_dry(
    given: Rewritten,
    size: int,
    in_order: int,
    dry_sweeps: int,
    rng: np.random.Generator,
    deadline: float,
    swept: Sweep,
) -> Rewritten:
    """Rewrite blocks of a size until ``dry_sweeps`` in a row find none, the first ``in_order`` as the steps come."""
    current, phase, dry, sweep = given.steps, given.global_phase, 0, 0
    while dry < dry_sweeps and not is_over(deadline):
        gather = backwards if sweep % 2 else partition
        ordered = current if sweep < in_order else _shuffled(current, rng)
        cuts = range(SEGMENT, len(current), SEGMENT) if sweep < in_order else _random_cuts(ordered, rng)
        found = _gathered(ordered, size, cuts, gather)
        current, added, replaced = swept(ordered, found)
        phase, dry, sweep = phase + added, 0 if replaced else dry + 1, sweep + 1
        logger.info("sweep %d of size %d: %d of %d blocks replaced", sweep, size, replaced, len(found))
    return Rewritten(current, phase)


def _random_cuts(steps: Sequence[Step], rng: np.random.Generator) -> list[int]:
    return sorted(map(int, rng.integers(len(steps) + 1, size=len(steps) // CUT_EVERY + 1)))


def _gathered(
    steps: Sequence[Step],
    size: int,
    cuts: Iterable[int],
    gather: Callable[[Sequence[tuple[int, ...]], Sequence[bool], int], list[Positions]],
) -> list[Positions]:
    """Put steps into blocks that cross no cut; cuts ascend."""
    found: list[Positions] = []
    for start, stop in pairwise((0, *cuts, len(steps))):
        part = steps[start:stop]
        blocks = gather([wires_of(step) for step in part], [isinstance(s, Operation) for s in part], size)
        found += [tuple(start + position for position in block) for block in blocks]
    return found


def _swept(
    steps: Sequence[Step],
    found: Sequence[Positions],
    coupled: frozenset[Pair] | None,
    weights: Mapping[Pair, float],
    fit: Fit | None,
    find: Callable[[Sequence[Block]], list[Circuit | None]],
    may_cost_the_same: bool = False,
) -> Swept:
    """Return the steps with every block replaced that got cheaper, the phase to add, and how many were.

    A block that would cost more with fewer gates is looked up once more, on the pairs that it uses already.
    """
    pieces = [[steps[position] for position in positions] for positions in found]
    blocks: list[Block] = []
    places: dict[int, tuple[int, tuple[int, ...]]] = {}  # by piece: its block, and the block's qubits
    for number, piece in enumerate(pieces):
        operations = [step for step in piece if isinstance(step, Operation)]
        qubits = tuple(sorted({q for op in operations for q in op.qubits}))
        coupling = _coupling(qubits, coupled)
        if coupling is not None:
            local = Circuit(max(qubits) + 1, tuple(operations)).permuted(_places(qubits), len(qubits))
            if coupling.allows(local.pairs):
                places[number] = (len(blocks), qubits)
                blocks.append(Block(local, coupling))
    answers = find(blocks)
    dear = {
        number: Block(blocks[index].circuit, own)
        for number, (index, qubits) in places.items()
        if not may_cost_the_same
        and (answer := answers[index]) is not None
        and _cost(answer.permuted(qubits, max(qubits) + 1).operations, weights) >= _cost(pieces[number], weights)
        and (own := _own_coupling(blocks[index])) is not None
    }
    for number, answer in zip(dear, find(list(dear.values())), strict=True):
        answers[places[number][0]] = answer
    rewritten: list[Step] = []
    phase, replaced = 0.0, 0
    for number, piece in enumerate(pieces):
        index, qubits = places.get(number, (-1, ()))
        answer = answers[index] if index >= 0 else None
        new = answer.permuted(qubits, max(qubits) + 1) if answer is not None else None
        new = fit(new) if new is not None and fit is not None else new
        price = _cost(piece, weights)
        cost = float("inf") if new is None else _cost(new.operations, weights)
        if new is not None and (cost < price or (may_cost_the_same and cost == price)):
            rewritten += new.operations
            phase, replaced = phase + new.global_phase, replaced + 1
        else:
            rewritten += piece
    return tuple(rewritten), phase, replaced


def _places(qubits: Sequence[int]) -> list[int]:
    """Return for each qubit up to the last its position among some, ascending."""
    return [sum(q < qubit for q in qubits) for qubit in range(max(qubits) + 1)]


def _coupling(qubits: tuple[int, ...], coupled: frozenset[Pair] | None) -> Coupling | None:
    """Return the couplings among some qubits, None where they are fewer than two or not connected."""
    if len(qubits) < BLOCK_SIZES[0] or len(qubits) > BLOCK_SIZES[-1]:
        return None
    if coupled is None:
        return all_to_all(len(qubits))
    inside = tuple(sorted((a, b) for a in qubits for b in qubits if (a, b) in coupled))
    return Coupling(max(qubits) + 1, inside, "device").restricted(qubits)


def _own_coupling(block: Block) -> Coupling | None:
    """Return the pairs that a block uses as it is, None where they do not connect its qubits or are all there are."""
    pairs = tuple(sorted(block.circuit.pairs))
    if len(pairs) == len(block.coupling.pairs):
        return None
    return Coupling(block.circuit.num_qubits, pairs, "used").restricted(tuple(range(block.circuit.num_qubits)))


def _cost(steps: Sequence[Step], weights: Mapping[Pair, float]) -> float:
    """Return the summed weights of the gates on two or more qubits."""
    wide = [step.qubits for step in steps if isinstance(step, Operation) and len(step.qubits) > 1]
    return sum(weights.get((min(qubits), max(qubits)), 1.0) for qubits in wide)


def _shuffled(steps: Sequence[Step], rng: np.random.Generator) -> tuple[Step, ...]:
    """Return the steps in a random order among those that respect every wire."""
    priority = rng.permutation(len(steps))
    after: list[list[int]] = [[] for _ in steps]
    waits = [0] * len(steps)
    last: dict[int, int] = {}
    for position, step in enumerate(steps):
        for wire in wires_of(step):
            if wire in last:
                after[last[wire]].append(position)
                waits[position] += 1
            last[wire] = position
    ready = [(priority[position], position) for position, count in enumerate(waits) if count == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, position = heapq.heappop(ready)
        ordered.append(steps[position])
        for following in after[position]:
            waits[following] -= 1
            if waits[following] == 0:
                heapq.heappush(ready, (priority[following], following))
    return tuple(ordered)
