"""Translation of circuits into a gate set, entangler for entangler.

Single-qubit gates gather as 2x2 matrices in front of the next entangler.  Every entangler is, up to single-qubit
gates, ``exp(-i angle/2 Z Z)``, through which rotations about Z pass: what each qubit may push past it is chosen so that
the fewest gates remain, and so is the direction of a gate such as cx.
"""

from __future__ import annotations

import cmath
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import acos, pi
from typing import NamedTuple

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet, entangler_class
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import (
    ANGLE_TOL,
    FRAMES,
    IDENTITY,
    GateSequence,
    Matrix,
    SingleQubitBasis,
    dagger,
    gate_matrix,
    relative_phase,
    scaled,
    sequence_matrix,
    single_qubit_basis,
    times,
    turn,
    wrapped,
    zyz,
)
from circuitdiff.errors import InputError
from circuitdiff.synthesis.analytic.two_qubit_cores import QUARTER, Core, cores, equivalent_core

_Z: Matrix = (1, 0, 0, -1)

LOOK_EVERY = 100
"""How many gates are translated between two looks at the clock."""


def translate_basis(circuit: Circuit, gate_set: GateSet, deadline: float = float("inf")) -> Circuit:
    """Rewrite a circuit in the gates of a gate set, unitary and global phase unchanged.

    One gate of the cz class stays one gate; other two-qubit gates become one gate where the set has a fitting one, else
    two (rzz, cp, iswap, ...) or three (swap).  Operations of the set on three qubits pass.  Directions are free.

    Args:
        circuit: of any width.
        gate_set: to write in.
        deadline: value of `time.monotonic` after which gates stay as they are, for circuits over the gate set that
            are only to have fewer gates on single qubits.

    Raises:
        InputError: the gate set cannot express a gate of the circuit.
    """
    writer = _Writer(circuit.num_qubits, gate_set)
    for number, (name, qubits, params) in enumerate(circuit.operations):
        if number % LOOK_EVERY == 0 and time.monotonic() >= deadline:
            writer.append_all(circuit.operations[number:])
            break
        if len(qubits) == 1:
            writer.turn(qubits[0], gate_matrix(name, params), ((name, params),))
        else:
            writer.entangle(name, qubits, params)
    return writer.finish(circuit.global_phase)


def merge_single_qubit(circuit: Circuit) -> Circuit:
    """Merge neighbouring single-qubit gates into ``u`` and drop identities; other gates stay as they are."""
    writer = _Writer(circuit.num_qubits, GateSet("u", ("u",)))
    for name, qubits, params in circuit.operations:
        if len(qubits) == 1:
            writer.turn(qubits[0], gate_matrix(name, params))
        else:
            writer.append(name, qubits, params)
    return writer.finish(circuit.global_phase)


class _Choice(NamedTuple):
    """A gate that realises a core, on its qubits in the given or the reverse order."""

    name: str
    params: tuple[float, ...]
    core: Core
    flipped: bool


class _Side(NamedTuple):
    """What one qubit does before an entangler, the matrix which that decomposes, and what is left for after."""

    sequence: GateSequence
    matrix: Matrix
    pushed: Matrix


