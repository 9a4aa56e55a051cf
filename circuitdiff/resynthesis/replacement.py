"""Blocks of a circuit's steps, and the steps with those blocks replaced that became cheaper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, Pair, all_to_all
from circuitdiff.circuits.program import Step
from circuitdiff.circuits.unitary_io import MAX_QUBITS
from circuitdiff.resynthesis.blocks import MIN_TWO_QUBIT_GATES, Block
from circuitdiff.resynthesis.partition import Positions
from circuitdiff.resynthesis.relabelling import SWAP, then, without_swaps
from circuitdiff.spec.device import Placed

Fit = Callable[[Circuit], Circuit | None]
"""Returns the same operation in gates that a device has where they lie, global phase included; None for none."""

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
        swaps_are_free: whether wires may be relabelled.
    """

    coupled: frozenset[Pair] | None = None
    weights: Mapping[Placed, float] = field(default_factory=dict)
    fit: Fit | None = None
    swaps_are_free: bool = False

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
    """
    pieces = [[steps[position] for position in positions] for positions in found]
    blocks: list[Block] = []
    places: dict[int, tuple[int, tuple[int, ...]]] = {}  # by piece: its block, and the block's qubits
    for number, piece in enumerate(pieces):
        operations = [step for step in piece if isinstance(step, Operation)]
        if sum(len(op.qubits) > 1 for op in operations) < MIN_TWO_QUBIT_GATES:
            continue
        qubits = tuple(sorted({q for op in operations for q in op.qubits}))
        coupling = place.coupling(qubits)
        if coupling is not None:
            rank = {qubit: index for index, qubit in enumerate(qubits)}
            moved = tuple(op._replace(qubits=tuple(rank[q] for q in op.qubits)) for op in operations)
            local = Circuit(len(qubits), moved)
            if coupling.allows(local.pairs):
                places[number] = (len(blocks), qubits)
                blocks.append(Block(local, coupling))
    answers = find(blocks)
    dear = {
        number: Block(blocks[index].circuit, own)
        for number, (index, qubits) in places.items()
        if at_most is None
        and (answer := answers[index]) is not None
        and place.cost(answer.permuted(qubits, max(qubits) + 1).operations) >= place.cost(pieces[number])
        and (own := _own_coupling(blocks[index])) is not None
    }
    for number, answer in zip(dear, find(list(dear.values())), strict=True):
        answers[places[number][0]] = answer
    rewritten: list[Step] = []
    phase, count = given.global_phase, 0
    for number, piece in enumerate(pieces):
        index, qubits = places.get(number, (-1, ()))
        answer = answers[index] if index >= 0 else None
        new = answer.permuted(qubits, max(qubits) + 1) if answer is not None else None
        new = place.fitted(new) if new is not None else None
        price = place.cost(piece)
        cost = float("inf") if new is None else place.cost(new.operations)
        if new is not None and (cost < price if at_most is None else cost <= price + at_most):
            rewritten += new.operations
            phase, count = phase + new.global_phase, count + 1
        else:
            rewritten += piece
    after, moved_to = without_swaps(rewritten) if place.swaps_are_free else (tuple(rewritten), {})
    return replace(given, steps=after, global_phase=phase, where=then(given.where, moved_to)), count


def _own_coupling(block: Block) -> Coupling | None:
    """Return the pairs that a block uses as it is, None where they do not connect its qubits or are all there are."""
    pairs = tuple(sorted(block.circuit.pairs))
    if len(pairs) == len(block.coupling.pairs):
        return None
    return Coupling(block.circuit.num_qubits, pairs, "used").restricted(tuple(range(block.circuit.num_qubits)))
