"""What makes one circuit cheaper than another: the only place that says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from circuitdiff.circuits.circuit import T_GATES
from circuitdiff.errors import InputError
from circuitdiff.registry import Registry

if TYPE_CHECKING:
    from circuitdiff.circuits.circuit import Circuit, Operation
    from circuitdiff.spec.device import Device

Key = tuple[float, ...]
"""Figures of a circuit that are compared in order; less is cheaper."""

CostFunction = Callable[["Circuit"], "float | Key"]


@dataclass(frozen=True)
class Cost:
    """An order of circuits.

    Attributes:
        name: how results call it.
        key: figures of a circuit, the most important first.
    """

    name: str
    key: Callable[[Circuit], Key]

    def is_cheaper(self, circuit: Circuit, other: Circuit | None) -> bool:
        """Tell whether a circuit costs less than another, or than none at all."""
        return other is None or self.key(circuit) < self.key(other)


def _shape(circuit: Circuit) -> Key:
    return circuit.two_qubit_count, circuit.depth, circuit.num_gates


def two_qubit_cost(device: Device) -> Cost:
    """Gates on two or more qubits, then depth, then all gates."""
    return Cost("two-qubit", _shape)


def depth_cost(device: Device) -> Cost:
    """Layers, then gates on two or more qubits."""
    return Cost("depth", lambda circuit: (circuit.depth, circuit.two_qubit_count, circuit.num_gates))


def gate_cost(device: Device) -> Cost:
    """All gates, then those on two or more qubits."""
    return Cost("gates", lambda circuit: (circuit.num_gates, circuit.two_qubit_count, circuit.depth))


def t_cost(device: Device) -> Cost:
    """Gates ``t`` and ``tdg``, then the shape of the circuit."""

    def key(circuit: Circuit) -> Key:
        return circuit.t_count, *_shape(circuit)

    return Cost("t", key)


def error_cost(device: Device) -> Cost:
    """The chance that some gate fails, by the device's error rates: ``sum of -log(1 - rate)``.

    Raises:
        InputError: the device has no error rates.
    """
    return _summed("error", device.errors, lambda rate: -math.log1p(-min(rate, 1 - 1e-12)))


def duration_cost(device: Device) -> Cost:
    """Seconds of the longest chain of gates that wait for each other, by the device's durations.

    Raises:
        InputError: the device has no durations.
    """
    if not device.durations:
        raise InputError("cost duration needs a device with durations of its gates")

    def key(circuit: Circuit) -> Key:
        ready = [0.0] * circuit.num_qubits
        for operation in circuit.operations:
            end = max(ready[q] for q in operation.qubits) + _value(device.durations, operation, 0.0)
            for q in operation.qubits:
                ready[q] = end
        return max(ready, default=0.0), *_shape(circuit)

    return Cost("duration", key)


COSTS: Registry[Callable[[Device], Cost]] = Registry(
    "cost",
    {
        "two-qubit": two_qubit_cost,
        "depth": depth_cost,
        "gates": gate_cost,
        "t": t_cost,
        "error": error_cost,
        "duration": duration_cost,
    },
)
"""Every cost by name, made for a device; a new one is a function and an entry."""


def parse_cost(cost: str | Cost | CostFunction | None, device: Device) -> Cost:
    """Return the order of circuits that a name, a `Cost` or a user's function stands for.

    Args:
        cost: a name of `COSTS`, a `Cost`, or a function from a circuit to a number or a tuple of numbers; None for
            ``t`` where the gates are Clifford+T, else for ``two-qubit``.
        device: whose rates and durations count.

    Raises:
        InputError: for an unknown name, or a device that lacks what the cost needs.
    """
    if isinstance(cost, Cost):
        return cost
    if cost is None:
        gates = device.gate_set
        cost = "t" if gates.is_discrete and set(T_GATES) & set(gates.gates) else "two-qubit"
    if callable(cost):
        function = cost

        def key(circuit: Circuit) -> Key:
            value = function(circuit)
            return (*(value if isinstance(value, tuple) else (value,)), *_shape(circuit))

        return Cost(getattr(cost, "__name__", "custom"), key)
    if cost not in COSTS:
        raise InputError(f"unknown cost {cost!r}; there are: {', '.join(COSTS)}")
    return COSTS[cost](device)


def _summed(name: str, rates: Mapping[tuple[str, tuple[int, ...]], float], weigh: Callable[[float], float]) -> Cost:
    if not rates:
        raise InputError(f"cost {name} needs a device with {name} rates of its gates")
    worst = max(rates.values())

    def key(circuit: Circuit) -> Key:
        return math.fsum(weigh(_value(rates, op, worst)) for op in circuit.operations), *_shape(circuit)

    return Cost(name, key)


def _value(values: Mapping[tuple[str, tuple[int, ...]], float], operation: Operation, missing: float) -> float:
    """Look a placed gate up, in either order of its qubits, then by its name alone."""
    for place in (operation.qubits, operation.qubits[::-1], ()):
        if (operation.name, place) in values:
            return values[operation.name, place]
    return 0.0 if len(operation.qubits) == 1 else missing
