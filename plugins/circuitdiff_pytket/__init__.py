"""circuitdiff inside pytket: resynthesis as a pass."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from pytket.circuit import Circuit, OpType
from pytket.passes import AutoRebase, BasePass, CustomPass, RemoveBarriers, SequencePass
from pytket.qasm import circuit_from_qasm_str, circuit_to_qasm_str

import circuitdiff

__all__ = ["CircuitDiffResynthesis"]

logger = logging.getLogger(__name__)

GATES = {OpType.U3, OpType.CX}


def CircuitDiffResynthesis(**settings: Any) -> BasePass:  # noqa: N802
    """Return a pass that rewrites a circuit of gates alone into U3 and CX, where that saves two-qubit gates.

    Circuits with measurements or symbols stay as they are, which is logged. The keywords are those of
    `circuitdiff.resynthesize` but for the gate set; couplings are of the qubits in pytket's order.
    """
    return CustomPass(partial(_resynthesized, settings=settings), "CircuitDiffResynthesis")


def _resynthesized(circuit: Circuit, settings: dict[str, Any]) -> Circuit:
    if circuit.n_bits or circuit.is_symbolic() or circuit.has_implicit_wireswaps or not circuit.n_qubits:
        logger.warning("circuitdiff leaves a circuit with bits, symbols or implicit swaps as it is")
        return circuit
    plain = circuit.copy()
    names = {place: qubit for place, qubit in enumerate(circuit.qubits)}
    plain.flatten_registers()
    SequencePass([RemoveBarriers(), AutoRebase(GATES)]).apply(plain)
    found = circuitdiff.resynthesize(circuitdiff.Circuit.from_qasm(circuit_to_qasm_str(plain)), **settings)
    if found.circuit.two_qubit_count >= circuit.n_2qb_gates():
        return circuit
    result = circuit_from_qasm_str(found.circuit.to_qasm(version=2))
    result.rename_units({result.qubits[place]: qubit for place, qubit in names.items()})
    return result
