"""Random unitaries and circuits."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES

RANDOM_GATES = ("h", "rx", "ry", "rz", "cx", "cp", "swap", "ccx")


def haar(num_qubits: int, seed: int) -> NDArray[np.complex128]:
    """Return a unitary drawn from the Haar measure.

    Reference: Mezzadri, math-ph/0609050: a QR factorisation whose R has a positive diagonal.
    """
    rng = np.random.default_rng(seed)
    size = (1 << num_qubits, 1 << num_qubits)
    q, r = np.linalg.qr(rng.normal(size=size) + 1j * rng.normal(size=size))
    phases = np.diag(r) / np.abs(np.diag(r))
    return np.asarray(q * phases)


def random_circuit(num_qubits: int, gates: int, seed: int) -> NDArray[np.complex128]:
    """Return the unitary of `random_gates`."""
    return random_gates(num_qubits, gates, seed).unitary()


def random_gates(num_qubits: int, gates: int, seed: int) -> Circuit:
    """Return gates drawn from `RANDOM_GATES`, on random qubits, with angles uniform over a turn."""
    rng = np.random.default_rng(seed)
    fitting = [name for name in RANDOM_GATES if GATES[name].num_qubits <= num_qubits]
    operations: list[Operation] = []
    for _ in range(gates):
        definition = GATES[fitting[int(rng.integers(len(fitting)))]]
        qubits = tuple(int(q) for q in rng.permutation(num_qubits)[: definition.num_qubits])
        params = tuple(float(a) for a in rng.uniform(-pi, pi, definition.num_params))
        operations.append(Operation(definition.name, qubits, params))
    return Circuit(num_qubits, tuple(operations))
