"""Single-qubit unitaries in the gates of a gate set, with as few gates as the set allows.

Plain complex arithmetic on 4-tuples: a (2, 2) matrix is ``(m00, m01, m10, m11)``, far cheaper than numpy at this size.
"""

from __future__ import annotations

import cmath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import product
from math import atan2, cos, hypot, pi, sin, sqrt
from typing import NamedTuple

from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError

Matrix = tuple[complex, complex, complex, complex]
GateSequence = tuple[tuple[str, tuple[float, ...]], ...]
"""Gates in time order, with their parameters."""

ANGLE_TOL = 1e-9
"""Rotations by less, in radians, are dropped; each then costs 1e-19 infidelity."""

FIT_TOL = 1e-8
"""Angle by which unitaries that numerics found may be off: infidelity is flat around its minimum."""

IDENTITY: Matrix = (1, 0, 0, 1)
HADAMARD: Matrix = (sqrt(0.5), sqrt(0.5), sqrt(0.5), -sqrt(0.5))
FRAMES: dict[str, Matrix] = {
    "Z": IDENTITY,
    "X": HADAMARD,
    "Y": (sqrt(0.5), sqrt(0.5), 1j * sqrt(0.5), -1j * sqrt(0.5)),
}
"""For each Pauli ``P`` a unitary ``W`` with ``W Z W^dagger = P``."""

MAX_TABLE = 1500


def times(a: Matrix, b: Matrix) -> Matrix:
    """Return the product ``a b``."""
    a0, a1, a2, a3 = a
    b0, b1, b2, b3 = b
    return a0 * b0 + a1 * b2, a0 * b1 + a1 * b3, a2 * b0 + a3 * b2, a2 * b1 + a3 * b3


def dagger(a: Matrix) -> Matrix:
    """Return the conjugate transpose."""
    return a[0].conjugate(), a[2].conjugate(), a[1].conjugate(), a[3].conjugate()


def turn(letter: str, angle: float) -> Matrix:
    """Return ``exp(-i angle/2 P)`` for a Pauli letter."""
    c, s = cos(angle / 2), sin(angle / 2)
    if letter == "Z":
        return complex(c, -s), 0, 0, complex(c, s)
    return (c, -1j * s, -1j * s, c) if letter == "X" else (c, -s, s, c)


def zyz(a: Matrix) -> tuple[float, float, float, float]:
    """Return ``(phi, theta, lam, phase)`` with ``a = e^{i phase} Rz(phi) Ry(theta) Rz(lam)``, theta in [0, pi]."""
    big, small = abs(a[0]), abs(a[2])
    theta = 2 * atan2(small, big)
    phi = cmath.phase(a[2] * a[0].conjugate())
    if big >= small:
        outer = cmath.phase(a[3] * a[0].conjugate())
        phi = phi if small > 1e-10 else outer
        return phi, theta, outer - phi, cmath.phase(a[0]) + outer / 2
    cross = cmath.phase(-a[2] * a[1].conjugate())
    phi = phi if big > 1e-10 else cross
    return phi, theta, phi - cross, cmath.phase(a[2]) - cross / 2


def wrapped(angle: float) -> float:
    """Return an angle in (-pi, pi], with those within rounding of -pi moved to pi."""
    angle = (angle + pi) % (2 * pi) - pi
    return pi if angle < -pi + 1e-12 else angle


def gate_matrix(name: str, params: tuple[float, ...]) -> Matrix:
    """Return the matrix of a single-qubit gate of the library."""
    definition = GATES[name]
    matrix = IDENTITY
    for rotation in definition.rotations:
        if rotation.pauli != "I":
            matrix = times(turn(rotation.pauli, rotation.angle(params)), matrix)
    phase = definition.phase(params)
    return scaled(matrix, cmath.exp(1j * phase)) if phase else matrix


