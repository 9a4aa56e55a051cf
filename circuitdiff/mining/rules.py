"""Rewrite rules: different patterns that do the same, verified at random angles, reduced to those that say more.

Every pattern is simulated at two generic angles; the cheaper ones also with their qubits renamed and their angles
replaced by other combinations of these.  What comes out equal up to global phase is a candidate for a rule.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.counting import counted
from circuitdiff.mining.patterns import Angle, Match, Pattern, Step, pattern_of
from circuitdiff.mining.windows import windows

logger = logging.getLogger(__name__)

GENERIC = (0.813_247, 2.114_951)
"""Free angles at which candidates are found; `verified` looks at others."""

DRAWS = 6
TOLERANCE = 1e-9
MAX_PATTERNS = 20_000
"""Patterns that compete, the most frequent ones."""

MOST_RHS_GATES = 3
"""Gates of a pattern that may take another's place."""

MAX_OFFERS = 400
"""Patterns that may, the most frequent ones."""

_SHIFTS = (0, 8, 16, 24)
_COMBINATIONS = (
    (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0),
    (0.5, 0.0), (-0.5, 0.0), (2.0, 0.0), (-2.0, 0.0),
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """``lhs`` may be replaced by ``rhs``, which is cheaper and the same up to global phase.

    Attributes:
        count: how often `lhs` was seen.
        max_infidelity: the largest of `DRAWS` random settings of the free angles.
    """

    lhs: Pattern
    rhs: Pattern
    count: int
    max_infidelity: float

    @property
    def saves(self) -> int:
        """Gates saved."""
        return self.lhs.cost[1] - self.rhs.cost[1]

    @property
    def saves_two_qubit(self) -> int:
        """Gates on several qubits saved."""
        return self.lhs.cost[0] - self.rhs.cost[0]


def find_rules(counts: Mapping[Pattern, int], gates: Collection[str], seed: int = 0) -> list[Rule]:
    """Return irreducible verified rules among some patterns, those that save most in all first.

    Args:
        counts: how often each pattern was seen.
        gates: gates that a right-hand side may have.
        seed: of the angles at which rules are verified.
    """
    rng = np.random.default_rng(seed)
    ranked = sorted(counts, key=lambda p: (-counts[p], p.steps))[:MAX_PATTERNS]
    rules: list[Rule] = []
    known: dict[Pattern, Rule] = {}
    offers = _offers(ranked, gates)
    simplest_first = sorted(ranked, key=lambda p: (len(p.steps), p.cost, p.steps))
    for lhs in counted(simplest_first, "rules: pattern", logger):
        for rhs in offers.get(_signature(lhs.circuit(GENERIC).unitary()), ()):
            if rhs.cost < lhs.cost and len(rhs.steps) <= len(lhs.steps) and not _share_an_end(lhs, rhs):
                break
        else:
            continue
        worst = verified(lhs, rhs, rng)
        if worst <= TOLERANCE and not _is_reducible(lhs, known):
            rules.append(Rule(lhs, rhs, counts[lhs], worst))
            known[lhs] = rules[-1]
    return sorted(rules, key=lambda r: (-r.saves_two_qubit * r.count, -r.saves * r.count, r.lhs.steps))


def verified(lhs: Pattern, rhs: Pattern, rng: np.random.Generator) -> float:
    """Return the largest infidelity between two patterns at `DRAWS` random settings of the free angles."""
    draws = rng.uniform(-np.pi, np.pi, (DRAWS, len(GENERIC)))
    return max(infidelity(lhs.circuit(free).unitary(), rhs.circuit(free).unitary()) for free in draws.tolist())


def _offers(patterns: Iterable[Pattern], gates: Collection[str]) -> dict[bytes, list[Pattern]]:
    """Return, by what they do, the patterns that may replace others, the cheapest first."""
    offers: dict[bytes, list[Pattern]] = {}
    short = (p for p in patterns if len(p.steps) <= MOST_RHS_GATES and {s.name for s in p.steps} <= set(gates))
    for pattern in counted([*_trivial(gates), *islice(short, MAX_OFFERS)], "what may replace them: pattern", logger):
        for variant in _variants(pattern):
            offers.setdefault(_signature(variant.circuit(GENERIC).unitary()), []).append(variant)
    return {key: sorted(found, key=lambda p: (p.cost, p.steps)) for key, found in offers.items()}


def _trivial(gates: Collection[str]) -> Iterator[Pattern]:
    """Yield nothing at all, and every single gate, also beside idle qubits."""
    for register in (1, 2, 3):
        yield Pattern(register, ())
        for name in sorted(gates):
            gate = GATES[name]
            if gate.num_qubits <= register and gate.num_params <= 1:
                angles = (Angle(1.0, 0.0, 0),) * gate.num_params
                yield Pattern(register, (Step(name, tuple(range(gate.num_qubits)), angles),))


def _variants(pattern: Pattern) -> Iterator[Pattern]:
    """Yield a pattern with its qubits renamed and its free angle replaced, where it has one."""
    for order in permutations(range(pattern.num_qubits)):
        renamed = tuple(s._replace(qubits=tuple(order[q] for q in s.qubits)) for s in pattern.steps)
        if pattern.num_free != 1:
            yield Pattern(pattern.num_qubits, renamed)
            continue
        for one, other in _COMBINATIONS:
            for shift in _SHIFTS:
                yield Pattern(
                    pattern.num_qubits,
                    tuple(
                        s._replace(angles=tuple(_substituted(angle, one, other, shift) for angle in s.angles))
                        for s in renamed
                    ),
                )


def _substituted(angle: Angle, one: float, other: float, shift: int) -> Angle:
    """Put ``one * a + other * b + shift * pi / 16`` in place of a."""
    return Angle(angle.a * one, angle.a * other, int(angle.steps + angle.a * shift) % 32)


def _signature(unitary: NDArray[np.complex128]) -> bytes:
    """Return bytes that are the same for matrices that agree up to global phase."""
    flat = unitary.ravel()
    first = flat[np.argmax(np.abs(flat) > 0.9 * np.abs(flat).max())]
    return bytes(np.round(flat * (abs(first) / first) + (0.5 + 0.5j) * 1e-7, 6).tobytes())


def _share_an_end(lhs: Pattern, rhs: Pattern) -> bool:
    """Tell whether both sides begin or end with the same gate, without which they would say as much."""
    return any(
        any(step == other for step in _free_to_move(lhs, last) for other in _free_to_move(rhs, last))
        for last in (False, True)
    )


def _free_to_move(pattern: Pattern, last: bool) -> list[Step]:
    """Return the gates that can come first, or last."""
    taken: set[int] = set()
    found = []
    for step in pattern.steps[::-1] if last else pattern.steps:
        if not taken & set(step.qubits):
            found.append(step)
        taken |= set(step.qubits)
    return found


def _is_reducible(lhs: Pattern, known: Mapping[Pattern, Rule]) -> bool:
    """Tell whether a known rule applies to a part of a pattern, or to all of it with its angles freed."""
    circuit = lhs.circuit(GENERIC)
    return any(rule_for(circuit, window, known) is not None for window in windows(circuit, len(lhs.steps)))


def rule_for(circuit: Circuit, window: tuple[int, ...], known: Mapping[Pattern, Rule]) -> tuple[Rule, Match] | None:
    """Return the rule that applies to some gates of a circuit, and how, or None."""
    operations = [circuit.operations[i] for i in window]
    for general in (False, True):
        match = pattern_of(operations, general=general)
        if match is not None and match.pattern in known:
            return known[match.pattern], match
    return None
