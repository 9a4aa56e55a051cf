"""Which gadgets go with which gate set, coupling map or family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.mining.gadgets import Gadget
from circuitdiff.mining.kinds import GROUPED_BY, Corpus

LEAST_SURPRISE = 15.1
"""Likelihood ratio, chi-squared of one degree of freedom: one chance in 10,000."""

MOST = 12
"""Gadgets that are listed for a value, the most surprising ones."""


@dataclass(frozen=True)
class Contrast:
    """A gadget that circuits with some value in a column have more often than others.

    Attributes:
        column, value: see `GROUPED_BY`.
        count: occurrences in the `circuits` that have the value,
        count_elsewhere: and in the `circuits_elsewhere` that have another.
    """

    column: str
    value: str
    gadget: Gadget
    count: int
    circuits: int
    count_elsewhere: int
    circuits_elsewhere: int

    @property
    def ratio(self) -> float:
        """Occurrences a circuit here over those elsewhere, half an occurrence added to both."""
        return ((self.count + 0.5) / self.circuits) / ((self.count_elsewhere + 0.5) / self.circuits_elsewhere)

    @property
    def surprise(self) -> float:
        """Likelihood ratio statistic of two rates against one (Dunning, Computational Linguistics 19, 61, 1993)."""
        rate = (self.count + self.count_elsewhere) / (self.circuits + self.circuits_elsewhere)
        seen = ((self.count, self.circuits), (self.count_elsewhere, self.circuits_elsewhere))
        return 2 * sum(count * log(count / (rate * circuits)) for count, circuits in seen if count)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "column": self.column,
            "value": self.value,
            "gates": self.gadget.gates(),
            "count": self.count,
            "circuits": self.circuits,
            "count_elsewhere": self.count_elsewhere,
            "circuits_elsewhere": self.circuits_elsewhere,
            "ratio": self.ratio,
        }


def find_contrasts(corpus: Corpus, gadgets: Sequence[Gadget]) -> list[Contrast]:
    """Return, column by column and value by value, the gadgets that are more frequent there, the most telling first.

    A gadget's occurrences are those at the time that it was made: what later gadgets swallow counts.
    """
    sizes = np.bincount(corpus.group, minlength=len(corpus.groups))
    found: list[Contrast] = []
    for place, column in enumerate(GROUPED_BY):
        values = list(dict.fromkeys(group[place] for group in corpus.groups))
        for value in values if len(values) > 1 else ():
            here = np.array([group[place] == value for group in corpus.groups])
            made = (_contrast(column, value, gadget, here, sizes) for gadget in gadgets)
            telling = [c for c in made if c.ratio > 1 and c.surprise > LEAST_SURPRISE]
            found += sorted(telling, key=lambda c: -c.surprise)[:MOST]
    return found


def _contrast(column: str, value: str, gadget: Gadget, here: NDArray[np.bool_], sizes: NDArray[np.int64]) -> Contrast:
    counts = np.array(gadget.counts)
    sums = (int(numbers[chosen].sum()) for chosen in (here, ~here) for numbers in (counts, sizes))
    return Contrast(column, value, gadget, *sums)
