"""Telling, before any search, that a gate set cannot reach a target."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.clifford import is_clifford
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES, Gate
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import cuts, schmidt_values
from circuitdiff.features.tensor_factors import separable_factors

Matrix = NDArray[np.complex128]

ENTRY_TOL = 1e-6
"""Largest error of a matrix entry in a property that the target is tested for."""

MAX_HALVINGS = 24
"""Entries ``m / sqrt(2)^k`` are looked for up to this ``k``."""


def check_reachable(U: Matrix, gate_set: GateSet, coupling: Coupling) -> None:
    """Refuse a target that lies outside a closed property which every gate of the set has.

    Passing says nothing: only what is plainly impossible is refused.

    Raises:
        InputError: naming the property.
    """
    _check_entangling(U, gate_set, coupling)
    if U.shape[0] != U.shape[1]:
        from circuitdiff.synthesis.clifford_t.clifford_basis import makes_clifford_t

        has_angles = gate_set.can_dress and not gate_set.is_discrete
        if not has_angles and not makes_clifford_t(gate_set):
            raise InputError(
                f"gate set {gate_set.name} has no free single-qubit gates: states and isometries need them"
            )
        return
    samples = [matrix for name in gate_set.gates for matrix in _samples(GATES[name])]
    for holds, text in _PROPERTIES:
        if all(holds(matrix) for matrix in samples) and not holds(U):
            raise InputError(f"gate set {gate_set.name} cannot reach the target: {text}")


def _check_entangling(U: Matrix, gate_set: GateSet, coupling: Coupling) -> None:
    if gate_set.entanglers:
        return
    entangled = [qubits for qubits, _ in separable_factors(U) if len(qubits) > 1]
    if not entangled or ("swap" in gate_set.gates and _is_permuted_product(U)):
        return
    raise InputError(
        f"gate set {gate_set.name} has no gate that entangles, but the target entangles qubits "
        f"{', '.join(map(str, entangled[0]))}"
    )


def _is_permuted_product(U: Matrix) -> bool:
    """Tell whether a unitary is a permutation of qubits after single-qubit gates."""
    n = U.shape[0].bit_length() - 1
    tensor = U.reshape((2,) * n + (-1,))
    for order in permutations(range(n)):
        moved = tensor.transpose([*order, n]).reshape(U.shape)
        if all(np.all(schmidt_values(moved, cut)[1:] < ENTRY_TOL) for cut in cuts(n)):
            return True
    return False


def _samples(gate: Gate) -> list[Matrix]:
    """Return matrices of a gate at a few generic angles."""
    if not gate.num_params:
        return [gate.matrix()]
    angles = np.random.default_rng(0).uniform(0.3, 2.8, size=(2, gate.num_params))
    return [gate.matrix(tuple(row)) for row in angles]


def _unphased(matrix: Matrix) -> Matrix:
    """Return a matrix with its global phase such that its largest entry is positive."""
    lead = matrix.ravel()[int(np.argmax(np.abs(matrix) > np.abs(matrix).max() - 1e-9))]
    return np.asarray(matrix * (np.conj(lead) / abs(lead)))


def _is_diagonal(matrix: Matrix) -> bool:
    return bool(np.abs(matrix - np.diag(np.diag(matrix))).max() < ENTRY_TOL)


def _is_permutation(matrix: Matrix) -> bool:
    return _is_monomial(matrix) and bool(np.abs(_unphased(matrix) - np.abs(matrix)).max() < ENTRY_TOL)


def _is_monomial(matrix: Matrix) -> bool:
    sizes = np.abs(matrix)
    return bool(np.minimum(sizes, np.abs(1 - sizes)).max() < ENTRY_TOL)


def _is_monomial_in_x(matrix: Matrix) -> bool:
    turn = np.ones((1, 1))
    while turn.shape[0] < matrix.shape[0]:
        turn = np.kron(turn, np.array([[1, 1], [1, -1]]) / np.sqrt(2))
    return _is_monomial(np.asarray(turn @ matrix @ turn))


def _is_real(matrix: Matrix) -> bool:
    return bool(np.abs(_unphased(matrix).imag).max() < ENTRY_TOL)


def _is_dyadic(matrix: Matrix) -> bool:
    """Tell whether all entries, up to a global phase, are integers divided by one power of sqrt(2)."""
    if not _is_real(matrix):
        return False
    real = _unphased(matrix).real
    scaled = (real * np.sqrt(2.0) ** k for k in range(MAX_HALVINGS))
    return any(np.abs(entries - np.round(entries)).max() < ENTRY_TOL for entries in scaled)


_PROPERTIES: tuple[tuple[Callable[[Matrix], bool], str], ...] = (
    (_is_permutation, "its gates only permute basis states"),
    (_is_diagonal, "its gates are diagonal"),
    (_is_monomial, "its gates map basis states to basis states"),
    (_is_monomial_in_x, "its gates map |+> and |-> states to such states"),
    (is_clifford, "its gates are Cliffords"),
    (_is_dyadic, "its gates have integers over a power of sqrt(2) as entries"),
    (_is_real, "its gates are real"),
)
"""Properties that products keep (up to global phase), the narrowest first."""
