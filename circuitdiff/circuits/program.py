"""A circuit that holds more than gates: measurements, resets, conditions, barriers, loops."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import Any

from circuitdiff.circuits.circuit import T_GATES, Circuit, Operation
from circuitdiff.errors import InputError


@dataclass(frozen=True)
class OpaqueOperation:
    """Anything but a gate of the library: it stays, and nothing on its wires is moved past it, but for rotations.

    Attributes:
        wires: qubits, and numbers beyond the register for what else must keep its order, such as classical bits.
        payload: whatever the caller wants back.
        bodies: what control flow executes, each on qubits of the register that holds the operation.
        layers: what it adds to the depth of a circuit, 0 for a barrier.
        pauli: letters, one for each wire, of the Pauli about which it rotates by an angle that is not known; empty for
            whatever else. Such a rotation may be moved past what commutes with it.
    """

    wires: tuple[int, ...]
    payload: Any = None
    bodies: tuple[Program, ...] = ()
    layers: int = 1
    pauli: str = ""


Step = Operation | OpaqueOperation


def wires_of(step: Step) -> tuple[int, ...]:
    """Return what a step acts on: qubits, and whatever else an opaque operation has to stay in order with."""
    return step.qubits if isinstance(step, Operation) else step.wires


def gates_first(steps: Sequence[Step], ranks: Sequence[int]) -> tuple[int, ...]:
    """Return the positions of steps in an order that respects every wire, gates as early as they can come.

    Runs of gates become as long as possible, and opaque operations come by rank where their wires leave a choice.

    Args:
        steps: in time order.
        ranks: of each step; those of gates do not matter.
    """
    if all(isinstance(step, Operation) for step in steps):
        return tuple(range(len(steps)))
    after: list[list[int]] = [[] for _ in steps]
    waits = [0] * len(steps)
    last: dict[int, int] = {}
    for position, step in enumerate(steps):
        for wire in dict.fromkeys(wires_of(step)):
            if wire in last:
                after[last[wire]].append(position)
                waits[position] += 1
            last[wire] = position

    def key(position: int) -> tuple[bool, int, int]:
        is_gate = isinstance(steps[position], Operation)
        return not is_gate, 0 if is_gate else ranks[position], position

    ready = [key(position) for position, count in enumerate(waits) if count == 0]
    heapq.heapify(ready)
    ordered = []
    while ready:
        position = heapq.heappop(ready)[-1]
        ordered.append(position)
        for following in after[position]:
            waits[following] -= 1
            if waits[following] == 0:
                heapq.heappush(ready, key(following))
    return tuple(ordered)


@dataclass(frozen=True)
class Program:
    """Gates and opaque operations on ``num_qubits`` qubits in time order, and a global phase in radians.

    Attributes:
        source: the other SDK's circuit from which this was read; its registers, bits and layout are kept on writing.
    """

    num_qubits: int
    steps: tuple[Step, ...]
    global_phase: float = 0.0
    source: Any = None

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The gates of the program itself, without those in bodies of control flow."""
        return tuple(step for step in self.steps if isinstance(step, Operation))

    @property
    def is_circuit(self) -> bool:
        """Whether there is nothing but gates."""
        return all(isinstance(step, Operation) for step in self.steps)

    def gates(self) -> Iterator[Operation]:
        """Yield every gate, of bodies of control flow too."""
        for step in self.steps:
            if isinstance(step, Operation):
                yield step
            else:
                for body in step.bodies:
                    yield from body.gates()

    @cached_property
    def num_gates(self) -> int:
        """Number of gates, those in bodies of control flow counted once."""
        return sum(1 for _ in self.gates())

    @cached_property
    def two_qubit_count(self) -> int:
        """Number of gates on two or more qubits, those in bodies of control flow counted once."""
        return sum(len(gate.qubits) > 1 for gate in self.gates())

    @cached_property
    def t_count(self) -> int:
        """Number of t and tdg gates, those in bodies of control flow counted once."""
        return sum(gate.name in T_GATES for gate in self.gates())

    @cached_property
    def t_depth(self) -> int:
        """Number of layers of t and tdg gates outside bodies of control flow, every step as early as it can."""
        ready: dict[int, int] = {}
        for step in self.steps:
            wires = wires_of(step)
            layer = max((ready.get(wire, 0) for wire in wires), default=0)
            layer += isinstance(step, Operation) and step.name in T_GATES
            ready.update(dict.fromkeys(wires, layer))
        return max(ready.values(), default=0)

    @cached_property
    def depth(self) -> int:
        """Number of layers when every step starts as early as it can; barriers add none, control flow one."""
        ready: dict[int, int] = {}
        for step in self.steps:
            wires = wires_of(step)
            layer = max((ready.get(wire, 0) for wire in wires), default=0)
            layer += 1 if isinstance(step, Operation) else step.layers
            ready.update(dict.fromkeys(wires, layer))
        return max(ready.values(), default=0)

    @cached_property
    def pairs(self) -> frozenset[tuple[int, int]]:
        """The couplings in use: every pair ``(low, high)`` that shares a gate."""
        return frozenset(
            (min(a, b), max(a, b)) for op in self.gates() for i, a in enumerate(op.qubits) for b in op.qubits[:i]
        )

    def circuit(self) -> Circuit:
        """Return a program of gates alone as a circuit.

        Raises:
            InputError: it holds anything else.
        """
        for step in self.steps:
            if not isinstance(step, Operation):
                raise InputError(f"{getattr(step.payload, 'name', 'an operation')!r} is no gate")
        return Circuit(self.num_qubits, self.operations, self.global_phase)

    def with_circuit(self, circuit: Circuit) -> Program:
        """Return a circuit on the registers of this program."""
        return replace(self, steps=circuit.expand().operations, global_phase=circuit.global_phase)

    def to_qasm(self, version: int = 3) -> str:
        """Return the program as OpenQASM 3 or 2, under the names of the circuit from which it was read."""
        text: str = import_module("circuitdiff.interop").program_to_qasm(self, version)
        return text