def scaled(a: Matrix, factor: complex) -> Matrix:
    """Return ``factor * a``."""
    return a[0] * factor, a[1] * factor, a[2] * factor, a[3] * factor


def relative_phase(a: Matrix, b: Matrix) -> float:
    """Return ``phase`` with ``a = e^{i phase} b`` for matrices equal up to phase."""
    return cmath.phase(
        a[0] * b[0].conjugate() + a[1] * b[1].conjugate() + a[2] * b[2].conjugate() + a[3] * b[3].conjugate()
    )


def is_identity(a: Matrix, tolerance: float = ANGLE_TOL) -> bool:
    """Tell whether a unitary is the identity up to phase, within an angle."""
    return hypot(abs(a[1]), abs(a[2]), abs(a[0] - a[3])) < tolerance


class _Turn(NamedTuple):
    """A fixed sequence ``e^{i..} Rz(phi) Ry(theta) Rz(lam)``, seen in the frame of an axis."""

    sequence: GateSequence
    phi: float
    theta: float
    lam: float


@dataclass(frozen=True)
class SingleQubitBasis:
    """The single-qubit gates of a gate set and how to decompose unitaries into them."""

    gates: tuple[str, ...]

    @cached_property
    def axes(self) -> dict[str, str]:
        """The rotation gate of each Pauli axis that has one."""
        given = (("rx", "X"), ("ry", "Y"), ("p", "Z"), ("rz", "Z"))
        return {axis: name for name, axis in given if name in self.gates}

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Gates without parameters, the identity left out."""
        return tuple(g for g in self.gates if GATES[g].num_params == 0 and g != "id")

    @cached_property
    def is_universal(self) -> bool:
        """Whether `decompose` reaches every unitary."""
        turns = (turn for axis in self.axes for turn in self._turns(axis))
        return "u" in self.gates or len(self.axes) > 1 or any(abs(t.theta - pi / 2) < ANGLE_TOL for t in turns)

    @property
    def has_u(self) -> bool:
        """Whether any unitary is a single gate."""
        return "u" in self.gates

    def decompose(self, matrix: Matrix) -> GateSequence:
        """Return the shortest sequence found for a unitary, up to global phase.

        Raises:
            InputError: the gates cannot make it (only when they are not universal).
        """
        if is_identity(matrix):
            return ()
        if self.has_u and len(self.gates) == 1:
            return self._as_u(matrix)
        sequence = min(self._candidates(matrix), key=len, default=None)
        if sequence is None:
            raise InputError(
                f"gates {', '.join(self.gates) or '(none)'} cannot make a required single-qubit gate exactly"
            )
        return sequence

    def _candidates(self, matrix: Matrix) -> Iterator[GateSequence]:
        if self.has_u:
            yield self._as_u(matrix)
        if not self.is_universal or len(self.fixed) > 1:
            found = self._table.get(_key(matrix))
            rest = times(dagger(sequence_matrix(found)), matrix) if found is not None else IDENTITY
            if found is not None and (not self.is_universal or is_identity(rest, FIT_TOL)):
                yield found
        for axis, name in self.axes.items():
            frame = FRAMES[axis]
            local = times(dagger(frame), times(matrix, frame))
            yield from self._around(local, axis, name)

    def _as_u(self, matrix: Matrix) -> GateSequence:
        phi, theta, lam, _ = zyz(matrix)
        return (("u", (theta, wrapped(phi), wrapped(lam))),)

    def _around(self, local: Matrix, axis: str, name: str) -> Iterator[GateSequence]:
        """Decompose a unitary, given in an axis' frame, as turns between rotations about that axis."""
        phi, theta, lam, _ = zyz(local)
        if theta < ANGLE_TOL:
            yield _rotations((name, phi + lam))
            return
        for t in self._turns(axis):
            if abs(theta - t.theta) < ANGLE_TOL:
                first, last = lam - t.lam, phi - t.phi
                if theta > pi - ANGLE_TOL:
                    first, last = first - last, 0.0
                yield (*_rotations((name, first)), *t.sequence, *_rotations((name, last)))
            elif abs(t.theta - pi / 2) < ANGLE_TOL:
                # Rz(phi) Ry(theta) Rz(lam) = Rz(phi + pi/2) Ry(pi/2) Rz(theta + pi) Ry(pi/2) Rz(lam + pi/2)
                outer = (_rotations((name, lam + pi / 2 - t.lam)), _rotations((name, phi + pi / 2 - t.phi)))
                yield (*outer[0], *t.sequence, *_rotations((name, theta + pi - t.phi - t.lam)), *t.sequence, *outer[1])
        for other, rotation in self.axes.items():
            if other != axis:
                tilt = _azimuth(axis, other) - pi / 2
                yield _rotations((name, lam + tilt), (rotation, theta), (name, phi - tilt))

    @cache  # noqa: B019  bases are few and live as long as the process
    def _turns(self, axis: str) -> tuple[_Turn, ...]:
        """Fixed sequences that tilt an axis: single gates, and pairs of gates where no single one is a quarter turn."""
        frame = FRAMES[axis]
        found: dict[float, _Turn] = {}
        for length in (1, 2):
            for names in product(self.fixed, repeat=length):
                matrix = IDENTITY
                for name in names:
                    matrix = times(gate_matrix(name, ()), matrix)
                phi, theta, lam, _ = zyz(times(dagger(frame), times(matrix, frame)))
                if theta > ANGLE_TOL and round(theta, 9) not in found:
                    found[round(theta, 9)] = _Turn(tuple((name, ()) for name in names), phi, theta, lam)
            if round(pi / 2, 9) in found:
                break
        return tuple(found.values())

    @cached_property
    def _table(self) -> dict[tuple[int, ...], GateSequence]:
        """Shortest sequences in the fixed gates alone, breadth first, by unitary up to phase."""
        sequences: dict[tuple[int, ...], GateSequence] = {_key(IDENTITY): ()}
        frontier: list[tuple[Matrix, GateSequence]] = [(IDENTITY, ())]
        while frontier and len(sequences) < MAX_TABLE:
            reached = []
            for matrix, sequence in frontier:
                for name in self.fixed:
                    new = times(gate_matrix(name, ()), matrix)
                    if _key(new) not in sequences:
                        sequences[_key(new)] = (*sequence, (name, ()))
                        reached.append((new, sequences[_key(new)]))
            frontier = reached
        return sequences


