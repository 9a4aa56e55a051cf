"""How many CX-class gates a unitary needs at the least, from its operator-Schmidt spectra.

A cut splits the qubits in two sides; only gates across it change the spectrum of the unitary reshaped across the cut.
Each CX-class gate (a CZ up to single-qubit gates) at most doubles the rank.  Two facts sharpen this: one gate across a
cut leaves the flat spectrum (1/2, 1/2), and two leave a product ``(x, 1-x) x (y, 1-y)``, because the Gram matrices of
``P_i A P_j`` and ``Z^i B Z^j``, on which the two gates expand, are diagonal and of period two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import MAGIC_BASIS, GateSet, entangler_class
from circuitdiff.circuits.gates import GATES

Cut = tuple[int, ...]

SCHMIDT_TOL = 1e-5
"""Schmidt coefficients (squares summing to one) below this count as zero: dropping one costs 1e-10 infidelity."""

LEAST_WEIGHT_QUBITS = 5
"""Largest register on which gates are distributed over all cuts at once; beyond, that takes too long."""


def cut_matrix(U: NDArray[np.complex128], subset: Sequence[int]) -> NDArray[np.complex128]:
    """Reshape a unitary, or its first ``2^m`` columns, across a cut.

    Args:
        U: (2^n, 2^m); the other ``n - m`` qubits begin in zero.
        subset: qubits on one side.

    Returns:
        (4^|subset|, 4^(n-|subset|)) for a unitary: rows hold the output and input legs of ``subset``, columns those of
        the rest; a qubit that begins in zero has no input leg.
    """
    n, m = (side.bit_length() - 1 for side in U.shape)
    inside = sorted(subset, reverse=True)
    outside = [q for q in reversed(range(n)) if q not in inside]
    axes = [[*(n - 1 - q for q in side), *(n + m - 1 - q for q in side if q < m)] for side in (inside, outside)]
    return U.reshape((2,) * (n + m)).transpose([*axes[0], *axes[1]]).reshape(1 << len(axes[0]), -1)


def schmidt_values(U: NDArray[np.complex128], subset: Sequence[int]) -> NDArray[np.float64]:
    """Return the operator-Schmidt coefficients across a cut, descending, squares summing to one."""
    values = np.linalg.svd(cut_matrix(U, subset), compute_uv=False)
    return np.asarray(values / np.sqrt(U.shape[1]))


def operator_schmidt_rank(U: NDArray[np.complex128], subset: Sequence[int], tol: float = SCHMIDT_TOL) -> int:
    """Return the number of operator-Schmidt coefficients above ``tol`` across ``subset`` and the other qubits."""
    return int(np.sum(schmidt_values(U, subset) > tol))


def cuts(num_qubits: int) -> list[Cut]:
    """Return every split of a register in two, once: the side without the last qubit."""
    sides = range(1, num_qubits)
    return [cut for size in sides for cut in combinations(range(num_qubits - 1), size)]


def crossing_bound(values: NDArray[np.float64], tol: float = SCHMIDT_TOL) -> int:
    """Return how many CX-class gates must cross a cut with the given Schmidt coefficients."""
    rank = int(np.sum(values > tol))
    weights = values[:4] ** 2
    if rank <= 1:
        return 0
    if rank == 2:
        return 1 if abs(weights[0] - weights[1]) < tol else 2
    if rank <= 4:
        return 2 if rank == 4 and abs(weights[0] * weights[3] - weights[1] * weights[2]) < tol else 3
    return int(np.ceil(np.log2(rank)))


def cx_lower_bound(U: NDArray[np.complex128], coupling: Coupling, tol: float = SCHMIDT_TOL) -> int:
    """Return a number of CX-class gates below which no circuit on the coupling map reaches a unitary or its columns.

    For a (d, d) unitary it is the least total weight of integers on the couplings such that the couplings across every
    cut carry at least that cut's `crossing_bound`; exact on two qubits.
    """
    n = U.shape[0].bit_length() - 1
    if n < 2:
        return 0
    if U.shape[0] != U.shape[1]:
        return _column_bound(U, coupling, 2, tol)
    if n == 2:
        return two_qubit_cx_count(U, tol)
    needs = {cut: crossing_bound(schmidt_values(U, cut), tol) for cut in cuts(n)}
    return least_weight(coupling.pairs, needs)


def multi_qubit_lower_bound(
    U: NDArray[np.complex128], coupling: Coupling, gate_set: GateSet, tol: float = SCHMIDT_TOL
) -> int:
    """Return a bound like `cx_lower_bound` on the gates on two or more qubits of any gate set.

    Gates with angles double a cut's rank without the finer facts; iswap, swap and cswap can quadruple it; a gate on
    three qubits counts once for every cut it crosses.
    """
    wide = [g for g in gate_set.gates if GATES[g].num_qubits > 1]
    if all(entangler_class(g) == "cz" for g in wide):
        return cx_lower_bound(U, coupling, tol)
    factor = max((_largest_rank(name) for name in wide), default=2)
    if U.shape[0] != U.shape[1] and all(GATES[g].num_qubits == 2 for g in wide):
        return _column_bound(U, coupling, factor, tol)
    ranks = {cut: operator_schmidt_rank(U, cut, tol) for cut in cuts(coupling.num_qubits)}
    needs = {cut: int(np.ceil(np.log(rank) / np.log(factor) - 1e-9)) for cut, rank in ranks.items()}
    if any(GATES[g].num_qubits > 2 for g in wide):
        return max(needs.values(), default=0)
    return least_weight(coupling.pairs, needs)


@cache
def _largest_rank(name: str) -> int:
    """Return the operator-Schmidt rank of a gate across the cut where it is highest, at angles without meaning."""
    matrix = GATES[name].matrix(tuple(0.7 + k for k in range(GATES[name].num_params)))
    return max(operator_schmidt_rank(matrix, cut) for cut in cuts(GATES[name].num_qubits))


GATES.when_taken_out(_largest_rank.cache_clear)


def multi_qubit_lower_bounds(
    unitaries: NDArray[np.complex128], coupling: Coupling, gate_set: GateSet, tol: float = SCHMIDT_TOL
) -> list[int]:
    """Return `multi_qubit_lower_bound` of each of (b, d, d) unitaries; those on three qubits and more share spectra."""
    n = coupling.num_qubits
    if n < 3 or any(entangler_class(g) != "cz" for g in gate_set.gates if GATES[g].num_qubits > 1):
        return [multi_qubit_lower_bound(U, coupling, gate_set, tol) for U in unitaries]
    spectra = {}
    for cut in cuts(n):
        reshaped = np.stack([cut_matrix(U, cut) for U in unitaries])
        spectra[cut] = np.linalg.svd(reshaped, compute_uv=False) / np.sqrt(1 << n)
    found = []
    for number in range(len(unitaries)):
        needs = tuple((cut, crossing_bound(values[number], tol)) for cut, values in spectra.items())
        found.append(_least_weight(coupling.pairs, needs))
    return found


def _column_bound(U: NDArray[np.complex128], coupling: Coupling, factor: int, tol: float) -> int:
    """Return a bound for columns of which no part factors out, where a gate multiplies a cut's rank by ``factor``.

    On large registers it is the greatest need of one cut, and what it takes to connect all qubits.
    """
    n = coupling.num_qubits
    ranks = {cut: operator_schmidt_rank(U, cut, tol) for cut in cuts(n)}
    needs = {cut: int(np.ceil(np.log(rank) / np.log(factor) - 1e-9)) for cut, rank in ranks.items()}
    if n <= LEAST_WEIGHT_QUBITS:
        return least_weight(coupling.pairs, needs)
    return max(max(needs.values()), n - 1 if min(needs.values()) else 0)


@lru_cache(maxsize=4096)
def _least_weight(pairs: tuple[tuple[int, int], ...], needs: tuple[tuple[Cut, int], ...]) -> int:
    return least_weight(pairs, dict(needs))


def two_qubit_cx_count(U: NDArray[np.complex128], tol: float = SCHMIDT_TOL) -> int:
    """Return the exact number of CX-class gates of a (4, 4) unitary (Shende, Bullock & Markov, quant-ph/0308045)."""
    crossing = crossing_bound(schmidt_values(U, (0,)), tol)
    if crossing < 2:
        return crossing
    magic = MAGIC_BASIS.conj().T @ (U / np.linalg.det(U) ** 0.25) @ MAGIC_BASIS
    return 2 if abs(np.trace(magic @ magic.T).imag) < 4 * tol else 3


def generic_cx_count(num_qubits: int) -> int:
    """Return ``ceil((4^n - 3n - 1) / 4)``, the CX count below which almost no unitary can be reached."""
    return int(-(-(4**num_qubits - 3 * num_qubits - 1) // 4))


def least_weight(pairs: Iterable[tuple[int, int]], needs: Mapping[Cut, int]) -> int:
    """Return the least total of non-negative integers on ``pairs`` that puts ``needs[cut]`` across every cut."""
    edges = list(pairs)
    across = [frozenset(i for i, (a, b) in enumerate(edges) if (a in cut) != (b in cut)) for cut in needs]
    deficits = list(needs.values())
    floor = max(deficits, default=0)
    while not _can_cover(across, deficits, frozenset(), floor):
        floor += 1
    return floor


def _can_cover(across: list[frozenset[int]], deficits: list[int], barred: frozenset[int], budget: int) -> bool:
    """Tell whether ``budget`` more units suffice, placed on edges outside ``barred``."""
    worst = max(range(len(deficits)), key=deficits.__getitem__, default=None)
    if worst is None or deficits[worst] <= 0:
        return True
    if deficits[worst] > budget:
        return False
    tried: set[int] = set()
    for edge in sorted(across[worst] - barred):
        left = [need - (edge in crossing) for need, crossing in zip(deficits, across, strict=True)]
        if _can_cover(across, left, barred | tried, budget - 1):
            return True
        tried.add(edge)
    return False