@dataclass
class _Writer:
    num_qubits: int
    gate_set: GateSet
    operations: list[Operation] = field(default_factory=list)
    phase: float = 0.0

    def __post_init__(self) -> None:
        self.basis = single_qubit_basis(self.gate_set)
        self.pending: list[Matrix] = [IDENTITY] * self.num_qubits
        self.native: list[GateSequence | None] = [()] * self.num_qubits  # the pending gates, while all are of the set

    def turn(self, qubit: int, matrix: Matrix, sequence: GateSequence | None = None) -> None:
        self.pending[qubit] = times(matrix, self.pending[qubit])
        native = self.native[qubit]
        known = sequence is not None and native is not None and all(name in self.basis.gates for name, _ in sequence)
        self.native[qubit] = (*native, *sequence) if known else None  # type: ignore[misc]

    def entangle(self, name: str, qubits: tuple[int, ...], params: tuple[float, ...]) -> None:
        available = name in self.gate_set.gates
        if available and name == "iswap" and self.basis.is_universal:
            self.write_iswap(*qubits)
        elif available and (len(qubits) > 2 or len(cores(name, params)) > 1 or not self.basis.is_universal):
            self.append(name, qubits, params)
        elif len(qubits) > 2:
            raise InputError(f"gate {name} is not in the gate set {self.gate_set.name} and has no translation")
        elif name == "swap" and "iswap" in self.gate_set.gates and not _choices(self.gate_set, QUARTER, None):
            self.write_swap_with_iswaps(*qubits)
        else:
            self.write_cores(name, qubits, params)

    def append(self, name: str, qubits: tuple[int, ...], params: tuple[float, ...]) -> None:
        """Write a gate of the set as it is."""
        for q in qubits:
            self.flush(q)
        self.operations.append(Operation(name, qubits, params))

    def write_cores(self, name: str, qubits: tuple[int, ...], params: tuple[float, ...]) -> None:
        """Write a two-qubit gate core by core."""
        for core in cores(name, params):
            for qubit, local in zip(qubits, core.before, strict=True):
                self.turn(qubit, local)
            self.write_core(qubits[0], qubits[1], core.angle, name)
            for qubit, local in zip(qubits, core.after, strict=True):
                self.turn(qubit, local)

    def write_core(self, a: int, b: int, angle: float, preferred: str) -> None:
        """Write ``exp(-i angle/2 Z Z)`` on two qubits."""
        if abs(angle) > pi:
            turns = round(angle / (2 * pi))
            angle, self.phase = angle - 2 * pi * turns, self.phase + pi * turns
        if abs(abs(angle) - pi) < ANGLE_TOL:
            self.turn(a, scaled(_Z, -1j if angle > 0 else 1j))
            self.turn(b, _Z)
            return
        if abs(angle) < ANGLE_TOL:
            return
        if abs(abs(angle) - QUARTER) < ANGLE_TOL:
            angle = QUARTER if angle > 0 else -QUARTER
        choices = _choices(self.gate_set, angle, preferred)
        if choices:
            self.write_best(a, b, choices)
        elif _choices(self.gate_set, QUARTER, None):
            self.write_conjugated(a, b, angle)
        elif "iswap" in self.gate_set.gates:
            self.write_core_with_iswaps(a, b, angle)
        else:
            raise InputError(f"gate set {self.gate_set.name} has no gate that entangles two qubits")

    def write_conjugated(self, a: int, b: int, angle: float) -> None:
        """Write a core of any angle as a rotation of the second qubit between two cx."""
        self.write_cores("cx", (a, b), ())
        self.turn(b, turn("Z", angle))
        self.write_cores("cx", (a, b), ())

    def write_core_with_iswaps(self, a: int, b: int, angle: float) -> None:
        """Write a core as ``iswap Rx iswap^dagger``: iswap takes X on one qubit to Z Y."""
        self.turn(b, FRAMES["Y"])
        self.turn(a, _Z)
        self.write_iswap(a, b)
        self.turn(a, times(turn("X", angle), _Z))
        self.write_iswap(a, b)
        self.turn(b, dagger(FRAMES["Y"]))

    def write_swap_with_iswaps(self, a: int, b: int) -> None:
        """Write a swap as a cz between quarter turns, then an iswap."""
        self.write_cores("cz", (a, b), ())
        self.turn(a, gate_matrix("sdg", ()))
        self.turn(b, gate_matrix("sdg", ()))
        self.write_iswap(a, b)

    def write_iswap(self, a: int, b: int) -> None:
        """Write an iswap; rotations about Z pass it and change qubits."""
        sides = self.side(a, IDENTITY, IDENTITY), self.side(b, IDENTITY, IDENTITY)
        self.write_sides("iswap", (), (a, b), sides)
        self.pending[a], self.pending[b] = self.pending[b], self.pending[a]

    def write_best(self, a: int, b: int, choices: Sequence[_Choice]) -> None:
        """Write a core with the gate and direction that leave the fewest single-qubit gates."""
        options: list[tuple[_Choice, tuple[int, int], tuple[_Side, _Side]]] = []
        for choice in choices:
            first, second = (b, a) if choice.flipped else (a, b)
            (b0, b1), (a0, a1) = choice.core.before, choice.core.after
            options.append((choice, (first, second), (self.side(first, b0, a0), self.side(second, b1, a1))))
        choice, qubits, sides = min(options, key=lambda option: sum(len(side.sequence) for side in option[2]))
        self.write_sides(choice.name, choice.params, qubits, sides)

    def write_sides(
        self, name: str, params: tuple[float, ...], qubits: tuple[int, int], sides: tuple[_Side, _Side]
    ) -> None:
        for qubit, side in zip(qubits, sides, strict=True):
            self.write_sequence(qubit, side.sequence)
            self.phase += _phase_before(side.matrix, side.sequence)
            self.pending[qubit], self.native[qubit] = side.pushed, None
        self.operations.append(Operation(name, qubits, params))

    def side(self, qubit: int, before: Matrix, after: Matrix) -> _Side:
        """Choose the rotation about Z that a qubit pushes past a core."""
        a, b, c, d = self.pending[qubit]
        # Zeros of either sign are one key of the cache: they are made one value.
        return _side(self.basis, (a + 0j, b + 0j, c + 0j, d + 0j), before, after)

    def flush(self, qubit: int) -> None:
        """Write what a qubit has pending; gates of the set are kept where they are the shorter spelling."""
        matrix, native = self.pending[qubit], self.native[qubit]
        try:
            sequence = self.basis.decompose(matrix)
        except InputError:
            if native is None:
                raise
            sequence = native
        sequence = native if native is not None and len(native) < len(sequence) else sequence
        self.phase += relative_phase(matrix, sequence_matrix(sequence))
        self.write_sequence(qubit, sequence)
        self.pending[qubit], self.native[qubit] = IDENTITY, ()

    def append_all(self, operations: Sequence[Operation]) -> None:
        """Write gates of the set as they are, whatever qubits they act on."""
        for qubit in range(self.num_qubits):
            self.flush(qubit)
        self.operations += operations

    def write_sequence(self, qubit: int, sequence: GateSequence) -> None:
        self.operations += [Operation(name, (qubit,), params) for name, params in sequence]

    def finish(self, global_phase: float) -> Circuit:
        for qubit in range(self.num_qubits):
            self.flush(qubit)
        return Circuit(self.num_qubits, tuple(self.operations), wrapped(global_phase + self.phase))


