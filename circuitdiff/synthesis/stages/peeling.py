"""Peeling as a beam search: short circuits taken off both ends of a target that lower its operator entanglement most.

Of all pairs of qubits, and of triples for a dressed ``ccz``, at either end, the piece after which least entanglement is
left is a good guess of which gate stands there. A beam over the number of entanglers follows several guesses. A guess
is right but for its angles, so the angles of all pieces are refitted together at every step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, apply_gate
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gates import GATES
from circuitdiff.features.lower_bounds import generic_cx_count
from circuitdiff.features.operator_entanglement import Qubits, entanglement, transfer_rows
from circuitdiff.numerics.ansatz import GateSequence
from circuitdiff.numerics.disentangle import disentangle, local_forms
from circuitdiff.numerics.joint_disentangle import Operations, refit
from circuitdiff.numerics.multi_start import Budget

Matrix = NDArray[np.complex128]
T = TypeVar("T")

MIN_GAIN = 1e-4
"""Entanglement that a piece must take away, in natural logarithms of purities."""

PROGRESS = 0.99
"""Factor by which the entanglement must fall to count as progress."""

STALLED_LEVELS = 6
"""Numbers of entanglers in a row without progress after which a beam ends."""

PACED_LEVELS = 12
GENERIC_PACE = 0.54
"""Part of a generic unitary's entanglers: a beam whose pace, after so many levels, says that it will need more, ends.

