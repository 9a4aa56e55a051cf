"""The baseline: exact circuits without numerical search, in milliseconds.

One and two qubits are solved optimally.  Beyond that the best of Qiskit's synthesis, routed for the coupling map with
every qubit where it was, and of what fits special unitaries: Cliffords, and diagonals between single-qubit gates.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.clifford import clifford_tableau, local_diagonal_form
from circuitdiff.circuits.coupling import Coupling, all_to_all
from circuitdiff.circuits.gate_sets import U_CZ, GateSet
from circuitdiff.circuits.single_qubit import zyz
from circuitdiff.errors import InputError
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.clifford_network import clifford_circuit
from circuitdiff.synthesis.analytic.pair_blocks import resynthesise_pairs
from circuitdiff.synthesis.analytic.phase_network import diagonal_circuit
from circuitdiff.synthesis.analytic.qiskit_synthesis import qiskit_circuits
from circuitdiff.synthesis.analytic.two_qubit import one_qubit_circuit, two_qubit_circuit

logger = logging.getLogger(__name__)

EXACT = 1e-12
"""Infidelity above which a candidate is not taken: rounding stays far below, a wrong one does not."""

NEAR = 1e-6
"""Infidelity up to which a candidate is polished where none is exact."""

POLISH_STEPS = 10


def analytic_circuit(U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, *, seeds: int = 1) -> Circuit:
    """Return a circuit for a (d, d) unitary in a gate set that makes any single-qubit gate.

    Args:
        U: the unitary, on as many qubits as the coupling map has.
        gate_set: gates to use; it must hold an entangler if the unitary entangles.
        coupling: allowed pairs.
        seeds: number of routing attempts; more take longer and may save swaps.

    Raises:
        InputError: the gate set cannot express the unitary exactly.
    """
    if coupling.num_qubits == 1:
        return one_qubit_circuit(U, gate_set)
    if coupling.num_qubits == 2:
        return two_qubit_circuit(U, gate_set)
    found: list[Circuit] = []
    near: list[tuple[float, Circuit]] = []
    reason = InputError(f"gate set {gate_set.name} cannot express the target")
    for raw in _candidates(U, gate_set, coupling, seeds):
        try:
            circuit = translate_basis(raw, gate_set)
        except InputError as error:
            reason = error
            continue
        missed = infidelity(U, circuit.unitary())
        if missed < EXACT and coupling.allows(circuit.pairs):
            found.append(circuit)
        elif missed < NEAR and coupling.allows(raw.pairs):
            near.append((missed, raw))
        else:
            logger.info("dropped an analytic candidate with infidelity %.1e", missed)
    if not found and near:
        found = [translate_basis(_polished(min(near, key=lambda pair: pair[0])[1], U), gate_set)]
    if not found:
        raise reason
    return min(found, key=lambda circuit: (circuit.two_qubit_count, circuit.depth, circuit.num_gates))


def without_wide_gates(circuit: Circuit, gate_set: GateSet) -> Circuit:
    """Take gates on three qubits that the set does not have apart into gates on two."""
    operations: list[Operation] = []
    phase = circuit.global_phase
    for op in circuit.operations:
        if len(op.qubits) < 3 or op.name in gate_set.gates:
            operations.append(op)
            continue
        parts = _in_pairs(op.name, op.params, len(op.qubits), gate_set)
        operations += parts.permuted(op.qubits, circuit.num_qubits).operations
        phase += parts.global_phase
    return Circuit(circuit.num_qubits, tuple(operations), phase)


@lru_cache(maxsize=1024)
def _in_pairs(name: str, params: tuple[float, ...], num_qubits: int, gate_set: GateSet) -> Circuit:
    """Return a gate's circuit of gates on two qubits; a circuit of thousands of Toffolis asks for one."""
    unitary = Circuit(num_qubits, (Operation(name, tuple(range(num_qubits)), params),)).unitary()
    return analytic_circuit(unitary, gate_set, all_to_all(num_qubits)).in_phase_with(unitary)


def _polished(circuit: Circuit, U: NDArray[np.complex128]) -> Circuit:
    """Bring a circuit all the way to a unitary that it nearly is; tiny rotations may have been rounded away."""
    from circuitdiff.numerics.ansatz import to_ansatz
    from circuitdiff.numerics.multi_start import Budget, multi_start

    start = to_ansatz(translate_basis(circuit, U_CZ))
    fit = multi_start(U, [start], tol=EXACT, budget=Budget(), rounds=((POLISH_STEPS, 0.0),))
    return circuit if fit is None else fit.ansatz.circuit()


def _candidates(U: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling, seeds: int) -> Iterator[Circuit]:
    """Yield circuits of single-qubit gates, cx and rzz that respect the coupling map."""
    least: int | None = None
    angled = bool(gate_set.of_class("rzz"))
    local = local_diagonal_form(U)
    if local is not None:
        middle = diagonal_circuit(local.phases, coupling, angled=angled)
        yield _between(local.inner, middle, local.outer)
        least = middle.two_qubit_count
    tableau = clifford_tableau(U)
    if tableau is not None:
        circuit = clifford_circuit(U, tableau, coupling, least if least is not None else _LONGEST)
        if circuit is not None:
            yield circuit
            return
    plain = bool(gate_set.of_class("cz")) and not angled and not gate_set.of_class("iswap")
    for circuit in qiskit_circuits(U, coupling, seeds):
        yield circuit
        if not plain:
            yield resynthesise_pairs(circuit, gate_set)


_LONGEST = 40


def _between(
    inner: tuple[NDArray[np.complex128], ...], middle: Circuit, outer: tuple[NDArray[np.complex128], ...]
) -> Circuit:
    """Put single-qubit gates before and after a circuit."""
    before, after = (tuple(_u(matrix, q) for q, matrix in enumerate(side)) for side in (inner, outer))
    return Circuit(middle.num_qubits, (*before, *middle.operations, *after), middle.global_phase)


def _u(matrix: NDArray[np.complex128], qubit: int) -> Operation:
    phi, theta, lam, _ = zyz(tuple(complex(entry) for entry in matrix.ravel()))  # type: ignore[arg-type]
    return Operation("u", (qubit,), (theta, phi, lam))