@lru_cache(maxsize=4096)
def _side(basis: SingleQubitBasis, pending: Matrix, before: Matrix, after: Matrix) -> _Side:
    """Choose the rotation about Z that is pushed past a core: the one that leaves the shortest sequence."""
    found: list[tuple[GateSequence, Matrix, float]] = []
    for angle in _pushes(basis, pending, before):
        matrix = times(before, times(turn("Z", -angle), pending))
        found.append((basis.decompose(matrix), matrix, angle))
    sequence, matrix, angle = min(found, key=lambda item: len(item[0]))
    return _Side(sequence, matrix, times(turn("Z", angle), after))


@lru_cache(maxsize=4096)
def _phase_before(matrix: Matrix, sequence: GateSequence) -> float:
    """Return the phase that a matrix has before the sequence that decomposes it."""
    return relative_phase(matrix, sequence_matrix(sequence))


def _pushes(basis: SingleQubitBasis, pending: Matrix, before: Matrix) -> list[float]:
    """Return angles of rotations about Z worth taking out of ``pending`` ahead of the local gate ``before``."""
    through = times(pending, before)
    if abs(through[1]) < ANGLE_TOL:
        return [cmath.phase(through[3] * through[0].conjugate())]
    if basis.has_u or not basis.is_universal:
        return [0.0]
    phi = zyz(pending)[0]
    angles = [0.0, phi, phi + pi / 2, phi - pi / 2, phi + pi]
    x, y = before[0] * pending[0], before[1] * pending[2]
    if abs(x * y) > ANGLE_TOL:
        # |x e^{i angle/2} + y e^{-i angle/2}|^2 = 1/2 leaves one quarter turn; at the ends a half turn or none
        middle = cmath.phase(y * x.conjugate())
        cosine = (0.5 - abs(x) ** 2 - abs(y) ** 2) / (2 * abs(x * y))
        angles += [middle, middle + pi]
        angles += [middle + acos(cosine), middle - acos(cosine)] if abs(cosine) <= 1 else []
    return angles


@lru_cache(maxsize=4096)
def _choices(gate_set: GateSet, angle: float, preferred: str | None) -> tuple[_Choice, ...]:
    """Return the gates of a set that realise ``exp(-i angle/2 Z Z)``, the preferred one first."""
    angled = gate_set.of_class("rzz")[:1]
    names = (gate_set.of_class("cz") or angled) if abs(angle) == QUARTER else angled
    if preferred in gate_set.gates and preferred is not None:
        others = () if entangler_class(preferred) == "rzz" else names
        names = (preferred, *(g for g in others if g != preferred))
    found: list[_Choice] = []
    for name in names:
        real = equivalent_core(name, angle)
        if real is not None:
            ways = (False,) if GATES[name].symmetric else (False, True)
            found += [_Choice(name, *real, flipped) for flipped in ways]
    return tuple(found)
