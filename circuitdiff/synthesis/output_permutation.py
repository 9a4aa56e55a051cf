"""Targets whose output qubits may come in any order: which orders are worth a compilation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling
from circuitdiff.features.lower_bounds import cuts

Permutation = tuple[int, ...]
"""Entry ``q``: which of the target's output qubits the circuit's qubit ``q`` holds."""

ENUMERATED_QUBITS = 5
"""Largest register all of whose permutations are looked at; beyond, exchanges of two that help most lead on."""


def permuted_outputs(columns: NDArray[np.complex128], permutation: Permutation) -> NDArray[np.complex128]:
    """Return (2^n, 2^m) columns whose output qubit ``q`` is the given one's ``permutation[q]``."""
    n = len(permutation)
    axes = [n - 1 - permutation[q] for q in reversed(range(n))]
    return np.ascontiguousarray(columns.reshape((2,) * n + (-1,)).transpose([*axes, n]).reshape(columns.shape))


def promising_permutations(columns: NDArray[np.complex128], coupling: Coupling, count: int) -> list[Permutation]:
    """Return at most ``count`` orders of the output qubits but the given one, the likeliest to be cheap first.

    An order is the better the less entanglement crosses the cuts, each weighed by the couplings that cross it; those
    that come to no less than the given order are left out.
    """
    n, m = (side.bit_length() - 1 for side in columns.shape)
    entropies = _entropies(columns, n, m)
    crossings = {cut: sum((a in cut) != (b in cut) for a, b in coupling.pairs) for cut in cuts(n)}

    def score(permutation: Permutation) -> float:
        return sum(
            entropies[_mask(permutation[q] for q in cut), _mask(q for q in cut if q < m)] / crossed
            for cut, crossed in crossings.items()
        )

    home = tuple(range(n))
    seen = {p: score(p) for p in permutations(home)} if n <= ENUMERATED_QUBITS else _climbed(home, score)
    better = [p for p in sorted(seen, key=seen.__getitem__) if seen[p] < seen[home] - 1e-9]
    return better[:count]


def _climbed(start: Permutation, score: Callable[[Permutation], float]) -> dict[Permutation, float]:
    """Return scores along the steepest way down by exchanges of two qubits."""
    seen = {start: score(start)}
    here = start
    while True:
        for a, b in combinations(range(len(here)), 2):
            moved = list(here)
            moved[a], moved[b] = moved[b], moved[a]
            seen.setdefault(tuple(moved), score(tuple(moved)))
        best = min(seen, key=seen.__getitem__)
        if best == here:
            return seen
        here = best


def _entropies(columns: NDArray[np.complex128], n: int, m: int) -> Mapping[tuple[int, int], float]:
    """Return ``-log`` of the purity of every set of output qubits together with every set of input qubits."""
    tensor = columns.reshape((2,) * (n + m)) / np.sqrt(columns.shape[1])
    table: dict[tuple[int, int], float] = {}
    for outputs in _subsets(n):
        for inputs in _subsets(m):
            inside = [*(n - 1 - q for q in outputs), *(n + m - 1 - q for q in inputs)]
            outside = [axis for axis in range(n + m) if axis not in inside]
            matrix = tensor.transpose([*inside, *outside]).reshape(1 << len(inside), -1)
            matrix = matrix if matrix.shape[0] < matrix.shape[1] else matrix.T
            gram = matrix @ matrix.conj().T
            table[_mask(outputs), _mask(inputs)] = -float(np.log(np.vdot(gram, gram).real))
    return table


def _subsets(n: int) -> list[Sequence[int]]:
    return [chosen for size in range(n + 1) for chosen in combinations(range(n), size)]


def _mask(qubits: Iterable[int]) -> int:
    return sum(1 << q for q in qubits)
