"""The circuit that there always is: analytic for gates with angles, searched or approximated for discrete ones."""

from __future__ import annotations

import logging
from functools import lru_cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import Word, gate_matrix, single_qubit_basis
from circuitdiff.errors import InputError
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.columns import column_circuit
from circuitdiff.synthesis.analytic.discrete_search import closest_circuit, discrete_circuit
from circuitdiff.synthesis.analytic.unitary import analytic_circuit

logger = logging.getLogger(__name__)

MAX_DISCRETE_GATES = 30
NATIVE_GATES = 5
"""Length up to which circuits of a continuous set's fixed gates, such as ccx, are tried."""

ROTATION_ERROR = 1e-6
"""Operator norm of all errors together when rotations are approximated in Clifford+T."""


def baseline_circuit(
    U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, deadline: float = float("inf")
) -> Circuit:
    """Return a circuit for a unitary, or its first columns, in a gate set on a coupling map.

    Exact, but for discrete gate sets whose exact circuits are out of reach: then an approximation, or the nearest
    short circuit.

    Args:
        U: (d, d) unitary or (d, k) columns, on as many qubits as the coupling map has.
        gate_set: gates to use; for columns, with free single-qubit gates.
        coupling: allowed pairs.
        deadline: `time.monotonic` by which to be done, as far as that is possible.

    Raises:
        InputError: the gate set, of gates with angles, cannot express the unitary.
    """
    if U.shape[0] != U.shape[1]:
        return column_circuit(U, gate_set, coupling)
    if gate_set.is_discrete:
        return _discrete_floor(U, gate_set, coupling, deadline)
    circuit = analytic_circuit(U, gate_set, coupling)
    fixed = tuple(g for g in gate_set.gates if GATES[g].num_params == 0)
    if circuit.two_qubit_count > 1 and {"ccx", "ccz", "cswap", "swap"} & set(fixed):
        native = discrete_circuit(U, GateSet(gate_set.name, fixed), coupling, NATIVE_GATES, deadline)
        if native is not None and native.two_qubit_count < circuit.two_qubit_count:
            return native
    return circuit


def _discrete_floor(U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, deadline: float) -> Circuit:
    found = discrete_circuit(U, gate_set, coupling, MAX_DISCRETE_GATES, deadline)
    if found is not None:
        return found
    try:
        return clifford_t_circuit(U, gate_set, coupling)
    except InputError as error:
        logger.info("no exact or approximate circuit in %s: %s", gate_set.name, error)
        return closest_circuit(U, gate_set, coupling)


def clifford_t_circuit(U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling) -> Circuit:
    """Return an analytic circuit with every rotation in Clifford gates and T, approximated where it must be.

    Raises:
        InputError: the set lacks T, what makes h of it, or an entangler.
    """
    entanglers = tuple(g for g in gate_set.entanglers if GATES[g].num_qubits == 2)
    if not {"t", "tdg"} & set(gate_set.gates):
        raise InputError(f"gate set {gate_set.name} has no t gate to approximate rotations with")
    spelled = {name: _spelled(name, gate_set) for name in ("h", "s", "sdg", "t", "tdg", "x", "z")}
    angled = analytic_circuit(U, GateSet("rz,h", ("rz", "h", *entanglers)), coupling)
    rotations = sum(op.name == "rz" for op in angled.operations)
    operations: list[Operation] = []
    for op in angled.operations:
        if len(op.qubits) > 1:
            operations.append(op)
            continue
        names = rotation_word(op.params[0], ROTATION_ERROR / rotations) if op.name == "rz" else ("h",)
        operations += [Operation(g, op.qubits, p) for name in names for g, p in spelled[name]]
    circuit = translate_basis(Circuit(coupling.num_qubits, tuple(operations)), gate_set)
    return Circuit(circuit.num_qubits, circuit.operations, float(np.angle(np.vdot(circuit.unitary(), U))))


@lru_cache(maxsize=1024)
def rotation_word(angle: float, error: float) -> tuple[str, ...]:
    """Return gates, in time order, for ``Rz(angle)`` up to phase, within an operator-norm error.

    Reference: Ross & Selinger, arXiv:1403.2975 (Qiskit's implementation).
    """
    eighths = angle / (pi / 4)
    if abs(eighths - round(eighths)) < 1e-9:
        return ((), ("t",), ("s",), ("s", "t"), ("z",), ("z", "t"), ("sdg",), ("tdg",))[round(eighths) % 8]
    from qiskit.synthesis import gridsynth_rz

    return tuple(item.operation.name for item in gridsynth_rz(angle, epsilon=error).data)


def _spelled(name: str, gate_set: GateSet) -> Word:
    return single_qubit_basis(gate_set).spell(gate_matrix(name, ()))
