"""Patterns: small circuits whose angles are fixed fractions of pi, or tied to one or two free ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product
from math import pi
from typing import NamedTuple

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.vocabulary import written_order
from circuitdiff.mining.kinds import ANGLE_TOL, FRACTION

EIGHTH = pi / 4
"""Tied angles may differ by a multiple of this."""

MAX_FREE = 2
_FACTORS = (1.0, -1.0, 0.5, -0.5, 2.0, -2.0)
_SUMS = tuple(product((1.0, -1.0), repeat=MAX_FREE))
_NAMES = "ab"


class Angle(NamedTuple):
    """``a * free[0] + b * free[1] + steps * pi / 16``."""

    a: float
    b: float
    steps: int

    def value(self, free: Sequence[float]) -> float:
        """Return the angle in radians; free angles that are not given count as zero."""
        given = (*free, 0.0, 0.0)
        return self.a * given[0] + self.b * given[1] + self.steps * FRACTION

    def text(self) -> str:
        """Return the angle for people: ``-a/2+3pi/8``."""
        terms = "".join(_term(factor, name) for factor, name in zip((self.a, self.b), _NAMES, strict=True) if factor)
        if self.steps or not terms:
            terms += f"{self.steps / 16:+.4g}pi" if self.steps else "0"
        return terms.removeprefix("+")


def _term(factor: float, name: str) -> str:
    sign, size = "-" if factor < 0 else "+", abs(factor)
    return sign + {1.0: name, 0.5: f"{name}/2"}.get(size, f"{size:g}{name}")


class Step(NamedTuple):
    """A gate of a pattern."""

    name: str
    qubits: tuple[int, ...]
    angles: tuple[Angle, ...]

    def text(self) -> str:
        """Return the gate as words."""
        angles = f"({','.join(angle.text() for angle in self.angles)})" if self.angles else ""
        return " ".join((self.name + angles, *map(str, self.qubits)))


@dataclass(frozen=True)
class Pattern:
    """Gates in time order on qubits numbered from 0."""

    num_qubits: int
    steps: tuple[Step, ...]

    @property
    def num_free(self) -> int:
        """Number of free angles."""
        angles = [angle for step in self.steps for angle in step.angles]
        return 2 if any(angle.b for angle in angles) else int(any(angle.a for angle in angles))

    @property
    def cost(self) -> tuple[int, int]:
        """Gates on several qubits, and gates."""
        return sum(len(step.qubits) > 1 for step in self.steps), len(self.steps)

    def circuit(self, free: Sequence[float]) -> Circuit:
        """Return the pattern at some free angles, radians."""
        operations = (Operation(s.name, s.qubits, tuple(a.value(free) for a in s.angles)) for s in self.steps)
        return Circuit(self.num_qubits, tuple(operations))

    def text(self) -> str:
        """Return the pattern as words."""
        return "; ".join(step.text() for step in self.steps) or "nothing"


class Match(NamedTuple):
    """A pattern, the free angles at which it occurs, and the qubit that each of its qubits is there."""

    pattern: Pattern
    free: tuple[float, ...]
    qubits: tuple[int, ...]


def pattern_of(operations: Sequence[Operation], *, general: bool = False) -> Match | None:
    """Return the one pattern for all numberings of qubits, None where more than `MAX_FREE` angles are independent.

    Args:
        operations: the gates, in time order.
        general: whether no angle is taken for fixed or tied.
    """
    if sum(len(op.params) for op in operations) == 0:
        pattern, qubits = _discrete(tuple(operations))
        return Match(pattern, (), qubits)
    used = sorted({q for op in operations for q in op.qubits})
    found = (_bound(operations, order, general) for order in permutations(used))
    return min((match for match in found if match is not None), key=_rank, default=None)


@lru_cache(maxsize=100_000)
def _discrete(operations: tuple[Operation, ...]) -> tuple[Pattern, tuple[int, ...]]:
    used = sorted({q for op in operations for q in op.qubits})
    matches = [_bound(operations, order, False) for order in permutations(used)]
    best = min((match for match in matches if match is not None), key=_rank)
    return best.pattern, best.qubits


def _rank(match: Match) -> tuple[tuple[Step, ...], tuple[int, ...]]:
    return match.pattern.steps, match.qubits


def _bound(operations: Iterable[Operation], order: tuple[int, ...], general: bool) -> Match | None:
    """Return the pattern with the register's qubit ``order[i]`` as its qubit ``i``."""
    place = {qubit: i for i, qubit in enumerate(order)}
    free: list[float] = []
    steps = []
    for name, qubits, params in _layered(operations, place):
        angles = tuple(_tied(param, free, general) for param in params)
        steps.append(Step(name, qubits, angles))
    if len(free) > MAX_FREE:
        return None
    return Match(Pattern(len(order), tuple(steps)), tuple(free), order)


def _layered(operations: Iterable[Operation], place: dict[int, int]) -> list[Operation]:
    ready = [0] * len(place)
    keyed = []
    for name, qubits, params in operations:
        placed = written_order(name, tuple(place[q] for q in qubits))
        layer = max(ready[q] for q in placed)
        for q in placed:
            ready[q] = layer + 1
        keyed.append((layer, min(placed), Operation(name, placed, params)))
    keyed.sort(key=lambda item: item[:2])
    return [operation for _, _, operation in keyed]


def _tied(angle: float, free: list[float], general: bool) -> Angle:
    """Return what an angle is in terms of the free ones; one that is none of these is a new free one."""
    steps = _multiple(angle, FRACTION)
    if steps is not None and not general:
        return Angle(0.0, 0.0, steps % 32)
    for index, known in enumerate(() if general else free[:MAX_FREE]):
        for factor in _FACTORS:
            rest = _multiple(angle - factor * known, EIGHTH)
            if rest is not None:
                return Angle(*((factor, 0.0) if index == 0 else (0.0, factor)), 4 * rest % 32)
    for one, other in _SUMS if len(free) >= MAX_FREE and not general else ():
        rest = _multiple(angle - one * free[0] - other * free[1], EIGHTH)
        if rest is not None:
            return Angle(one, other, 4 * rest % 32)
    free.append(angle)
    return Angle(*((1.0, 0.0) if len(free) == 1 else (0.0, 1.0)), 0)


def _multiple(angle: float, unit: float) -> int | None:
    """Return which multiple of a unit an angle is, None where it is none."""
    nearest = round(angle / unit)
    return nearest if abs(angle - nearest * unit) < ANGLE_TOL else None
