"""The circuit that there always is: analytic for gates with angles, searched for discrete ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.synthesis.analytic.columns import column_circuit
from circuitdiff.synthesis.analytic.discrete_search import closest_circuit, discrete_circuit
from circuitdiff.synthesis.analytic.unitary import analytic_circuit

MAX_DISCRETE_GATES = 30
NATIVE_GATES = 5
"""Length up to which circuits of a continuous set's fixed gates, such as ccx, are tried."""


def baseline_circuit(
    U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, deadline: float = float("inf")
) -> Circuit:
    """Return a circuit for a unitary, or its first columns, in a gate set on a coupling map.

    Exact, but for discrete gate sets whose exact circuits are out of reach: then the nearest short circuit.

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
    found = exact_circuit(U, gate_set, coupling, deadline)
    return found if found is not None else closest_circuit(U, gate_set, coupling)


def exact_circuit(
    U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, deadline: float = float("inf")
) -> Circuit | None:
    """Return a short circuit of gates without angles for a (d, d) unitary, None where none is found."""
    return discrete_circuit(U, gate_set, coupling, MAX_DISCRETE_GATES, deadline)
