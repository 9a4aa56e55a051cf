"""Resynthesis of a sequence of steps: gates that may be rewritten, and fences that stay where they are."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.program import Step, wires_of
from circuitdiff.circuits.unitary_io import MAX_QUBITS
from circuitdiff.features.lower_bounds import generic_cx_count
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.blocks import Block, BlockOptions, compile_blocks
from circuitdiff.resynthesis.cache import BlockCache, default_cache
from circuitdiff.resynthesis.carrying import Join, brought_forward, joined
from circuitdiff.resynthesis.exploration import explored
from circuitdiff.resynthesis.folding import folded
from circuitdiff.resynthesis.known_sequences import KnownSequences
from circuitdiff.resynthesis.limits import until_share
from circuitdiff.resynthesis.narrow import EASY_SIZE, narrow_parts
from circuitdiff.resynthesis.orders import cut_at_random, cut_in_order
from circuitdiff.resynthesis.partition import Gather, Positions, backwards, partition
from circuitdiff.resynthesis.relabelling import swaps_back, then, without_swaps
from circuitdiff.resynthesis.replacement import Fit, Place, Rewritten, Runs
from circuitdiff.resynthesis.stretches import STRETCH, in_stretches
from circuitdiff.resynthesis.structures import raced_entangler
from circuitdiff.resynthesis.workers import default_workers
from circuitdiff.spec.device import Placed
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.request import checked_proposers
from circuitdiff.validation import check_options

logger = logging.getLogger(__name__)

DRY_SWEEPS: Mapping[str, int] = {"fast": 3, "default": 3, "max": 6}
"""By effort, how many sweeps in a row may find nothing before it ends."""

SIDEWAYS: Mapping[str, int] = {"fast": 3, "default": 10, "max": 40}
"""By effort, how many rounds of moves that save nothing may in a row end without a saving."""

PERMUTED_QUBITS = 2
"""Blocks of up to so many qubits are compiled up to the order of their outputs where wires may be relabelled."""

PERMUTED_LATER = 3
"""The same once sweeps save nothing more: three qubits have six orders, and most blocks are known by then."""

SHARE_OF_FOLDING = 0.05
"""Part of the time in which rotations are merged."""

SHARE_AS_TARGETS = 0.75
"""Part of the time in which narrow parts are swept, then tried as one target each."""

EFFORT_AS_TARGETS: Mapping[str, str] = {"fast": "fast", "default": "fast", "max": "max"}
"""By effort, that of the compilation of narrow parts as one target, where much work is spent on each."""

SHARE_IN_ORDER = 0.6
"""Part of the time after which, where the order is to be kept, it is tried to free it and to put it back by swaps."""


def resynthesize_steps(
    steps: Sequence[Step],
    *,
    gate_set: str = "u,cx",
    pairs: Sequence[Pair] | None = None,
    weights: Mapping[Placed, float] | None = None,
    fit: Fit | None = None,
    runs_opaque: Runs | None = None,
    join: Join | None = None,
    keep_order: bool = True,
    timeout: float | None = None,
    limit: float | None = None,
    block_size: int = 3,
    effort: str = BlockOptions.effort,
    tol: float = BlockOptions.tol,
    seed: int = BlockOptions.seed,
    model: str | None = None,
    proposers: Collection[str] | None = None,
    cache: str | Path | None = "default",
    workers: int | None = None,
) -> Rewritten:
    """Rewrite blocks of gates with fewer two-qubit gates, sweep after sweep, until nothing more is found.

    Parts of a circuit on up to 5 qubits that share no gate with others are tried as one target each. Blocks are
    gathered forwards, then backwards, then along random orders of the steps and with random cuts; those of three
    qubits first, larger ones after. Then blocks are exchanged for others of the same cost, and so on.

    Args:
        steps: in time order. What is opaque stays, but for rotations about a Pauli, which may move past what commutes.
        gate_set: of what is written; gates that stay may be others of the library.
        pairs: couplings of the device, None for all; only blocks that are connected on it are rewritten.
        weights: what a gate costs where it lies, by ``(name, (low, high))``, 1 where nothing is said; a block is
            replaced where its two-qubit gates become fewer and cost less, or as many cost less.
        fit: says what the device makes of a block's new circuit, None where it cannot run it; all by default.
        runs_opaque: says whether the device can run an opaque operation where it lies; by default one that lies on
            one of the qubits that are coupled, and one without a depth.
        join: makes one of two rotations about the same Pauli by unknown angles; none are joined by default.
        keep_order: whether every qubit ends on its own wire; otherwise wires are relabelled where what follows still
            fits the device, opaque operations with them, and ``where`` of the result says how.
        timeout: wall-clock seconds for everything, used to their end while there are moves that cost nothing.
        limit: wall-clock seconds after which it ends where the effort has not ended it before.
        block_size: this and the rest are described with `BlockSettings`.
        effort: how long is looked for.
        tol: infidelity.
        seed: of everything random.
        model: a checkpoint.
        proposers: who takes part where blocks are compiled.
        cache: a file.
        workers: threads.

    Raises:
        InputError: an option out of range.
    """
    check_options(
        timeout=timeout, limit=limit, block_size=block_size, effort=effort, tol=tol, seed=seed, model=model, cache=cache
    )
    check_options(gate_set=gate_set, workers=workers, keep_order=keep_order, proposers=proposers)
    deadline = time.monotonic() + min(float("inf") if given is None else given for given in (timeout, limit))
    coupled = None if pairs is None else frozenset((min(pair), max(pair)) for pair in pairs)
    store = BlockCache(default_cache() if cache == "default" else cache)
    place = Place(coupled, weights or {}, fit, runs_opaque)
    named = None if proposers is None else tuple(sorted(checked_proposers(proposers)))
    options, threads = BlockOptions(gate_set, effort, tol, seed, model, named), workers or default_workers()
    work = Sweeps(options, store, place, block_size, deadline, threads, timeout is not None and deadline < float("inf"))
    work = work if keep_order else work.relabelling()
    steps = tuple(steps) if join is None else joined(steps, join)
    best = _relabelled(Rewritten(brought_forward(steps), 0.0), work.place)
    best = folded(best, parse_gate_set(gate_set), work.place, work.until(SHARE_OF_FOLDING).deadline)
    best = work.narrowed(best)
    if keep_order and place.is_uniform and all(isinstance(step, Operation) for step in steps):
        best = work.until(SHARE_IN_ORDER).swept(best)
        best = min(best, work.freed(best), key=lambda found: place.cost(found.steps))
        best = work.gone_on(best)
    else:
        best = work.swept(best)
    if place.cost(best.steps) >= place.cost(steps):
        return Rewritten(steps, 0.0)
    saved = replace(place, weights={}).cost(steps) - replace(place, weights={}).cost(best.steps)
    return replace(best, saved=round(saved))


def _relabelled(given: Rewritten, place: Place) -> Rewritten:
    """Leave out the swaps of a circuit where they are free wherever they are."""
    if not (place.swaps_are_free and place.is_uniform):
        return given
    steps, moved = without_swaps(given.steps)
    return replace(given, steps=steps, where=then(given.where, moved))


@dataclass(frozen=True)
class Sweeps:
    """How steps are swept.

    Attributes:
        deadline: value of `time.monotonic`.
        workers: threads that compile blocks.
        uses_all_time: whether moves that save nothing go on until the deadline, rather than while the effort says.
        known: what races have found so far.
    """

    options: BlockOptions
    cache: BlockCache
    place: Place
    block_size: int
    deadline: float
    workers: int = 1
    uses_all_time: bool = False
    known: KnownSequences = field(default_factory=KnownSequences)

    def until(self, share: float) -> Sweeps:
        """Return the same with a part of the time that is left."""
        return replace(self, deadline=until_share(self.deadline, share))

    def relabelling(self) -> Sweeps:
        """Return the same with free swaps."""
        return replace(self, place=replace(self.place, swaps_are_free=True)).permuting(PERMUTED_QUBITS)

    def permuting(self, num_qubits: int) -> Sweeps:
        """Return the same with blocks of so many qubits compiled up to the order of their outputs, if that is free."""
        permuted_qubits = num_qubits if self.place.swaps_are_free else 0
        return replace(self, options=replace(self.options, permuted_qubits=permuted_qubits))

    def compiled(self, blocks: Sequence[Block], deadline: float) -> list[Circuit | None]:
        """Find shorter circuits for blocks."""
        return compile_blocks(blocks, self.options, self.cache, deadline, self.workers, self.known)

    def narrowed(self, given: Rewritten) -> Rewritten:
        """Try narrow parts as targets, after sweeps where they are no longer than a generic unitary's circuit."""
        narrow = narrow_parts(given.steps)
        if not narrow:
            return given
        part = self.until(SHARE_AS_TARGETS)
        inside = [step for step in given.steps if isinstance(step, Operation) and step.qubits[0] in narrow]
        if self.place.cost(inside) <= generic_cx_count(min(len(narrow), MAX_QUBITS)):
            given = part.until(SHARE_IN_ORDER).swept_in_order(given)
        return given if is_over(part.deadline) else part.as_targets(given)

    def as_targets(self, given: Rewritten) -> Rewritten:
        """Rewrite whole parts of a circuit on few qubits that share no gate with others."""
        narrow = narrow_parts(given.steps)
        effort = EFFORT_AS_TARGETS[self.options.effort]
        part = replace(self.until(SHARE_AS_TARGETS), options=replace(self.options, effort=effort))

        def cut(steps: Sequence[Step]) -> tuple[Sequence[Step], list[Positions]]:
            is_narrow = [isinstance(step, Operation) and step.qubits[0] in narrow for step in steps]
            return steps, partition([wires_of(step) for step in steps], is_narrow, MAX_QUBITS)

        after, count = in_stretches(given, cut, self.place, part.compiled, part.deadline)
        logger.info("%d narrow parts shortened as one target", count)
        return after

    def swept_in_order(self, given: Rewritten) -> Rewritten:
        """Sweep blocks of three qubits until nothing more is found, with no moves that save nothing."""
        rng = np.random.default_rng(self.options.seed)
        return self.until_dry(given, EASY_SIZE, 2, DRY_SWEEPS[self.options.effort], rng)

    def swept(self, given: Rewritten) -> Rewritten:
        """Sweep until nothing more is found."""
        rng = np.random.default_rng(self.options.seed)
        if self.place.swaps_are_free:
            given = self.until_dry(given, 2, 2, DRY_SWEEPS[self.options.effort], rng)
        for size in range(min(EASY_SIZE, self.block_size), self.block_size + 1):
            given = self.until_dry(given, size, 2, DRY_SWEEPS[self.options.effort], rng)
        if self.block_size >= EASY_SIZE and raced_entangler(parse_gate_set(self.options.gate_set)):
            patience = float("inf") if self.uses_all_time else SIDEWAYS[self.options.effort]
            given = explored(self.permuting(PERMUTED_LATER), given, patience, rng)
        return given

    def gone_on(self, given: Rewritten) -> Rewritten:
        """Use what is left of the time, where all of it is to be used."""
        return self.swept(given) if self.uses_all_time else given

    def freed(self, given: Rewritten) -> Rewritten:
        """Sweep with wires relabelled, then put them back by swaps, and sweep those."""
        if is_over(self.deadline):
            return given
        free = self.relabelling()
        loose = free.until(0.7).swept(_relabelled(given, free.place))
        if not loose.where:
            return loose
        width = 1 + max(loose.where)
        back = translate_basis(Circuit(width, tuple(swaps_back(loose.where))), parse_gate_set(self.options.gate_set))
        whole = Rewritten((*loose.steps, *back.operations), loose.global_phase + back.global_phase)
        return self.until_dry(whole, EASY_SIZE, 2, 2, np.random.default_rng(self.options.seed))

    def until_dry(
        self,
        given: Rewritten,
        size: int,
        in_order: int,
        dry_sweeps: int,
        rng: np.random.Generator,
        gather_first: Gather = partition,
    ) -> Rewritten:
        """Rewrite blocks of a size until ``dry_sweeps`` in a row find none, the first ``in_order`` as steps come."""
        current, dry, sweep = given, 0, 0
        while dry < dry_sweeps and not is_over(self.deadline):
            gather = backwards if sweep % 2 else gather_first
            in_order_now = sweep < in_order
            cut = cut_in_order(size, gather) if in_order_now else cut_at_random(size, gather, rng)
            offset = 0 if in_order_now else int(rng.integers(STRETCH))
            current, count = in_stretches(current, cut, self.place, self.compiled, self.deadline, offset=offset)
            dry, sweep = 0 if count else dry + 1, sweep + 1
            logger.info("sweep %d of size %d: %d blocks replaced", sweep, size, count)
        return current
