"""What races have found out about blocks that differ in single-qubit gates, or in the order of their qubits, alone.

A circuit's blocks come back again and again, with other gates on single qubits around them: which sequences of
entanglers make such a block is asked once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Pair
from circuitdiff.features.local_invariants import local_invariants, orders, relabelled
from circuitdiff.numerics.ansatz import EntanglerSequence

GRID = 1.6e-5
"""Invariants are rounded to multiples of this."""

OFFSET = 0.377
"""By how much of a step they are moved first, so that zero, one and simple fractions are not where rounding jumps."""


@dataclass(frozen=True)
class LocalClass:
    """Blocks that are alike.

    Attributes:
        key: the same for all of them.
        order: of the block's qubits; the one at place k has the label k in what is known of the class.
    """

    key: bytes
    order: tuple[int, ...]

    def labelled(self, sequence: EntanglerSequence) -> EntanglerSequence:
        """Return a sequence on the block's qubits with the labels of the class."""
        return _renamed(sequence, {qubit: label for label, qubit in enumerate(self.order)})

    def placed(self, sequence: EntanglerSequence) -> EntanglerSequence:
        """Return a sequence in the labels of the class on the block's qubits."""
        return _renamed(sequence, dict(enumerate(self.order)))


def local_classes(unitaries: NDArray[np.complex128], couplings: Sequence[tuple[Pair, ...]]) -> list[LocalClass]:
    """Return the class of each of some unitaries (batch, d, d) on couplings among their qubits."""
    invariants = local_invariants(unitaries)
    candidates = orders(invariants.shape[2])
    rows = [
        np.floor(relabelled(invariants, order).reshape(len(unitaries), -1) / GRID + OFFSET).astype(np.int32)
        for order in candidates
    ]
    found = []
    for number, pairs in enumerate(couplings):
        options = (
            (repr(_renamed_set(pairs, order)).encode() + row[number].tobytes(), order)
            for row, order in zip(rows, candidates, strict=True)
        )
        least, order = min(options)
        found.append(LocalClass(hashlib.sha256(least).digest(), order))
    return found


def class_of(unitary: NDArray[np.complex128], pairs: tuple[Pair, ...]) -> LocalClass:
    """Return the class of one unitary (d, d)."""
    return local_classes(unitary[None], [pairs])[0]


def _renamed(sequence: EntanglerSequence, names: dict[int, int]) -> EntanglerSequence:
    renamed = ((names[a], names[b]) for a, b in sequence)
    return tuple((min(pair), max(pair)) for pair in renamed)


def _renamed_set(pairs: tuple[Pair, ...], order: tuple[int, ...]) -> list[Pair]:
    return sorted(_renamed(pairs, {qubit: label for label, qubit in enumerate(order)}))


Finding = tuple[bytes, int, EntanglerSequence | None]
"""A class, a number of entanglers, and a sequence of so many that makes its blocks; None after a race without one."""


class KnownSequences:
    """By class and number of entanglers, sequences that are known to suffice, and how many races ended without one."""

    def __init__(self) -> None:
        """Know nothing."""
        self.sequences: dict[bytes, dict[int, dict[EntanglerSequence, None]]] = {}
        self.futile: Counter[tuple[bytes, int]] = Counter()

    def of(self, local_class: LocalClass) -> ClassRaces:
        """Return what is known of a class, to be read while blocks are raced side by side."""
        return ClassRaces(self, local_class)

    def of_blocks(
        self, unitaries: Mapping[int, NDArray[np.complex128]], pairs: Sequence[tuple[Pair, ...]]
    ) -> dict[int, ClassRaces]:
        """Return by number what is known of blocks of one size, given their unitaries and couplings."""
        if not unitaries:
            return {}
        classes = local_classes(np.stack(list(unitaries.values())), pairs)
        return {number: self.of(found) for number, found in zip(unitaries, classes, strict=True)}

    def learn(self, races: Iterable[ClassRaces]) -> None:
        """Take in what races have found, once none of them is under way."""
        for key, count, sequence in (finding for race in races for finding in race.findings):
            if sequence is None:
                self.futile[key, count] += 1
            else:
                self.sequences.setdefault(key, {}).setdefault(count, {})[sequence] = None


@dataclass
class ClassRaces:
    """What is known of one block's class when its races begin, and what they find."""

    known: KnownSequences
    local_class: LocalClass
    findings: list[Finding] = field(default_factory=list)

    def with_count(self, count: int) -> list[EntanglerSequence]:
        """Return sequences of so many entanglers that make the block."""
        return [self.local_class.placed(s) for s in self.known.sequences.get(self.local_class.key, {}).get(count, ())]

    def least_below(self, count: int) -> int | None:
        """Return the least number of entanglers that is known to suffice, None where it is not below ``count``."""
        return min((c for c in self.known.sequences.get(self.local_class.key, {}) if c < count), default=None)

    def futile(self, count: int) -> int:
        """Return how many races for so many entanglers have found nothing."""
        return self.known.futile[self.local_class.key, count]

    def note(self, count: int, sequence: EntanglerSequence | None) -> None:
        """Keep what a race for so many entanglers has found."""
        labelled = None if sequence is None else self.local_class.labelled(sequence)
        self.findings.append((self.local_class.key, count if sequence is None else len(sequence), labelled))


def in_two_turns(races: Mapping[int, ClassRaces], count: int) -> tuple[list[int], list[int]]:
    """Return those numbers below ``count`` that are the first of their class, or have none, and then the rest."""
    first: dict[bytes, int] = {}
    for number, found in races.items():
        first.setdefault(found.local_class.key, number)
    later = set(races) - set(first.values())
    return [number for number in range(count) if number not in later], sorted(later)
