"""Gate-pair encoding: the most frequent pair of neighbouring gates becomes a gate, again and again.

Byte-pair encoding over circuits (arXiv 2506.01666).  Two gates are neighbours when one can be moved next to the other
past gates on other qubits; which qubits they are on does not matter, only which they share.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.vocabulary import written_order
from circuitdiff.counting import counted
from circuitdiff.mining.kinds import FRACTION, FREE, Corpus, Kind
from circuitdiff.mining.pair_kernels import NONE, OVERLAPS, SLOTS, count_pairs, merge_pairs

logger = logging.getLogger(__name__)

MAX_GADGETS = 48
LOOKED_AT = 512
"""Most frequent pairs, as they lie on the qubits, that compete for being the next gadget."""

EXAMPLE_ANGLES = (0.7, 1.9, 2.3, 0.4, 1.3, 2.9)
"""Free angles of a gadget, in turn, where it is written out."""


class Part(NamedTuple):
    """A gate of a gadget and the slots that its qubits take."""

    kind: Kind
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Gadget:
    """Gates that occur together.

    Attributes:
        parts: in time order, qubits numbered from 0.
        count: how often they do, without overlap,
        counts: and how often in circuits of each of the corpus's `groups`.
    """

    parts: tuple[Part, ...]
    count: int
    counts: tuple[int, ...]

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        return 1 + max(slot for part in self.parts for slot in part.slots)

    def circuit(self) -> Circuit:
        """Return the gadget at example angles."""
        angles = iter(EXAMPLE_ANGLES * len(self.parts))
        operations = [
            Operation(kind.name, slots, tuple(next(angles) if k == FREE else k * FRACTION for k in kind.labels))
            for kind, slots in self.parts
        ]
        return Circuit(self.num_qubits, tuple(operations))

    def gates(self) -> list[str]:
        """Return the gates as words: ``cp(1/4) 0 1``, angles in units of pi, a star for free ones."""
        return [" ".join((_named(kind), *map(str, slots))) for kind, slots in self.parts]


def _named(kind: Kind) -> str:
    if not kind.labels:
        return kind.name
    return f"{kind.name}({','.join('*' if k == FREE else f'{k * FRACTION / np.pi:.4g}' for k in kind.labels)})"


def pair_encoding(corpus: Corpus, most: int = MAX_GADGETS, least_count: int = 2) -> list[Gadget]:
    """Return gadgets in the order in which they were made, the most frequent pair first.

    Args:
        corpus: the circuits, which are left as they are.
        most: number of gadgets.
        least_count: a pair that is rarer makes none.
    """
    kind, qubits = corpus.kind.copy(), corpus.qubits.copy()
    known = [_normal((Part(k, tuple(range(GATES[k.name].num_qubits))),))[0] for k in corpus.kinds]
    base = len(known)
    gadgets: list[Gadget] = []
    table = np.zeros((base + most, base + most, OVERLAPS), dtype=np.int32)
    for _ in counted(range(most), "gadgets", logger):
        table[:] = 0
        count_pairs(kind, qubits, corpus.start, table)
        parts, orders = _most_frequent(table, known)
        if parts is None:
            break
        table[:] = 0
        slots = np.zeros((len(orders) + 1, SLOTS), dtype=np.int8)
        for number, (pair, order) in enumerate(orders.items(), start=1):
            table[pair] = number
            slots[number, : len(order)] = order
        count = int(merge_pairs(kind, qubits, corpus.start, table, slots, len(known)))
        if count < least_count:
            break
        gadgets.append(Gadget(parts, count, _per_group(kind == len(known), corpus)))
        known.append(parts)
    return gadgets


def _per_group(chosen: NDArray[np.bool_], corpus: Corpus) -> tuple[int, ...]:
    """Return how many of some gates (gates,) lie in circuits of each group."""
    circuits = np.searchsorted(corpus.start, np.flatnonzero(chosen), side="right") - 1
    return tuple(np.bincount(corpus.group[circuits], minlength=len(corpus.groups)).tolist())


_Pair = tuple[int, int, int]


def _most_frequent(
    table: NDArray[np.int32], known: list[tuple[Part, ...]]
) -> tuple[tuple[Part, ...] | None, dict[_Pair, tuple[int, ...]]]:
    """Return the gadget that most pairs make, and these pairs with the slot that each of their qubits gets."""
    flat = table.ravel()
    present = np.flatnonzero(flat)
    top = present[np.argsort(-flat[present], kind="stable")[:LOOKED_AT]]
    totals: dict[tuple[Part, ...], int] = {}
    orders: dict[tuple[Part, ...], dict[_Pair, tuple[int, ...]]] = {}
    for place in top:
        first, second, overlap = (int(i) for i in np.unravel_index(place, table.shape))
        parts, order = _normal(_joined(known[first], known[second], overlap))
        totals[parts] = totals.get(parts, 0) + int(flat[place])
        orders.setdefault(parts, {})[first, second, overlap] = order
    best = max(totals, key=totals.__getitem__, default=None)
    return best, orders[best] if best is not None else {}


def _joined(first: tuple[Part, ...], second: tuple[Part, ...], overlap: int) -> tuple[Part, ...]:
    """Put one gadget after another; `overlap` says which slot of the first each slot of the second shares."""
    used = 1 + max(slot for part in first for slot in part.slots)
    places: list[int] = []
    for _ in range(1 + max(slot for part in second for slot in part.slots)):
        overlap, shared = divmod(overlap, NONE + 1)
        places.append(used if shared == NONE else shared)
        used += shared == NONE
    return first + tuple(Part(kind, tuple(places[s] for s in slots)) for kind, slots in second)


def _normal(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], tuple[int, ...]]:
    """Return one form for all numberings of qubits and orders of disjoint gates, and the new number of each qubit."""
    count = 1 + max(slot for part in parts for slot in part.slots)
    return min((_ordered(parts, order), order) for order in permutations(range(count)))


def _ordered(parts: tuple[Part, ...], order: tuple[int, ...]) -> tuple[Part, ...]:
    ready = [0] * len(order)
    keyed = []
    for kind, slots in parts:
        placed = written_order(kind.name, tuple(order[s] for s in slots))
        layer = max(ready[s] for s in placed)
        for s in placed:
            ready[s] = layer + 1
        keyed.append((layer, Part(kind, placed)))
    keyed.sort(key=lambda item: (item[0], min(item[1].slots)))
    return tuple(part for _, part in keyed)
