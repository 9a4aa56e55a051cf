"""What a device's links can run, gate by gate and angle by angle, and how the rest is said in that."""

from __future__ import annotations

import cmath
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import pi

import numpy as np
from qiskit.transpiler import Target

from circuitdiff import GATES, Circuit, InputError, OpaqueOperation, Operation, compile

TURNS = (0, 1, -1, 2, -2, 3, -3, 4, -4)
"""By how many of its half periods an angle is moved, the smallest moves first."""

PAULI_PAIRS = {"rzz": ("zz", "x"), "rxx": ("xx", "z"), "ryy": ("yy", "x"), "rzx": ("zx", "x")}
"""Rotations about two Paulis: those that half a turn adds, and one on the first qubit that reverses them."""

CONTROLLED = {"crx": "z", "cry": "x", "crz": "x"}
"""Controlled rotations, and the Pauli that reverses them on their target."""

MATCH_TOL = 1e-9


class Links:
    """The gates of a target, asked for where they lie and with their angles."""

    def __init__(self, target: Target, gate_set: str) -> None:
        """Take a target, and the gate set in which circuits are written for it."""
        self._target = target
        self._single = [name for name in gate_set.split(",") if GATES[name].num_qubits == 1]

    def fit(self, circuit: Circuit) -> Circuit | None:
        """Return a circuit in gates that every link has, within the bounds of their angles; None where one has none.

        Gates on single qubits pass; they are put into the device's own at the end.
        """
        operations: list[Operation] = []
        phase = circuit.global_phase
        for operation in circuit.operations:
            fitted = [operation] if len(operation.qubits) == 1 else self._fitted(operation)
            if fitted is None:
                return None
            operations += fitted
            phase += _phase(operation, fitted) if fitted != [operation] else 0.0
        return Circuit(circuit.num_qubits, tuple(operations), phase)

    def has(self, operation: Operation) -> bool:
        """Tell whether a link has a gate with its angles, in one direction at least."""
        params = list(operation.params)
        orders = {operation.qubits, operation.qubits[::-1]} if len(operation.qubits) == 2 else {operation.qubits}
        return any(self._target.instruction_supported(operation.name, q, parameters=params) for q in orders)

    def runs(self, step: OpaqueOperation) -> bool:
        """Tell whether what is no gate can be run where it lies."""
        node = step.payload
        return node.name == "barrier" or self._target.instruction_supported(node.name, step.wires[: len(node.qargs)])

    def _fitted(self, operation: Operation) -> list[Operation] | None:
        wrapped = self._wrapped(operation)
        if wrapped is not None:
            return wrapped
        names = [name for name, gate in GATES.items() if gate.num_qubits == 2 and self._has_name(name, operation)]
        if not names or len(operation.qubits) != 2:
            return None
        fitted: list[Operation] = []
        for part in _translated(operation.name, operation.params, ",".join([*self._single, *names])) or ():
            placed = part._replace(qubits=tuple(operation.qubits[q] for q in part.qubits))
            parts = [placed] if len(placed.qubits) == 1 else self._wrapped(placed)
            if parts is None:
                return None
            fitted += parts
        return fitted or None

    def _has_name(self, name: str, operation: Operation) -> bool:
        return any(self._target.instruction_supported(name, q) for q in (operation.qubits, operation.qubits[::-1]))

    def _wrapped(self, operation: Operation) -> list[Operation] | None:
        """Return a gate with its angle within bounds, between gates on single qubits; None where there is no way."""
        for candidate in wrappings(operation):
            wide = [op for op in candidate if len(op.qubits) > 1]
            if all(map(self.has, wide)) and _is_same(operation, candidate):
                return candidate
        return None


def wrappings(operation: Operation) -> Iterator[list[Operation]]:
    """Yield a gate with other angles and gates on single qubits around it, the same but for a global phase."""
    yield [operation]
    name, qubits, params = operation
    if name in PAULI_PAIRS:
        added, reverses = PAULI_PAIRS[name]
        for turns in TURNS:
            after = (
                [Operation(pauli, (qubit,)) for pauli, qubit in zip(added, qubits, strict=True)] if turns % 2 else []
            )
            yield [Operation(name, qubits, (params[0] + turns * pi,)), *after]
            flip = Operation(reverses, qubits[:1])
            yield [flip, Operation(name, qubits, (-(params[0] + turns * pi),)), flip, *after]
    elif name in CONTROLLED:
        for turns in TURNS:
            after = [Operation("z", qubits[:1])] if turns % 2 else []
            yield [Operation(name, qubits, (params[0] + 2 * turns * pi,)), *after]
            flip = Operation(CONTROLLED[name], qubits[1:])
            yield [flip, Operation(name, qubits, (-(params[0] + 2 * turns * pi),)), flip, *after]
    elif name == "cp":
        for turns in TURNS:
            angle = params[0] + 2 * turns * pi
            flip = Operation("x", qubits[:1])
            yield [Operation(name, qubits, (angle,))]
            yield [flip, Operation(name, qubits, (-angle,)), flip, Operation("p", qubits[1:], (params[0],))]


def _local(operations: Sequence[Operation], qubits: tuple[int, ...]) -> np.ndarray:
    places = {qubit: place for place, qubit in enumerate(qubits)}
    moved = tuple(op._replace(qubits=tuple(places[q] for q in op.qubits)) for op in operations)
    return Circuit(len(qubits), moved).unitary()


def _is_same(operation: Operation, candidate: Sequence[Operation]) -> bool:
    given, made = (_local(ops, operation.qubits) for ops in ([operation], candidate))
    return bool(abs(abs(np.vdot(made, given)) / len(given) - 1) < MATCH_TOL)


def _phase(operation: Operation, fitted: Sequence[Operation]) -> float:
    given, made = (_local(ops, operation.qubits) for ops in ([operation], fitted))
    return cmath.phase(complex(np.vdot(made, given)))


@lru_cache(maxsize=4096)
def _translated(name: str, params: tuple[float, ...], gate_set: str) -> tuple[Operation, ...] | None:
    """Return a gate on two qubits in the gates of one link, as few on two qubits as there can be."""
    unitary = Circuit(2, (Operation(name, (0, 1), params),)).unitary()
    try:
        return compile(unitary, gate_set=gate_set).circuit.operations
    except InputError:
        return None
