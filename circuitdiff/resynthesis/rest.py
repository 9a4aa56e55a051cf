"""What follows a block on a device: does it still fit when wires are relabelled, and what does it cost then?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import TYPE_CHECKING

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.program import OpaqueOperation, Step, wires_of
from circuitdiff.resynthesis.relabelling import on_other_wires

if TYPE_CHECKING:
    from circuitdiff.resynthesis.replacement import Place

PERMUTED = 3
"""Qubits of the largest blocks whose outputs are permuted."""


class Rest:
    """The steps after a block, as far as it matters on which wires they are: equal gates are counted."""

    def __init__(self, place: Place, steps: Iterable[Step] = ()) -> None:
        """Take the device and the steps, in any order."""
        self._place = place
        self._gates: dict[int, Counter[Operation]] = {}
        self._opaque: dict[int, dict[int, OpaqueOperation]] = {}
        self.add(steps)

    def copy(self) -> Rest:
        """Return the same, to be changed on its own."""
        other = Rest(self._place)
        other._gates = {wire: Counter(gates) for wire, gates in self._gates.items()}
        other._opaque = {wire: dict(steps) for wire, steps in self._opaque.items()}
        return other

    def add(self, steps: Iterable[Step]) -> None:
        """Put steps before it."""
        for step in steps:
            if isinstance(step, OpaqueOperation):
                for wire in step.wires:
                    self._opaque.setdefault(wire, {})[id(step)] = step
            elif len(step.qubits) > 1:
                self._count(step, 1)

    def extra_cost(self, where: Mapping[int, int]) -> float | None:
        """Return what it costs more with wires relabelled, None where the device cannot run it so.

        Args:
            where: for each wire that has moved the one on which its content is.
        """
        extra = 0.0
        for gate, number in self._gates_on(where).items():
            (moved,) = on_other_wires([gate], where)
            if not self._place.runs(moved):
                return None
            extra += number * (self._place.cost([moved]) - self._place.cost([gate]))
        for step in self._opaque_on(where).values():
            (moved,) = on_other_wires([step], where)
            if not self._place.runs(moved):
                return None
        return extra

    def orders(self, qubits: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
        """Return the orders of a block's outputs with which it still fits: content ``k`` on place ``order[k]``."""
        if len(qubits) > PERMUTED:
            return ()
        every = list(permutations(range(len(qubits))))[1:]
        moves = [{q: qubits[k] for q, k in zip(qubits, order, strict=True) if q != qubits[k]} for order in every]
        return tuple(order for order, where in zip(every, moves, strict=True) if self.extra_cost(where) is not None)

    def relabel(self, where: Mapping[int, int]) -> None:
        """Let it follow contents to the wires on which those are."""
        gates, opaque = self._gates_on(where), self._opaque_on(where)
        for gate, number in gates.items():
            self._count(gate, -number)
        for key, step in opaque.items():
            for wire in step.wires:
                del self._opaque[wire][key]
        for gate, number in gates.items():
            (moved,) = on_other_wires([gate], where)
            assert isinstance(moved, Operation)
            self._count(moved, number)
        self.add(on_other_wires(list(opaque.values()), where))

    def _count(self, gate: Operation, number: int) -> None:
        for wire in wires_of(gate):
            counts = self._gates.setdefault(wire, Counter())
            counts[gate] += number
            if not counts[gate]:
                del counts[gate]

    def _gates_on(self, wires: Iterable[int]) -> dict[Operation, int]:
        return {gate: number for wire in wires for gate, number in self._gates.get(wire, {}).items()}

    def _opaque_on(self, wires: Iterable[int]) -> dict[int, OpaqueOperation]:
        return {key: step for wire in wires for key, step in self._opaque.get(wire, {}).items()}
