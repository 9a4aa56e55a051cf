"""Time evolution of spin chains with open ends, exact and in first-order Trotter steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.pauli import Pauli, apply_pauli, apply_rotation, parse_pauli

Matrix = NDArray[np.complex128]
Term = tuple[float, Pauli]
"""A coefficient and the Pauli string it multiplies."""


def tfim_steps(num_qubits: int, t: float, steps: int, j: float, h: float) -> Matrix:
    """Return Trotter steps of the transverse-field Ising chain: all couplings, then the field."""
    return _steps(num_qubits, t, steps, _tfim(num_qubits, j, h))


def tfim_exact(num_qubits: int, t: float, j: float, h: float) -> Matrix:
    """Return ``exp(-i t H)``, ``H = -j sum Z_q Z_{q+1} - h sum X_q``."""
    return _exact(num_qubits, t, _tfim(num_qubits, j, h))


def heisenberg_steps(num_qubits: int, t: float, steps: int, j: float) -> Matrix:
    """Return Trotter steps of the Heisenberg chain, bond after bond."""
    return xxz_steps(num_qubits, t, steps, j, 1.0)


def heisenberg_exact(num_qubits: int, t: float, j: float) -> Matrix:
    """Return ``exp(-i t H)``, ``H = j sum X X + Y Y + Z Z`` over the bonds."""
    return xxz_exact(num_qubits, t, j, 1.0)


def xxz_steps(num_qubits: int, t: float, steps: int, j: float, delta: float) -> Matrix:
    """Return Trotter steps of the XXZ chain, bond after bond."""
    return _steps(num_qubits, t, steps, _xxz(num_qubits, j, delta))


def xxz_exact(num_qubits: int, t: float, j: float, delta: float) -> Matrix:
    """Return ``exp(-i t H)``, ``H = j sum X X + Y Y + delta Z Z`` over the bonds."""
    return _exact(num_qubits, t, _xxz(num_qubits, j, delta))


def pauli_rotation(word: str, t: float) -> Matrix:
    """Return ``exp(-i t P)``; letter ``i`` of the word acts on qubit ``i``."""
    pauli = parse_pauli(word, tuple(range(len(word))))
    return apply_rotation(pauli, 2 * t, np.eye(1 << len(word), dtype=np.complex128))


def _tfim(num_qubits: int, j: float, h: float) -> list[Term]:
    couplings = [(-j, pauli) for pauli in _bonds("ZZ", num_qubits)]
    return couplings + [(-h, Pauli(1 << q, 0)) for q in range(num_qubits)]


def _xxz(num_qubits: int, j: float, delta: float) -> list[Term]:
    words = (_bonds("XX", num_qubits), _bonds("YY", num_qubits), _bonds("ZZ", num_qubits))
    return [
        (strength, pauli)
        for bond in zip(*words, strict=True)
        for strength, pauli in zip((j, j, j * delta), bond, strict=True)
    ]


def _bonds(word: str, num_qubits: int) -> list[Pauli]:
    return [parse_pauli(word, (q, q + 1)) for q in range(num_qubits - 1)]


def _steps(num_qubits: int, t: float, steps: int, terms: Sequence[Term]) -> Matrix:
    """Return the product of the terms' rotations, first one applied first, ``steps`` times over."""
    unitary = np.eye(1 << num_qubits, dtype=np.complex128)
    for strength, pauli in terms:
        unitary = apply_rotation(pauli, 2 * strength * t / steps, unitary)
    return np.asarray(np.linalg.matrix_power(unitary, steps))


def _exact(num_qubits: int, t: float, terms: Iterable[Term]) -> Matrix:
    identity = np.eye(1 << num_qubits, dtype=np.complex128)
    hamiltonian = np.zeros_like(identity)
    for strength, pauli in terms:
        hamiltonian += strength * apply_pauli(pauli, identity)
    energies, states = np.linalg.eigh(hamiltonian)
    return np.asarray((states * np.exp(-1j * t * energies)) @ states.conj().T)