@lru_cache(maxsize=64)
def single_qubit_basis(gate_set: GateSet) -> SingleQubitBasis:
    """Return the basis of a gate set's single-qubit gates."""
    return SingleQubitBasis(gate_set.single_qubit)


def sequence_matrix(sequence: GateSequence) -> Matrix:
    """Return the product of a sequence's gates."""
    matrix = IDENTITY
    for name, params in sequence:
        matrix = times(gate_matrix(name, params), matrix)
    return matrix


def _rotations(*terms: tuple[str, float]) -> GateSequence:
    kept = ((name, wrapped(angle)) for name, angle in terms)
    return tuple((name, (angle,)) for name, angle in kept if abs(angle) > ANGLE_TOL)


def _azimuth(axis: str, other: str) -> float:
    """Return the azimuth of a Pauli axis in the frame of another."""
    frame = FRAMES[axis]
    x = times(dagger(frame), times(times(FRAMES[other], times((1, 0, 0, -1), dagger(FRAMES[other]))), frame))
    return cmath.phase(x[2])


def _key(matrix: Matrix) -> tuple[int, ...]:
    """Return a hashable form, equal for unitaries that differ by a phase or by rounding."""
    lead = matrix[0] if abs(matrix[0]) > 0.1 else matrix[2]
    unit = lead.conjugate() / abs(lead)
    return tuple(round(part * 1e6) for m in matrix for part in ((m * unit).real, (m * unit).imag))
