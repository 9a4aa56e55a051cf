"""Rotations of single qubits within the bounds that a target sets to their angles."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import pi

from qiskit.circuit import ControlFlowOp
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import Target

HALF_TURNED = {"rx": pi, "ry": pi, "rz": pi, "p": 0.0, "u1": 0.0}
"""Rotations with one angle, and the global phase that a whole turn adds."""

MOST_PARTS = 8
"""A rotation becomes so many smaller ones at most."""

TURNS = (0, -1, 1, -2, 2)


def within_bounds(dag: DAGCircuit, target: Target) -> DAGCircuit | None:
    """Return the circuit with rotations of single qubits moved by whole turns, or split, to keep to a target's bounds.

    Returns:
        None where a gate can be said in no way within them.
    """
    result = dag.copy_empty_like()
    for node in dag.topological_op_nodes():
        operation = node.op
        if isinstance(operation, ControlFlowOp):
            bodies = [within_bounds(circuit_to_dag(body), target) for body in operation.blocks]
            inside = [dag_to_circuit(body, copy_operations=False) for body in bodies if body is not None]
            if len(inside) < len(bodies):
                return None
            result.apply_operation_back(operation.replace_blocks(inside), node.qargs, node.cargs, check=False)
            continue
        if not target.gate_has_angle_bounds(node.name) or operation.is_parameterized():
            result.apply_operation_back(operation, node.qargs, node.cargs, check=False)
            continue
        parts, phase = _parts(node.name, [float(angle) for angle in node.params], target) or ((), 0.0)
        if not parts:
            return None
        result.global_phase += phase
        for params in parts:
            result.apply_operation_back(type(operation)(*params), node.qargs, check=False)
    return result


def _parts(name: str, params: list[float], target: Target) -> tuple[list[list[float]], float] | None:
    """Return the parameters of the gates that make a gate within its bounds, and a global phase."""

    def fits(angles: list[float]) -> bool:
        return bool(target.instruction_supported(name, parameters=angles))

    if fits(params):
        return [params], 0.0
    return _split(params[0], HALF_TURNED[name], fits) if name in HALF_TURNED else None


def _split(angle: float, turn: float, fits: Callable[[list[float]], bool]) -> tuple[list[list[float]], float] | None:
    """Return the same for a rotation: equal parts of an angle that is some whole turns away, as few as there can be."""
    for parts, turns in product(range(1, MOST_PARTS + 1), TURNS):
        part = [(angle + 2 * pi * turns) / parts]
        if fits(part):
            return [part] * parts, turn * turns
    return None
