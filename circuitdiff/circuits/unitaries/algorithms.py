"""Textbook operations: Fourier transform, controlled gates, state preparation, oracles."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import fixed_matrix
from circuitdiff.errors import InputError

Matrix = NDArray[np.complex128]


def qft(num_qubits: int) -> Matrix:
    """Return ``exp(2 pi i j k / 2^n) / sqrt(2^n)``."""
    index = np.arange(1 << num_qubits)
    products = np.outer(index, index) % len(index)
    return np.asarray(np.exp(2j * np.pi * products / len(index)) / np.sqrt(len(index)))


def toffoli(num_qubits: int) -> Matrix:
    """Return ccx with controls 0 and 1."""
    return controlled_x(num_qubits)


def fredkin(num_qubits: int) -> Matrix:
    """Return cswap with control 0."""
    return np.array(fixed_matrix("cswap"))


def margolus(num_qubits: int) -> Matrix:
    """Return ccx up to signs: the state with qubits 0 and 2 set and 1 not is negated; three cx suffice.

    Reference: Song & Klappenecker, quant-ph/0312225.
    """
    signs = np.ones(1 << num_qubits)
    signs[0b101] = -1
    return np.asarray(toffoli(num_qubits) * signs)


def swap(num_qubits: int) -> Matrix:
    """Return the exchange of two qubits."""
    return np.array(fixed_matrix("swap"))


def controlled_h(num_qubits: int) -> Matrix:
    """Return ch with control 0."""
    return np.array(fixed_matrix("ch"))


def controlled_x(num_qubits: int) -> Matrix:
    """Return X on the last qubit, controlled by all others."""
    half = 1 << (num_qubits - 1)
    order = np.arange(2 * half)
    order[[half - 1, 2 * half - 1]] = order[[2 * half - 1, half - 1]]
    return np.eye(2 * half, dtype=np.complex128)[order]


def ghz(num_qubits: int) -> Matrix:
    """Return a circuit's unitary that takes |0..0> to (|0..0> + |1..1>) / sqrt(2)."""
    chain = (Operation("cx", (q, q + 1)) for q in range(num_qubits - 1))
    return Circuit(num_qubits, (Operation("h", (0,)), *chain)).unitary()


def w_state(num_qubits: int) -> Matrix:
    """Return a circuit's unitary that takes |0..0> to the equal superposition of all states with one qubit set.

    The excitation starts on qubit 0; each controlled rotation leaves an equal share of it behind.
    """
    operations = [Operation("x", (0,))]
    for q in range(num_qubits - 1):
        share = 2 * math.acos(math.sqrt(1 / (num_qubits - q)))
        operations += [Operation("cry", (q, q + 1), (share,)), Operation("cx", (q + 1, q))]
    return Circuit(num_qubits, tuple(operations)).unitary()


def bernstein_vazirani(num_qubits: int, secret: str) -> Matrix:
    """Return the algorithm with a phase oracle on an ancilla, the last qubit; by default every other bit is set.

    The secret's rightmost bit is that of qubit 0.
    """
    data = num_qubits - 1
    bits = _bits("secret", secret, data) if secret else _alternating(data)
    layer = [Operation("h", (q,)) for q in range(num_qubits)]
    oracle = [Operation("cx", (q, data)) for q in range(data) if bits >> q & 1]
    return Circuit(num_qubits, (Operation("x", (data,)), *layer, *oracle, *layer[:data])).unitary()


def grover(num_qubits: int, marked: str, iterations: int) -> Matrix:
    """Return Hadamards and iterations of oracle and diffusion; by default about ``pi/4 sqrt(2^n)`` of them.

    The marked state's rightmost bit is that of qubit 0; by default every other bit is set.
    """
    size = 1 << num_qubits
    state = _bits("marked", marked, num_qubits) if marked else _alternating(num_qubits)
    oracle = np.eye(size, dtype=np.complex128)
    oracle[state, state] = -1
    hadamards = Circuit(num_qubits, tuple(Operation("h", (q,)) for q in range(num_qubits))).unitary()
    diffusion = 2 * np.full((size, size), 1 / size, dtype=np.complex128) - np.eye(size)
    rounds = iterations or max(1, math.floor(math.pi / 4 * math.sqrt(size)))
    return np.asarray(np.linalg.matrix_power(diffusion @ oracle, rounds) @ hadamards)


def _alternating(width: int) -> int:
    """Return the number with bits 0, 2, 4, ... of ``width`` set."""
    return sum(1 << q for q in range(0, width, 2))


def _bits(name: str, text: str, width: int) -> int:
    if not re.fullmatch(f"[01]{{{width}}}", text):
        raise InputError(f"{name}={text[:20]!r} is not a word of {width} bits")
    return int(text, 2)
