"""The Clifford+T operators nearest to a single-qubit unitary, T count by T count: meeting in the middle.

Two questions.  `nearest_states`: which operator prepares a state best; it leaves a rotation about Z free, so that the
error falls as ``2^(-k/2)`` with the T count ``k``.  `nearest_operators`: which is closest as a whole, ``2^(-k/3)``;
going Euler angle by Euler angle takes three rotations of ``2^(-k/3)`` each.

Operators of up to `TABLE` T lie in a k-d tree.  Beyond, a factor of ``k - TABLE`` T is taken off the target in every
possible way and the rest looked up: ``3 * 2^(k - TABLE - 1)`` look-ups that find the true optimum.

Reference for the tables: Hao, Xu & Tannu, arXiv:2503.15843 (trasyn), Gheorghiu, Mosca & Mukhopadhyay, arXiv:2203.10064.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from circuitdiff.interruption import is_over
from circuitdiff.synthesis.clifford_t.operators import (
    Quaternions,
    bloch,
    cliffords,
    conjugate,
    multiply,
    paulis_of,
    products,
    rotate,
)

STATE_TABLE, OPERATOR_TABLE = (10, 14, 18), (8, 12, 14)
"""T counts up to which a tree is built; the larger ones serve larger T counts."""

MAX_STATE_T, MAX_OPERATOR_T = 36, 31
"""Largest T counts looked at; from there on rotation by rotation is faster by far, and the only way."""

EXACT = 1e-15
"""Infidelity at which an operator is the target itself."""

_CHUNK = 1 << 15


class Candidate(NamedTuple):
    """An operator ``R(P1) … R(Pk) C`` and its infidelity to what was asked.

    Attributes:
        paulis: 0, 1, 2 for X, Y, Z; as many as there are T gates.
        clifford: index into `cliffords`.
        infidelity: ``1 - |tr(U†V)| / 2``, after the best rotation about Z where that is free.
    """

    paulis: tuple[int, ...]
    clifford: int
    infidelity: float

    @property
    def t_count(self) -> int:
        """Number of T gates."""
        return len(self.paulis)


class _Table(NamedTuple):
    """A tree of points, and for each the code of its Paulis and its Clifford."""

    tree: cKDTree
    codes: NDArray[np.int64]
    cliffords: NDArray[np.int64]


def nearest_states(
    target: NDArray[np.float64], goal: float, deadline: float = float("inf"), max_t: int = MAX_STATE_T
) -> list[Candidate]:
    """Return operators ``V`` with ``V|0>`` ever closer to a state, with ever more T.

    Args:
        target: Bloch vector (3,).
        goal: infidelity at which to stop.
        deadline: `time.monotonic` at which to stop as well, once the smallest table is looked through.
        max_t: T count beyond which not to look.
    """
    return _pareto(_state_steps(target, deadline, max_t), goal)


def nearest_operators(
    target: NDArray[np.float64], goal: float, deadline: float = float("inf"), max_t: int = MAX_OPERATOR_T
) -> list[Candidate]:
    """Return operators ever closer to a unitary, a quaternion (4,), with ever more T; see `nearest_states`."""
    return _pareto(_operator_steps(target, deadline, max_t), goal)


def _pareto(steps: Iterator[Candidate], goal: float) -> list[Candidate]:
    found: list[Candidate] = []
    for candidate in steps:
        found.append(candidate)
        if found[-1].infidelity <= max(goal, EXACT):
            break
    return found


def _state_steps(target: NDArray[np.float64], deadline: float, max_t: int) -> Iterator[Candidate]:
    def queries(prefixes: Quaternions) -> NDArray[np.float64]:
        return rotate(conjugate(prefixes), target)

    return _steps(queries, STATE_TABLE, _state_table, 8, deadline, max_t)


def _operator_steps(target: NDArray[np.float64], deadline: float, max_t: int) -> Iterator[Candidate]:
    def queries(prefixes: Quaternions) -> NDArray[np.float64]:
        return _one_sign(multiply(conjugate(prefixes), target))

    return _steps(queries, OPERATOR_TABLE, _operator_table, 2, deadline, max_t)


def _steps(
    queries: Callable[[Quaternions], NDArray[np.float64]],
    table_sizes: tuple[int, ...],
    table_of: Callable[[int], _Table],
    divisor: int,
    deadline: float,
    max_t: int,
) -> Iterator[Candidate]:
    """Yield operators that are nearer than all with fewer T; infidelity is a squared distance over ``divisor``."""
    best = 2.0  # what is farther than the best so far need not be looked up
    for t_count in range(max_t + 1):
        size = _table_size(t_count, table_sizes)
        table, prefixes = table_of(size), products(t_count - size)
        found: tuple[int, int] | None = None
        for start in range(0, len(prefixes.codes), _CHUNK):
            if t_count > table_sizes[0] and is_over(deadline):
                return
            asked = queries(prefixes.quaternions[start : start + _CHUNK])
            distances, places = table.tree.query(asked, distance_upper_bound=best)
            first = int(np.argmin(distances))
            if distances[first] < best:
                best, found = float(distances[first]), (start + first, int(places[first]))
        if found is not None:
            yield _joined(t_count, size, found, table, prefixes.codes, best * best / divisor)


def _table_size(t_count: int, sizes: tuple[int, ...]) -> int:
    """Return the table for a T count: the first that leaves no more than half of the T to the other side."""
    return next((min(size, t_count) for size in sizes if t_count <= 2 * size), sizes[-1])


def _joined(
    t_count: int, size: int, found: tuple[int, int], table: _Table, prefixes: NDArray[np.int64], infidelity: float
) -> Candidate:
    prefix, place = found
    paulis = paulis_of(int(prefixes[prefix]), t_count - size) + paulis_of(int(table.codes[place]), size)
    return Candidate(paulis, int(table.cliffords[place]), infidelity)


@cache
def _state_table(t_count: int) -> _Table:
    """Return the states with a T count: each Clifford state that the last rotation does not keep."""
    firsts = _stabilizer_cliffords()
    factors = products(t_count)
    points, codes, indices = [], [], []
    for index in firsts:
        start = bloch(cliffords()[index])
        kept = np.abs(start[factors.codes % 3]) < 0.5 if t_count else np.ones(1, dtype=bool)
        points.append(rotate(factors.quaternions[kept], start))
        codes.append(factors.codes[kept])
        indices.append(np.full(int(kept.sum()), index))
    return _Table(cKDTree(np.concatenate(points)), np.concatenate(codes), np.concatenate(indices))


@cache
def _operator_table(t_count: int) -> _Table:
    factors, group = products(t_count), cliffords()
    points = _one_sign(multiply(factors.quaternions[:, None], group[None]).reshape(-1, 4))
    codes, indices = np.repeat(factors.codes, len(group)), np.tile(np.arange(len(group)), len(factors.codes))
    low = points[:, 0] < _EDGE  # near the cut through the sphere both signs are needed
    both = np.concatenate([points, -points[low]])
    return _Table(cKDTree(both), np.concatenate([codes, codes[low]]), np.concatenate([indices, indices[low]]))


_EDGE = 0.5
"""Unitaries have first component 0 to 1 in one of their signs; up to here their other sign is kept as well."""


def _one_sign(q: Quaternions) -> Quaternions:
    """Return quaternions (..., 4) with the sign that makes their first component positive."""
    return np.where(q[..., :1] < 0, -q, q)


@lru_cache(maxsize=1)
def _stabilizer_cliffords() -> tuple[int, ...]:
    """Return a Clifford for each of the six states that Cliffords make of ``|0>``."""
    vectors = np.round(bloch(cliffords())).astype(int)
    return tuple(int(i) for i in np.unique(vectors, axis=0, return_index=True)[1])
