"""Qiskit's circuits as gates of the library and opaque operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import pi
from typing import Any

from qiskit.circuit import Qubit
from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.dagcircuit import DAGCircuit, DAGOpNode

from circuitdiff import GATES, OpaqueOperation, Operation

OTHER_NAMES: Mapping[str, Callable[..., tuple[float, float, float]]] = {
    "u1": lambda lam: (0.0, 0.0, lam),
    "u2": lambda phi, lam: (pi / 2, phi, lam),
    "u3": lambda theta, phi, lam: (theta, phi, lam),
    "r": lambda theta, phi: (theta, phi - pi / 2, pi / 2 - phi),
}
"""Gates that the library has as ``u``, and the angles of that."""

ROTATIONS = {"rx": "X", "ry": "Y", "rz": "Z", "p": "Z", "u1": "Z", "rxx": "XX", "ryy": "YY", "rzz": "ZZ"}
"""Rotations up to a global phase, and the Pauli about which they rotate."""

_BY_NAME = get_standard_gate_name_mapping()

STANDARD = {n: gate for n, gate in _BY_NAME.items() if n in GATES or n in OTHER_NAMES}
"""Qiskit's gates that the library has."""


def steps_of(dag: DAGCircuit, places: Mapping[Qubit, int]) -> list[Operation | OpaqueOperation]:
    """Return a circuit's operations; what is no gate of the library, or has parameters, becomes opaque."""
    wires: dict[Any, int] = dict(places)
    beyond = max(places.values(), default=-1) + 1
    incoming: dict[int, list[Any]] = {}
    for _, following, wire in dag.edges():
        incoming.setdefault(following._node_id, []).append(wire)
    steps: list[Operation | OpaqueOperation] = []
    for node in dag.topological_op_nodes():
        operation = operation_of(node, places)
        if operation is None:
            touched = incoming.get(node._node_id, [])
            for wire in touched:
                wires.setdefault(wire, beyond + len(wires))
            layers = 0 if node.name == "barrier" else 1
            wanted = (*node.qargs, *(wire for wire in touched if wire not in node.qargs))
            steps.append(OpaqueOperation(tuple(wires[w] for w in wanted), node, layers=layers, pauli=_pauli_of(node)))
        else:
            steps.append(operation)
    return steps


def joined(first: OpaqueOperation, second: OpaqueOperation) -> OpaqueOperation | None:
    """Return one rotation by the sum of two angles with parameters.

    None for gates of different names, which may differ by a phase, and where a parameter would vanish from the circuit.
    """
    a, b = first.payload, second.payload
    if a.name != b.name:
        return None
    angles = (a.op.params[0], b.op.params[0])
    angle = angles[0] + angles[1]
    if angle.parameters != angles[0].parameters | angles[1].parameters:
        return None
    operation = _BY_NAME[a.name].base_class(angle, label=a.op.label)
    return replace(first, payload=DAGOpNode(operation, a.qargs))


def _pauli_of(node: DAGOpNode) -> str:
    """Return the Pauli about which a node rotates by an angle with parameters, nothing for whatever else it does."""
    pauli = ROTATIONS.get(node.name, "")
    is_own = pauli and getattr(node.op, "base_class", type(node.op)) is _BY_NAME[node.name].base_class
    return pauli if is_own and not node.cargs and getattr(node.op, "condition", None) is None else ""


def operation_of(node: DAGOpNode, places: Mapping[Qubit, int]) -> Operation | None:
    """Return a node as a gate of the library, None where it is none or has parameters."""
    standard = STANDARD.get(node.name)
    if standard is None or node.cargs or getattr(node.op, "condition", None) is not None:
        return None
    is_own = getattr(node.op, "base_class", type(node.op)) is standard.base_class
    if not is_own or not all(isinstance(param, float | int) for param in node.op.params):
        return None
    qubits, params = tuple(places[q] for q in node.qargs), tuple(map(float, node.op.params))
    if node.name in OTHER_NAMES:
        return Operation("u", qubits, OTHER_NAMES[node.name](*params))
    return Operation(node.name, qubits, params)
