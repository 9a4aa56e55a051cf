"""Angles of a given circuit fitted to a unitary, its gates as they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.numerics.levenberg_marquardt import MU_START, descend
from circuitdiff.numerics.multi_start import EXACT
from circuitdiff.numerics.pauli_program import build_program, rotation_pairs

STEPS = 100


def fit_angles(
    circuit: Circuit, target: NDArray[np.complex128], tol: float, random_starts: int, rng: np.random.Generator
) -> Circuit:
    """Descend from the circuit's angles, then from uniform ones, until a fit is within ``tol``; return the best.

    Args:
        circuit: of any gates of the library.
        target: (d, d) complex128 unitary.
        tol: infidelity that is good enough.
        random_starts: how many starts after the circuit's own.
        rng: of the random starts.
    """
    program = build_program([(op.name, op.qubits) for op in circuit.operations], circuit.num_qubits)
    if not program.num_params:
        return circuit
    rotated = np.ascontiguousarray(program.clifford.conj().T @ target)
    pairs, signs = rotation_pairs(program.num_qubits)
    best, distance = circuit, infidelity(target, circuit.unitary())
    for theta in _starts(circuit, random_starts, rng):
        if distance <= tol:
            break
        descend(
            rotated, program.paulis, program.scale, program.offset, program.param, program.first_param, pairs, signs,
            program.num_qubits, theta, MU_START, STEPS, EXACT,
        )  # fmt: skip
        fitted = _with_angles(circuit, theta)
        reached = infidelity(target, fitted.unitary())
        if reached < distance:
            best, distance = fitted, reached
    return best


def _starts(circuit: Circuit, random_starts: int, rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    own = np.array([angle for operation in circuit.operations for angle in operation.params])
    yield own
    for _ in range(random_starts):
        yield rng.uniform(0.0, 2 * np.pi, len(own))


def _with_angles(circuit: Circuit, theta: NDArray[np.float64]) -> Circuit:
    angles = iter(theta.tolist())
    operations = tuple(
        Operation(name, qubits, tuple(next(angles) for _ in params)) for name, qubits, params in circuit.operations
    )
    return Circuit(circuit.num_qubits, operations, circuit.global_phase)