A Haar-random unitary on four qubits keeps .66 to .70 of its entanglement at twelve entanglers (pace: 36 to 40 of 61),
and so do random circuits of 16 and more that no beam solves; circuits that beams do solve keep .6 at most.
"""

REFIT_ITERATIONS = 100
REFITS = 2
"""Children that are refitted for each node that a beam keeps."""


@dataclass(frozen=True)
class Piece:
    """What may be peeled off: a circuit on a few qubits, its CX-class gates, and the starts it gets."""

    gates: GateSequence
    num_qubits: int
    cost: int
    starts: int


def _dressed(name: str, num_qubits: int, repeats: int) -> GateSequence:
    local = tuple((gate, (q,)) for q in range(num_qubits) for gate in ("rz", "ry"))
    return (*local, (name, tuple(range(num_qubits)))) * repeats


PIECES = (
    *(Piece(_dressed("cz", 2, number), 2, number, 2 + 2 * number) for number in (1, 2, 3)),
    Piece(_dressed("ccz", 3, 1), 3, 6, 6),
)


@dataclass(frozen=True)
class Node:
    """Pieces that were peeled off a target ``U``, and what is left of it, ``W U V^dagger``.

    Attributes:
        left: ``W``, which undoes the end of the target.
        right: ``V``, the beginning of the target.
        operator: (2^n, 2^n) what is left.
        entanglement: of that.
        cost: CX-class gates of both circuits.
    """

    left: Operations
    right: Operations
    operator: Matrix
    entanglement: float
    cost: int = 0

    @property
    def triples(self) -> int:
        """Number of pieces on three qubits."""
        return _triples(self.left) + _triples(self.right)

    def whole(self, middle: Operations) -> Circuit:
        """Return the whole circuit over gates on one and two qubits, with some operations for what is left."""
        n = len(self.operator).bit_length() - 1
        operations = (*self.right, *middle, *Circuit(n, self.left).inverse().operations)
        return Circuit(n, tuple(new for op in operations for new in _without_ccz(op)))


@dataclass(frozen=True)
class _Child:
    """A node with one piece more, and about the entanglement that leaves."""

    parent: Node
    piece: Operations
    at_start: bool
    cost: int
    estimate: float

    @property
    def triples(self) -> int:
        """Number of pieces on three qubits."""
        return self.parent.triples + _triples(self.piece)

    def node(self, target: Matrix, budget: Budget) -> Node:
        """AnsatzFit the angles of all pieces together."""
        left, right = self.parent.left, self.parent.right
        if self.at_start:
            right = (*right, *self.piece)
        else:
            left = (*left, *self.piece)
        fit = refit(target, left, right, REFIT_ITERATIONS)
        budget.work -= fit.work
        return Node(fit.left, fit.right, _left_over(target, fit.left, fit.right), fit.entanglement, self.cost)


@dataclass
class Beam:
    """A beam search for one target.

    Attributes:
        target: (d, d) unitary.
        coupling: where pieces may stand.
        width: nodes that go on at each number of entanglers.
        rng: source of the starts.
        budget: charged for every step; the search ends where it is spent.
        is_generic: whether the search ended because the target looks like one without structure.
    """

    target: Matrix
    coupling: Coupling
    width: int
    rng: np.random.Generator
    budget: Budget
    is_generic: bool = False
    _waiting: dict[int, list[_Child]] = field(default_factory=dict)

    def nodes(self, most: int) -> Iterator[Node]:
        """Yield nodes of at most ``most`` entanglers by their number, the least entangled of each first."""
        level = [Node((), (), self.target, entanglement(transfer_rows(self.target)))]
        whole = best = level[0].entanglement
        stalled, most_at_pace = 0, GENERIC_PACE * generic_cx_count(self.coupling.num_qubits)
        for cost in range(most + 1):
            if cost:
                level = self._level(cost)
            if self.budget.spent:
                return
            if not level:
                continue
            stalled = 0 if level[0].entanglement < PROGRESS * best else stalled + 1
            if stalled > STALLED_LEVELS:
                return
            if cost >= PACED_LEVELS and cost > most_at_pace * (1 - level[0].entanglement / whole):
                self.is_generic = True
                return
            best = min(best, level[0].entanglement)
            for node in level:
                yield node
                for child in self._children(node):
                    self._waiting.setdefault(child.cost, []).append(child)

    def _level(self, cost: int) -> list[Node]:
        """Return the least entangled nodes of a cost, of those that look best: different ones, of several kinds."""
        waiting = self._waiting.pop(cost, [])
        likely = _several(
            [(child.estimate, child.triples, child) for child in waiting], REFITS * self.width, self.width
        )
        nodes = [child.node(self.target, self.budget) for child in likely if not self.budget.spent]
        return sorted(
            _several([(node.entanglement, node.triples, node) for node in nodes], self.width, self.width),
            key=lambda node: node.entanglement,
        )

    def _children(self, node: Node) -> Iterator[_Child]:
        """Yield the best piece of every kind at every place."""
        for at_start in (False, True):
            rows = transfer_rows(np.ascontiguousarray(node.operator.conj().T) if at_start else node.operator)
            for qubits in places(self.coupling):
                local = local_forms(rows, qubits)
                for piece in PIECES:
                    if piece.num_qubits != len(qubits) or self.budget.spent:
                        continue
                    found = disentangle(local, piece.gates, piece.starts, self.rng)
                    self.budget.work -= found.work
                    if found.gain > MIN_GAIN:
                        operations = _placed(piece.gates, found.theta, qubits)
                        estimate = node.entanglement - found.gain
                        yield _Child(node, operations, at_start, node.cost + piece.cost, estimate)


def _triples(operations: Operations) -> int:
    return sum(op.name == "ccz" for op in operations)


def _several(ranked: list[tuple[float, int, T]], most: int, kinds: int) -> list[T]:
    """Return items of least value, different ones: the best of each of some kinds, then the best of the others.

    Pieces on two qubits take entanglement away faster, by the gate, than the pieces on three that stand there.
    """
    different: dict[float, tuple[float, int, T]] = {}
    for item in sorted(ranked, key=lambda item: item[0]):
        different.setdefault(round(item[0], 5), item)
    order = list(different.values())
    best = list({kind: place for place, (_, kind, _) in reversed(list(enumerate(order)))}.values())
    first = sorted(best)[:kinds]
    others = [place for place in range(len(order)) if place not in first]
    return [order[place][2] for place in (*first, *others)[:most]]


def places(coupling: Coupling) -> list[Qubits]:
    """Return where pieces may stand: coupled pairs, and triples of which every pair is coupled."""
    triples = combinations(range(coupling.num_qubits), 3)
    coupled = set(coupling.pairs)
    return [*coupling.pairs, *(triple for triple in triples if set(combinations(triple, 2)) <= coupled)]


def _placed(gates: GateSequence, theta: NDArray[np.float64], qubits: Qubits) -> Operations:
    operations, used = [], 0
    for name, local in gates:
        number = GATES[name].num_params
        angles = tuple(float(t) for t in theta[used : used + number])
        operations.append(Operation(name, tuple(qubits[q] for q in local), angles))
        used += number
    return tuple(operations)


def _left_over(target: Matrix, left: Operations, right: Operations) -> Matrix:
    """Return ``W U V^dagger``."""
    operator = target
    for op in left:
        operator = apply_gate(op.name, op.qubits, op.params, operator)
    operator = np.ascontiguousarray(operator.conj().T)
    for op in right:
        operator = apply_gate(op.name, op.qubits, op.params, operator)
    return np.ascontiguousarray(operator.conj().T)


_CCZ = (
    ("cx", (1, 2)), ("tdg", (2,)), ("cx", (0, 2)), ("t", (2,)), ("cx", (1, 2)), ("tdg", (2,)), ("cx", (0, 2)),
    ("t", (1,)), ("t", (2,)), ("cx", (0, 1)), ("t", (0,)), ("tdg", (1,)), ("cx", (0, 1)),
)  # fmt: skip


def _without_ccz(operation: Operation) -> Operations:
    """Write a ccz with six cx."""
    if operation.name != "ccz":
        return (operation,)
    return tuple(Operation(name, tuple(operation.qubits[i] for i in local), ()) for name, local in _CCZ)
