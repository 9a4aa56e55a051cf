"""Do two wide circuits do the same? A few random states tell."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, apply_gate

MAX_QUBITS = 16
"""The widest circuits that are simulated: a second or so for a thousand gates."""

NUM_STATES = 3


def state_infidelity(
    first: Circuit, second: Circuit, rng: np.random.Generator, deadline: float = float("inf")
) -> float | None:
    """Return the worst ``1 - |<a|b>|^2`` of what two circuits make of `NUM_STATES` random product states.

    None where the circuits are wider than `MAX_QUBITS`, or a value of `time.monotonic` passes before it is known.
    """
    if first.num_qubits > MAX_QUBITS:
        return None
    states = np.stack([_product_state(first.num_qubits, rng) for _ in range(NUM_STATES)], axis=1)
    after_first, after_second = (_applied(circuit, states, deadline) for circuit in (first, second))
    if after_first is None or after_second is None:
        return None
    overlaps = np.abs(np.sum(after_first.conj() * after_second, axis=0)) ** 2
    return max(0.0, 1.0 - float(overlaps.min()))


def _applied(circuit: Circuit, states: NDArray[np.complex128], deadline: float) -> NDArray[np.complex128] | None:
    for name, qubits, params in circuit.operations:
        if time.monotonic() >= deadline:
            return None
        states = apply_gate(name, qubits, params, states)
    return states


def _product_state(num_qubits: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    state = np.ones(1, dtype=np.complex128)
    for _ in range(num_qubits):
        qubit = rng.normal(size=2) + 1j * rng.normal(size=2)
        state = np.kron(state, qubit / np.linalg.norm(qubit))
    return state
