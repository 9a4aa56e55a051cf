"""A circuit that holds more than gates: measurements, resets, conditions, barriers, loops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from circuitdiff.circuits.circuit import Operation


@dataclass(frozen=True)
class OpaqueOperation:
    """Anything but a gate of the library: it stays, and nothing on its wires is moved past it.

    Attributes:
        wires: qubits, and numbers beyond the register for what else must keep its order, such as classical bits.
        payload: whatever the caller wants back.
        bodies: what control flow executes, each on qubits of the register that holds the operation.
        layers: what it adds to the depth of a circuit, 0 for a barrier.
    """

    wires: tuple[int, ...]
    payload: Any = None
    bodies: tuple[Program, ...] = ()
    layers: int = 1


Step = Operation | OpaqueOperation


def wires_of(step: Step) -> tuple[int, ...]:
    """Return what a step acts on: qubits, and whatever else an opaque operation has to stay in order with."""
    return step.qubits if isinstance(step, Operation) else step.wires


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
