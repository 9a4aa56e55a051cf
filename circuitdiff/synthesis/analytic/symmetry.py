"""Unitaries that commute with a Pauli string: in a Clifford frame one qubit only says which of two acts on the others.

Evolutions of spin chains are of that kind: a Heisenberg chain keeps the parities of X, Y and Z. A string on ``w``
qubits costs ``2 (w - 1)`` CX, what is left is half of what the cosine-sine decomposition takes: two unitaries on the
other qubits and one multiplexed rotation (Shende, Bullock & Markov, quant-ph/0406176).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.pauli import PAULI_MATRICES
from circuitdiff.synthesis.analytic.shannon import Solver, controlled_pair

Matrix = NDArray[np.complex128]

TO_Z: dict[str, tuple[str, ...]] = {"X": ("h",), "Y": ("sdg", "h"), "Z": ()}
"""Gates, in time order, in whose frame a Pauli is Z."""

COMMUTES = 1e-9
"""Largest entry of a commutator that counts as zero."""


def pauli_matrix(string: str) -> Matrix:
    """Return the (d, d) matrix of a Pauli string, qubit 0 first in the string and least significant in the matrix."""
    matrix: Matrix = np.eye(1, dtype=np.complex128)
    for letter in string:
        matrix = np.asarray(np.kron(PAULI_MATRICES[letter], matrix))
    return matrix


def pauli_symmetries(U: Matrix) -> Iterator[str]:
    """Yield the Pauli strings that a (d, d) unitary commutes with, qubit 0 first, those on fewest qubits first."""
    n = U.shape[0].bit_length() - 1
    strings = ("".join(letters) for letters in product("IXYZ", repeat=n))
    for string in sorted(strings, key=lambda string: n - string.count("I")):
        matrix = pauli_matrix(string)
        if string != "I" * n and np.abs(U @ matrix - matrix @ U).max() < COMMUTES:
            yield string


def symmetric_circuit(U: Matrix, string: str, solve: Solver) -> Circuit | None:
    """Return a circuit, on a complete map, of a unitary that commutes with a Pauli string; None where `solve` fails.

    Args:
        U: (d, d), qubit 0 least significant.
        string: of a Pauli for each qubit, not all ``I``.
        solve: makes the two unitaries on the other qubits.
    """
    n = len(string)
    support = [q for q in range(n) if string[q] != "I"]
    cut = support[-1]
    frame = [Operation(name, (q,)) for q in support for name in TO_Z[string[q]]]
    frame += [Operation("cx", (q, cut)) for q in support[:-1]]
    clifford = Circuit(n, tuple(frame))
    turned = clifford.unitary() @ U @ clifford.unitary().conj().T
    middle = controlled_pair(np.ascontiguousarray(turned), all_to_all(n), cut, solve)
    if middle is None:
        return None
    operations = (*frame, *middle.operations, *clifford.inverse().operations)
    return Circuit(n, operations, middle.global_phase)
