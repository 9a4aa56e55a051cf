"""Adders."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.unitaries.algorithms import qft


def cuccaro(num_qubits: int) -> NDArray[np.complex128]:
    """Return the one-bit ripple-carry adder on carry-in, b, a, carry-out: ``b += a + carry-in``.

    Reference: Cuccaro, Draper, Kutin & Moulton, quant-ph/0410184.
    """
    carry, b, a, out = range(num_qubits)
    majority = (Operation("cx", (a, b)), Operation("cx", (a, carry)), Operation("ccx", (carry, b, a)))
    undo = (Operation("ccx", (carry, b, a)), Operation("cx", (a, carry)), Operation("cx", (carry, b)))
    return Circuit(num_qubits, (*majority, Operation("cx", (a, out)), *undo)).unitary()


def draper(num_qubits: int) -> NDArray[np.complex128]:
    """Return ``|a>|b> -> |a>|a + b mod 2^k>`` by phases between Fourier transforms; a is the lower k qubits.

    Reference: Draper, quant-ph/0008033.
    """
    width = num_qubits // 2
    phases = tuple(
        Operation("cp", (i, width + j), (2 * math.pi * (1 << i + j) / (1 << width),))
        for i in range(width)
        for j in range(width)
        if i + j < width
    )
    transform = np.kron(qft(width), np.eye(1 << width))
    middle = Circuit(num_qubits, phases).unitary()
    return np.asarray(transform.conj().T @ middle @ transform)
