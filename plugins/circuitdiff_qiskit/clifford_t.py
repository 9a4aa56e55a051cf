"""What the passes do in a Clifford+T basis: a whole circuit is approximated within one error budget."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from qiskit.circuit import CONTROL_FLOW_OP_NAMES, ControlFlowOp, Qubit
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.dagcircuit import DAGCircuit
from qiskit.quantum_info import get_clifford_gate_names

from circuitdiff import GateSet, OpaqueOperation, Operation, Program, resynthesize_program
from circuitdiff_qiskit.steps import STANDARD, steps_of

logger = logging.getLogger(__name__)

TOL = 1e-6
"""Infidelity of a whole circuit that is allowed by default in a Clifford+T basis."""

CLIFFORD_T = "h,s,sdg,t,tdg,x,z,cx"
"""What unitaries are written in for Qiskit's pipeline."""

QISKITS_OWN = frozenset([*get_clifford_gate_names(), "t", "tdg", "rz", *CONTROL_FLOW_OP_NAMES])
"""The basis in which Qiskit's Clifford+T pipeline wants unitaries, whatever its own is; it approximates rz later."""


def is_clifford_t(gate_set: str) -> bool:
    """Tell whether a gate set that `circuitdiff.gate_set_of` found is Clifford+T: such a set has no angles."""
    return GateSet(gate_set, tuple(gate_set.split(","))).is_discrete


def is_qiskits_own(basis_gates: Collection[str] | None) -> bool:
    """Tell whether it is Qiskit's Clifford+T pipeline that asks."""
    return basis_gates is not None and set(basis_gates) >= QISKITS_OWN


def approximated(
    dag: DAGCircuit, gate_set: str, pairs: Iterable[tuple[int, int]] | None, settings: Mapping[str, Any]
) -> DAGCircuit:
    """Return a circuit in Clifford+T within a tolerance, or as it was where that has no more T already.

    Args:
        dag: laid out on the device; gates may have any angles.
        gate_set: of Cliffords and T.
        pairs: couplings of the device, None for all.
        settings: ``tol``, ``seed`` and ``timeout``: see `circuitdiff.resynthesize_program`.
    """
    places = {qubit: place for place, qubit in enumerate(dag.qubits)}
    given = _program(dag, places, len(places))
    coupling = "all" if pairs is None else ",".join(sorted({f"{min(pair)}-{max(pair)}" for pair in pairs}))
    found = resynthesize_program(given, gate_set=gate_set, coupling=coupling, **settings)
    if not found.tol_met:
        logger.warning(
            "infidelity %.1e misses the tolerance of %.1e in the time given", found.infidelity, settings["tol"]
        )
    is_in_basis = {gate.name for gate in given.gates()} <= set(gate_set.split(","))
    if is_in_basis and (not found.tol_met or found.circuit.t_count >= given.t_count):
        return dag
    assert isinstance(found.circuit, Program)
    return _written(found.circuit, dag, {place: qubit for qubit, place in places.items()})


def _program(dag: DAGCircuit, places: Mapping[Qubit, int], num_qubits: int) -> Program:
    """Read a circuit whose qubits are those of the register at ``places``."""
    steps = []
    for step in steps_of(dag, places):
        if isinstance(step, OpaqueOperation) and isinstance(step.payload.op, ControlFlowOp):
            qubits = [places[q] for q in step.payload.qargs]
            bodies = [circuit_to_dag(body) for body in step.payload.op.blocks]
            inner = [_program(body, dict(zip(body.qubits, qubits, strict=True)), num_qubits) for body in bodies]
            step = replace(step, bodies=tuple(inner))
        steps.append(step)
    return Program(num_qubits, tuple(steps))


def _written(program: Program, dag: DAGCircuit, bits: Mapping[int, Qubit]) -> DAGCircuit:
    """Write a program on the registers of the circuit that it was read from."""
    result = dag.copy_empty_like()
    result.global_phase += program.global_phase
    for step in program.steps:
        if isinstance(step, Operation):
            gate = STANDARD[step.name].base_class(*step.params)
            result.apply_operation_back(gate, tuple(bits[q] for q in step.qubits), check=False)
            continue
        node, operation = step.payload, step.payload.op
        if step.bodies:
            wires = [place for qubit in node.qargs for place, bit in bits.items() if bit == qubit]
            blocks = [
                dag_to_circuit(
                    _written(body, inner, dict(zip(wires, inner.qubits, strict=True))), copy_operations=False
                )
                for body, inner in zip(step.bodies, map(circuit_to_dag, operation.blocks), strict=True)
            ]
            operation = operation.replace_blocks(blocks)
        result.apply_operation_back(operation, node.qargs, node.cargs, check=False)
    return result
