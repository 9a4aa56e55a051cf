"""Angles tied to the parameter of a family: ``tfim:3?t=0.4`` turns by 0.8 wherever it does."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from math import pi
from typing import Any

from circuitdiff.mining.kinds import ANGLE_TOL
from circuitdiff.mining.patterns import Pattern

FACTORS = (0.5, 1.0, 2.0, 4.0)
TURN = pi / 2
"""Angles may differ by multiples of this: they pass gates that turn them over, and meet Cliffords."""

LEAST_MEMBERS = 3
"""Members of a family in which a tie must be seen: with fewer it may be chance."""


@dataclass(frozen=True)
class Tie:
    """The free angle of a pattern is ``± factor * option``, up to multiples of pi/2, in `count` of `seen` places."""

    pattern: Pattern
    option: str
    factor: float
    count: int
    seen: int

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "gates": self.pattern.text(),
            "angle": f"{self.factor:g}*{self.option}",
            "count": self.count,
            "seen": self.seen,
        }


@dataclass
class Ties:
    """Gathers how the angles of patterns go with the options of the targets that they were found in."""

    counts: dict[tuple[Pattern, str, float], int] = field(default_factory=lambda: defaultdict(int))
    members: dict[tuple[Pattern, str, float], set[float]] = field(default_factory=lambda: defaultdict(set))
    seen: dict[tuple[Pattern, str], int] = field(default_factory=lambda: defaultdict(int))

    def note(self, pattern: Pattern, angle: float, target: str) -> None:
        """Take note of a pattern with one free angle in a circuit for a target."""
        for option, value in numbers_of(target).items():
            self.seen[pattern, option] += 1
            for factor in FACTORS:
                if any(_is_turn(angle - sign * factor * value) for sign in (1, -1)):
                    self.counts[pattern, option, factor] += 1
                    self.members[pattern, option, factor].add(value)

    def found(self) -> list[Tie]:
        """Return the ties seen in enough members of a family, the most frequent first."""
        ties = [
            Tie(pattern, option, factor, count, self.seen[pattern, option])
            for (pattern, option, factor), count in self.counts.items()
            if len(self.members[pattern, option, factor]) >= LEAST_MEMBERS
        ]
        return sorted(ties, key=lambda tie: (-tie.count, tie.pattern.steps, tie.factor))


def numbers_of(target: str) -> dict[str, float]:
    """Return the numeric options of a target's name; others are left out."""
    found = {}
    for part in target.partition("?")[2].split("&"):
        name, _, text = part.partition("=")
        try:
            found[name] = float(text)
        except ValueError:
            continue
    return found


def _is_turn(angle: float) -> bool:
    return abs(angle - round(angle / TURN) * TURN) < ANGLE_TOL
