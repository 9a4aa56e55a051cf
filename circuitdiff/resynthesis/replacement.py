"""Blocks of a circuit's steps, and the steps with those blocks replaced that became cheaper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, Pair, all_to_all
from circuitdiff.circuits.program import OpaqueOperation, Step
from circuitdiff.circuits.unitary_io import MAX_QUBITS
from circuitdiff.resynthesis.blocks import MIN_TWO_QUBIT_GATES, Block
from circuitdiff.resynthesis.partition import Positions
from circuitdiff.resynthesis.relabelling import SWAP, then, without_swaps
from circuitdiff.resynthesis.rest import Rest
from circuitdiff.spec.device import Placed

Fit = Callable[[Circuit], Circuit | None]
"""Returns the same operation in gates that a device has where they lie, global phase included; None for none."""

Runs = Callable[[OpaqueOperation], bool]
"""Tells whether a device can run an opaque operation where it lies."""

Find = Callable[[Sequence[Block]], list[Circuit | None]]
"""Finds other circuits for blocks, None for those that stay."""


@dataclass(frozen=True)
class Rewritten:
    """Steps that do the same as those given, up to a global phase in radians to be added.

    Attributes:
        saved: by how many gates on two or more qubits they are fewer; where none, they are those given.
        where: for wires whose content ends elsewhere, where; empty where the order is kept.
    """

    steps: tuple[Step, ...]
    global_phase: float
    saved: int = 0
    where: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """What two-qubit gates cost, and where they may lie.

    Attributes:
        coupled: pairs ``(low, high)``, None for all.
        weights: cost of each gate where it lies, by ``(name, (low, high))``, 1 where nothing is said.
        fit: what the device makes of a block's new circuit.
        runs_opaque: whether it can run an opaque operation; by default one on one qubit, and barriers.
        swaps_are_free: whether wires may be relabelled, where what follows still fits the device.
    """

    coupled: frozenset[Pair] | None = None
    weights: Mapping[Placed, float] = field(default_factory=dict)
    fit: Fit | None = None
    runs_opaque: Runs | None = None
    swaps_are_free: bool = False

    @property
    def is_uniform(self) -> bool:
        """Whether it does not matter on which wires gates lie."""
        return self.coupled is None and not self.weights

    @cached_property
    def _qubits(self) -> frozenset[int]:
        return frozenset(qubit for pair in self.coupled or () for qubit in pair)

    def runs(self, step: Step) -> bool:
        """Tell whether a device can run a step as it is where it lies."""
        if isinstance(step, OpaqueOperation):
            if self.runs_opaque is not None:
                return self.runs_opaque(step)
            return step.layers == 0 or len(self._qubits & set(step.wires)) < 2
        if len(step.qubits) == 1:
            return True
        if self.coupled is not None and tuple(sorted(step.qubits)) not in self.coupled:
            return False
        if self.fit is None:
            return True
        fitted = self.fit(Circuit(max(step.qubits) + 1, (step,)))
        return fitted is not None and fitted.operations == (step,)

    def cost(self, steps: Sequence[Step]) -> float:
        """Return the summed weights of the gates on two or more qubits."""
        wide = [step for step in steps if isinstance(step, Operation) and len(step.qubits) > 1]
        paid = [step for step in wide if not (self.swaps_are_free and step.name == SWAP)]
        if not self.weights:
            return float(len(paid))
        return sum(self.weights.get((step.name, tuple(sorted(step.qubits))), 1.0) for step in paid)

    def fitted(self, circuit: Circuit) -> Circuit | None:
        """Return what the device makes of a circuit, None for nothing; free swaps at its end stay."""
        if self.fit is None:
            return circuit
        end = len(circuit.operations)
        while self.swaps_are_free and end and circuit.operations[end - 1].name == SWAP:
            end -= 1
        found = self.fit(replace(circuit, operations=circuit.operations[:end]))
        return None if found is None else replace(found, operations=found.operations + circuit.operations[end:])

    def coupling(self, qubits: tuple[int, ...]) -> Coupling | None:
        """Return the couplings among some qubits, None where they are not two to five, or not connected."""
        if len(qubits) < 2 or len(qubits) > MAX_QUBITS:
            return None
        if self.coupled is None:
            return all_to_all(len(qubits))
        inside = tuple(sorted((a, b) for a in qubits for b in qubits if (a, b) in self.coupled))
        return Coupling(max(qubits) + 1, inside, "device").restricted(qubits)


def replaced(
    given: Rewritten,
    steps: Sequence[Step],
    found: Sequence[Positions],
    place: Place,
    find: Find,
    at_most: float | None = None,
    rest: Rest | None = None,
) -> tuple[Rewritten, int]:
    """Return a rewriting with every block replaced that got cheaper, and how many were.

    A block that would cost more with fewer gates is looked up once more, on the pairs that it uses already.

    Args:
        given: whose phase and relabelling so far are carried on.
        steps: its steps, in any order that respects every wire.
        found: blocks, as positions of steps.
        place: what is cheaper.
        find: what blocks are replaced by.
        at_most: how much more another circuit may cost; by default it has to cost less.
        rest: what follows the steps on a device where wires may be relabelled; None where everything fits.
    """
    pieces = [[steps[position] for position in positions] for positions in found]
    placed = _placed(pieces, place, rest)
    answers = dict(zip(placed, find([block for block, _ in placed.values()]), strict=True))
    dear = {
        number: Block(block.circuit, own)
        for number, (block, qubits) in placed.items()
        if at_most is None
        and (answer := answers[number]) is not None
        and place.cost(answer.permuted(qubits, max(qubits) + 1).operations) >= place.cost(pieces[number])
        and (own := _own_coupling(block)) is not None
    }
    answers |= zip(dear, find(list(dear.values())), strict=True)
    chosen: list[Sequence[Step]] = []
    phase, count = given.global_phase, 0
    after = None if rest is None else rest.copy()
    for number in reversed(range(len(pieces))):
        piece, answer = pieces[number], answers.get(number)
        new = None
        if answer is not None:
            qubits = placed[number][1]
            new = _cheaper(answer.permuted(qubits, max(qubits) + 1), piece, place, after, at_most)
        if new is not None:
            phase, count = phase + new.global_phase, count + 1
        chosen.append(piece if new is None else new.operations)
        if after is not None:
            kept, moved = without_swaps(chosen[-1]) if new is not None else (piece, {})
            after.relabel(moved)
            after.add(kept)
    rewritten = tuple(step for piece in reversed(chosen) for step in piece)
    relabelled, where = without_swaps(rewritten) if place.swaps_are_free else (rewritten, {})
    return replace(given, steps=relabelled, global_phase=phase, where=then(given.where, where)), count


def _placed(
    pieces: Sequence[Sequence[Step]], place: Place, rest: Rest | None
) -> dict[int, tuple[Block, tuple[int, ...]]]:
    """Return by number the pieces that can be compiled, and their qubits."""
    placed: dict[int, tuple[Block, tuple[int, ...]]] = {}
    after = None if rest is None else rest.copy()
    for number in reversed(range(len(pieces))):
        operations = [step for step in pieces[number] if isinstance(step, Operation)]
        if sum(len(op.qubits) > 1 for op in operations) >= MIN_TWO_QUBIT_GATES:
            qubits = tuple(sorted({q for op in operations for q in op.qubits}))
            coupling = place.coupling(qubits)
            if coupling is not None:
                rank = {qubit: index for index, qubit in enumerate(qubits)}
                moved = tuple(op._replace(qubits=tuple(rank[q] for q in op.qubits)) for op in operations)
                local = Circuit(len(qubits), moved)
                if coupling.allows(local.pairs):
                    orders = None if after is None else after.orders(qubits)
                    placed[number] = (Block(local, coupling, orders), qubits)
        if after is not None:
            after.add(pieces[number])
    return dict(sorted(placed.items()))


def _cheaper(
    answer: Circuit, piece: Sequence[Step], place: Place, after: Rest | None, at_most: float | None
) -> Circuit | None:
    """Return what a device makes of another circuit of a piece, None where that costs too much or does not fit."""
    new = place.fitted(answer)
    if new is None:
        return None
    extra = 0.0 if after is None else after.extra_cost(without_swaps(new.operations)[1])
    price = place.cost(piece)
    if extra is None:
        return None
    cost = place.cost(new.operations) + extra
    return new if (cost < price if at_most is None else cost <= price + at_most) else None


def _own_coupling(block: Block) -> Coupling | None:
    """Return the pairs that a block uses as it is, None where they do not connect its qubits or are all there are."""
    pairs = tuple(sorted(block.circuit.pairs))
    if len(pairs) == len(block.coupling.pairs):
        return None
    return Coupling(block.circuit.num_qubits, pairs, "used").restricted(tuple(range(block.circuit.num_qubits)))
