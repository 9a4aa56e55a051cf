"""Rotations about anticommuting Paulis, brought together so that one approximation serves both.

Written before all Cliffords, a circuit is a product of rotations about Paulis (see `phase_folding`).  Two Paulis that
anticommute generate an SU(2): rotations about them and their product are single-qubit gates of one encoded qubit, and
any product of them takes no more T than one generic gate.  Rotations change places where they commute, so that two may
come together if no way leads from one to the other over rotations that do not.  Cliffords, which cost no T, take the
first Pauli to Z and the second to X on one qubit.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import pi
from typing import NamedTuple

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Pair
from circuitdiff.synthesis.clifford_t.phase_folding import ROUNDING, Frame, Pauli, quarters_of

MAX_ROTATIONS = 3000
"""Circuits with more are left as they are: the time grows with the square."""

Pairs = frozenset[Pair] | None

_TO_Z: dict[str, tuple[str, ...]] = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
_QUARTERS = {"s": 1, "sdg": 3}
_INVERSE = {"s": "sdg", "sdg": "s"}


class _Rotation(NamedTuple):
    """``exp(-i angle/2 P)``; the Pauli is written before all Cliffords."""

    place: int
    pauli: Pauli
    angle: float

    @property
    def is_approximate(self) -> bool:
        """Whether the angle is no multiple of pi/4."""
        eighths = self.angle / (pi / 4)
        return abs(eighths - round(eighths)) > ROUNDING


_Group = list[_Rotation]
"""Rotations of one encoded qubit, in time order."""


def pair_rotations(circuit: Circuit, pairs: Pairs) -> Circuit:
    """Return a circuit of the same operation with rotations brought together, over ``rz`` and Cliffords.

    Args:
        circuit: over ``rz``, ``h`` and ``cx``, as `fold_phases` gives it.
        pairs: pairs ``(low, high)`` that more gates may be put on, None for all; where others would be needed the
            circuit comes back as it is.
    """
    rotations = _rotations(circuit)
    if len(rotations) > MAX_ROTATIONS:
        return circuit
    groups = _grouped(rotations)
    paired = replace(circuit, operations=tuple(_written(circuit, groups)))
    return paired if pairs is None or paired.pairs <= pairs | circuit.pairs else circuit


def _rotations(circuit: Circuit) -> list[_Rotation]:
    frame = Frame(circuit.num_qubits)
    found = []
    for place, (name, qubits, params) in enumerate(circuit.operations):
        quarters = quarters_of(params[0]) if name == "rz" else 0
        if quarters is None:
            found.append(_Rotation(place, frame.z[qubits[0]], params[0]))
        else:
            frame.pass_gate(name, qubits, quarters)
    return found


def _grouped(rotations: Sequence[_Rotation]) -> list[_Group]:
    """Group rotations and return the groups in an order in which they may come.

    Those that few others stand in the way of choose first.
    """
    before = [
        sum(1 << i for i in range(j) if not rotations[i].pauli.commutes(later.pauli))
        for j, later in enumerate(rotations)
    ]
    groups: list[_Group] = []
    after: list[int] = []  # for each group, those that have to come after it, as bits
    home: dict[int, int] = {}
    placed = 0
    waiting = list(range(len(rotations)))
    while waiting:
        ready = [j for j in waiting if before[j] & ~placed == 0]
        chosen = min(ready, key=lambda j: (len({home[i] for i in _bits(before[j])}), j))
        waiting.remove(chosen)
        placed |= 1 << chosen
        ahead = {home[i] for i in _bits(before[chosen])}
        group = _home(rotations[chosen], groups, after, ahead)
        if group is None:
            group = len(groups)
            groups.append([])
            after.append(0)
        groups[group].append(rotations[chosen])
        home[chosen] = group
        ahead.discard(group)
        mask, behind = sum(1 << g for g in ahead), after[group] | 1 << group
        after = [bits | behind if g in ahead or bits & mask else bits for g, bits in enumerate(after)]
    return _in_order(groups, after)


def _home(rotation: _Rotation, groups: Sequence[_Group], after: Sequence[int], ahead: set[int]) -> int | None:
    """Return the group that a rotation joins: an encoded qubit that it acts on, else a single rotation; or None."""
    mask = sum(1 << g for g in ahead)
    fitting = [
        g
        for g in ahead
        if after[g] & mask == 0
        and _spans(groups[g], rotation.pauli)
        and (rotation.is_approximate or any(member.is_approximate for member in groups[g]))
    ]
    return min(fitting, key=lambda g: (len(_axes(groups[g])) == 1, -groups[g][-1].place), default=None)


def _axes(group: _Group) -> list[Pauli]:
    """Return two of the Paulis that a group is about, or the only one."""
    first = group[0].pauli
    return [first, *[member.pauli for member in group if not member.pauli.is_like(first)][:1]]


def _spans(group: _Group, pauli: Pauli) -> bool:
    """Tell whether a rotation that does not commute with a group acts on its encoded qubit, or would make one."""
    axes = _axes(group)
    return len(axes) == 1 or any(pauli.is_like(axis) for axis in (*axes, axes[0].times(axes[1])))


def _in_order(groups: Sequence[_Group], after: Sequence[int]) -> list[_Group]:
    """Return groups in an order that their dependences allow, by the places of their first rotations."""
    waits = [sum(bits >> g & 1 for bits in after) for g in range(len(groups))]
    ready = [(group[0].place, g) for g, group in enumerate(groups) if waits[g] == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        _, done = heapq.heappop(ready)
        ordered.append(groups[done])
        for g in _bits(after[done]):
            waits[g] -= 1
            if waits[g] == 0:
                heapq.heappush(ready, (groups[g][0].place, g))
    return ordered


def _written(circuit: Circuit, groups: Sequence[_Group]) -> Iterator[Operation]:
    """Yield the Cliffords of a circuit, and each group where a member stands, or as soon as it may come."""
    frame = Frame(circuit.num_qubits)
    reached = 0
    for group in groups:
        until = min((member.place for member in group if member.place >= reached), default=reached)
        yield from _passed(circuit, frame, reached, until)
        reached = until
        yield from _group_gates(group, frame)
    yield from _passed(circuit, frame, reached, len(circuit.operations))


def _passed(circuit: Circuit, frame: Frame, start: int, end: int) -> Iterator[Operation]:
    for operation in circuit.operations[start:end]:
        quarters = quarters_of(operation.params[0]) if operation.name == "rz" else 0
        if quarters is not None:
            frame.pass_gate(operation.name, operation.qubits, quarters)
            yield operation


def _group_gates(group: _Group, frame: Frame) -> Iterator[Operation]:
    """Yield Cliffords that take a group's Paulis to one qubit, its rotations there, and the Cliffords' inverses."""
    axes, inner = _axes(group), frame.copy()
    cliffords: list[Operation] = []

    def put(operation: Operation) -> None:
        cliffords.append(operation)
        inner.pass_gate(operation.name, operation.qubits, _QUARTERS.get(operation.name, 0))

    letters, second = inner.letters(axes[0])[0], inner.letters(axes[-1])[0]
    qubit = next(q for q in letters if len(axes) == 1 or second.get(q, letters[q]) != letters[q])
    for q, letter in letters.items():
        for name in _TO_Z[letter]:
            put(Operation(name, (q,)))
    for q in letters:
        if q != qubit:
            put(Operation("cx", (q, qubit)))
    for q, letter in inner.letters(axes[-1])[0].items():
        if q != qubit:
            for name in (*_TO_Z[letter], "h"):
                put(Operation(name, (q,)))
            put(Operation("cx", (qubit, q)))
    yield from cliffords
    for member in group:
        (letter,), sign = inner.letters(member.pauli)[0].values(), inner.letters(member.pauli)[1]
        yield from (Operation(name, (qubit,)) for name in _TO_Z[letter])
        yield Operation("rz", (qubit,), (sign * member.angle,))
        yield from (Operation(_INVERSE.get(name, name), (qubit,)) for name in reversed(_TO_Z[letter]))
    yield from (op._replace(name=_INVERSE.get(op.name, op.name)) for op in reversed(cliffords))


def _bits(mask: int) -> Iterator[int]:
    """Yield the places of the ones of a number."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
