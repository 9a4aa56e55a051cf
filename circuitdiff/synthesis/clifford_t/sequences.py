"""Approximations of single-qubit unitaries as gate sequences: from the tables, else rotation by rotation.

The error of a gate is an angle: ``U†V`` turns by ``2 delta`` about some axis, its operator norm distance from the
identity (up to phase) is ``2 sin(delta / 2)``, its diamond distance ``2 sin(delta)``, and ``1 - |tr| / 2 = 1 - cos
delta``.  Angles of gates in a row add up at the most, so ``n`` parts of ``delta / n`` each stay within ``delta``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import acos, atan2, cos, pi, sin
from typing import NamedTuple

import numpy as np

from circuitdiff.circuits.single_qubit import IDENTITY, Matrix, dagger, gate_matrix, times, turn, zyz
from circuitdiff.interop.qiskit_synthesis import rz_in_clifford_t
from circuitdiff.synthesis.clifford_t.nearest import (
    EXACT,
    MAX_OPERATOR_T,
    MAX_STATE_T,
    Candidate,
    nearest_operators,
    nearest_states,
)
from circuitdiff.synthesis.clifford_t.operators import bloch, cliffords, quaternion, t_estimate

Names = tuple[str, ...]
"""Gates among h, s, sdg, z, x, t and tdg, in time order."""

_INVERSE = {"s": "sdg", "sdg": "s", "t": "tdg", "tdg": "t"}
_TO_Z: tuple[Names, ...] = (("h",), ("sdg", "h"), ())
"""Gates that turn X, Y and Z into Z; ``R(P)`` is a T between these and their inverses."""

MAX_EXACT_T = 3
"""Largest T count at which a gate is looked for that is exact."""

MAX_ROUGH_T = {True: 12, False: 9}
"""Largest T counts that take no time, where a rotation about Z may follow and where not."""

LUCK = 6
"""T by which a gate may seem to need more than the tables have, and is looked up nevertheless."""

LOOSER = (16.0, 4.0, 1.0)
"""Factors on the goal at which rotations are approximated one by one, so that there is a choice as in the tables."""

_EIGHTHS: tuple[Names, ...] = ((), ("t",), ("s",), ("s", "t"), ("z",), ("z", "t"), ("sdg",), ("tdg",))
"""Rotations about Z by multiples of pi/4."""


class Approximation(NamedTuple):
    """A gate sequence and how far it is from what was asked.

    Attributes:
        matrix: what the gates make, up to phase.
        infidelity: ``1 - |tr(U†V)| / 2``; where a rotation about Z may follow, after the best one.
    """

    names: Names
    matrix: Matrix
    infidelity: float

    @property
    def t_count(self) -> int:
        """Number of T gates."""
        return count_t(self.names)


def count_t(names: Names) -> int:
    """Return the number of T gates of a sequence."""
    return sum(name in ("t", "tdg") for name in names)


def infidelity_of(wanted: Matrix, made: Matrix) -> float:
    """Return ``1 - |tr(U†V)| / 2`` of two 2x2 unitaries, to its last digit where they are close."""
    q = quaternion(times(dagger(wanted), made))
    return float(1 - np.sqrt(max(0.0, 1 - float(q[1:] @ q[1:])))) if abs(q[0]) > 0.5 else 1 - abs(float(q[0]))


def up_to_rz(matrix: Matrix, goal: float, deadline: float = float("inf")) -> list[Approximation]:
    """Return sequences ``V`` with ``Rz(alpha) V`` ever closer to a 2x2 unitary for some alpha, with ever more T.

    Args:
        matrix: the unitary, phase irrelevant.
        goal: infidelity; the last sequence is within it.
        deadline: `time.monotonic` from which on only the quick way is taken, which costs three times the T.
    """
    target, max_t = bloch(quaternion(dagger(matrix))), _max_t(True, goal, MAX_STATE_T)
    found = [_inverted(candidate, matrix) for candidate in nearest_states(target, goal, deadline, max_t)]
    if not found or found[-1].infidelity > max(goal, EXACT):
        _, theta, lam, _ = zyz(matrix)
        for error in (_operator_norm(factor * goal) / 2 for factor in LOOSER):
            names = (*rz_names(lam, error), "sdg", "h", *rz_names(theta, error), "h", "s")
            found.append(_up_to_rz(names, matrix))
    return found


def whole(matrix: Matrix, goal: float, deadline: float = float("inf")) -> list[Approximation]:
    """Return sequences ever closer to a 2x2 unitary, the last within the goal; see `up_to_rz`."""
    max_t = _max_t(False, goal, MAX_OPERATOR_T)
    found = [_direct(candidate, matrix) for candidate in nearest_operators(quaternion(matrix), goal, deadline, max_t)]
    if not found or found[-1].infidelity > max(goal, EXACT):
        beyond = _one_rotation(matrix, goal) or _rotation_last(matrix, goal, deadline)
        found += [_approximation(names, matrix) for names in beyond]
    return found


def _max_t(leaves: bool, goal: float, largest: int) -> int:
    """Return up to how many T the tables are searched: not far where the goal lies well beyond them."""
    return largest if t_estimate(leaves, goal) <= largest + LUCK else MAX_ROUGH_T[leaves]


@lru_cache(maxsize=1 << 14)
def exactly(matrix: Matrix, leaves: bool) -> Approximation | None:
    """Return the sequence with the fewest T that is a 2x2 unitary, None where that takes more than `MAX_EXACT_T`.

    Args:
        matrix: the unitary, phase irrelevant.
        leaves: whether a rotation about Z may follow.
    """
    found = _nearest(matrix, leaves, EXACT, MAX_EXACT_T)[-1]
    return found if found.infidelity <= EXACT else None


def roughly(matrix: Matrix, leaves: bool) -> list[Approximation]:
    """Return sequences ever closer to a 2x2 unitary with up to `MAX_ROUGH_T` T, however far off; see `exactly`."""
    return _nearest(matrix, leaves, 0.0, MAX_ROUGH_T[leaves])


def _nearest(matrix: Matrix, leaves: bool, goal: float, max_t: int) -> list[Approximation]:
    if leaves:
        states = nearest_states(bloch(quaternion(dagger(matrix))), goal, max_t=max_t)
        return [_inverted(candidate, matrix) for candidate in states]
    return [_direct(candidate, matrix) for candidate in nearest_operators(quaternion(matrix), goal, max_t=max_t)]


def residual(matrix: Matrix, made: Matrix) -> float:
    """Return the angle for which ``Rz(angle) V`` is closest to a unitary."""
    q = quaternion(times(matrix, dagger(made)))
    return 2 * atan2(float(q[3]), float(q[0]))


@lru_cache(maxsize=1024)
def rz_names(angle: float, error: float) -> Names:
    """Return gates for ``Rz(angle)`` up to phase, within an operator-norm error.

    Reference: Ross & Selinger, arXiv:1403.2975 (Qiskit's implementation).
    """
    eighths = angle / (pi / 4)
    if abs(eighths - round(eighths)) < 1e-9:
        return _EIGHTHS[round(eighths) % 8]
    return rz_in_clifford_t(angle, error)


@lru_cache(maxsize=1)
def clifford_names() -> tuple[Names, ...]:
    """Return gates for each of `cliffords`."""
    group = cliffords()
    found: dict[int, Names] = {0: ()}
    frontier: list[Names] = [()]
    while len(found) < len(group):
        frontier = [(*names, gate) for names in frontier for gate in ("h", "s")]
        for names in frontier:
            index = int(np.argmax(np.abs(group @ quaternion(product(names)))))
            found.setdefault(index, names)
    return tuple(found[index] for index in range(len(group)))


def product(names: Names) -> Matrix:
    """Return the 2x2 matrix of a sequence."""
    matrix = IDENTITY
    for name in names:
        matrix = times(_fixed(name), matrix)
    return matrix


@cache
def _fixed(name: str) -> Matrix:
    return gate_matrix(name, ())


def inverse(names: Names) -> Names:
    """Return the sequence of the inverse."""
    return tuple(_INVERSE.get(name, name) for name in reversed(names))


def _sequence(candidate: Candidate) -> Names:
    rotations = (
        name for p in reversed(candidate.paulis) for name in (*_TO_Z[p], "t", *inverse(_TO_Z[p]))
    )  # the rightmost factor acts first
    return (*clifford_names()[candidate.clifford], *rotations)


def _direct(candidate: Candidate, matrix: Matrix) -> Approximation:
    return _approximation(_sequence(candidate), matrix)


def _inverted(candidate: Candidate, matrix: Matrix) -> Approximation:
    """Turn what prepares ``U†|0>`` into what is ``U`` up to a rotation about Z."""
    return _up_to_rz(inverse(_sequence(candidate)), matrix)


def _approximation(names: Names, matrix: Matrix) -> Approximation:
    made = product(names)
    return Approximation(names, made, infidelity_of(matrix, made))


def _up_to_rz(names: Names, matrix: Matrix) -> Approximation:
    made = product(names)
    turned = times(turn("Z", residual(matrix, made)), made)
    return Approximation(names, made, infidelity_of(matrix, turned))


def pauli_rotation(matrix: Matrix, infidelity: float = EXACT) -> tuple[Names, float, Names] | None:
    """Return Cliffords, an angle and Cliffords that make ``C Rz(angle) F`` of a 2x2 unitary; None where none do.

    Args:
        matrix: the unitary, phase irrelevant.
        infidelity: up to which it may be something else; an angle so close to a multiple of pi/4 becomes that.
    """
    for frame in _TO_Z:
        seen = times(matrix, dagger(product(frame)))  # U = V Rz(angle) F, so that V|0> = U F†|0>
        state = nearest_states(bloch(quaternion(seen)), 1.0)[0]
        if state.infidelity <= infidelity:
            last = _sequence(state)
            q = quaternion(times(dagger(product(last)), seen))
            angle = 2 * atan2(float(q[3]), float(q[0]))
            eighth = round(angle / (pi / 4)) * pi / 4
            return frame, eighth if 1 - cos((angle - eighth) / 2) <= infidelity else angle, last
    return None


def _one_rotation(matrix: Matrix, goal: float) -> list[Names]:
    """Approximate what is a rotation about a Pauli axis up to a Clifford, ever closer; none for all else."""
    found = pauli_rotation(matrix)
    if found is None:
        return []
    first, angle, last = found
    return [(*first, *rz_names(angle, _operator_norm(factor * goal)), *last) for factor in LOOSER]


def _rotation_last(matrix: Matrix, goal: float, deadline: float) -> list[Names]:
    """Approximate up to a rotation about Z, then that rotation, with half of the error angle each; ever closer."""
    firsts = up_to_rz(matrix, goal / 4, deadline)
    found = []
    for factor in LOOSER:
        first = next((one for one in firsts if one.infidelity <= factor * goal / 4), firsts[-1])
        error = _operator_norm(factor * goal) / 2
        found.append((*first.names, *rz_names(residual(matrix, first.matrix), error)))
    return found


def _operator_norm(infidelity: float) -> float:
    """Return the distance from the identity, up to phase, of a gate with an infidelity."""
    return 2 * sin(acos(1 - infidelity) / 2) if infidelity > 1e-12 else float(np.sqrt(2 * infidelity))
