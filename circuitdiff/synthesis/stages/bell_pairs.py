"""Isometries as states: what they make of one half of a Bell pair for every input."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.numerics.state_disentangle import correlations
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

State = NDArray[np.complex128]


def choi_state(columns: NDArray[np.complex128]) -> State:
    """Return what (2^n, 2^m) columns make of m Bell pairs, whose other halves are the last qubits; a state as it is."""
    return np.asarray(columns.T.ravel() / np.sqrt(columns.shape[1]))


def moved_inputs(state: State, num_qubits: int, num_inputs: int) -> tuple[Operation, ...]:
    """Return what swaps each input with the qubit that its Bell pair is left with, where that is another."""
    places = []
    for number in range(num_inputs):
        overlaps = [np.abs(correlations(state, (q, num_qubits + number))[:3, :3]).max() for q in range(num_qubits)]
        places.append(int(np.argmax(overlaps)))
    operations: list[Operation] = []
    at = list(range(num_qubits))  # which input, or zero, is on a qubit
    for number, place in enumerate(places):
        now = at.index(number)
        if now != place:
            at[now], at[place] = at[place], at[now]
            operations.append(Operation("swap", (now, place)))
    return translate_basis(Circuit(num_qubits, tuple(operations)), parse_gate_set("u,cz")).operations
