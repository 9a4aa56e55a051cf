"""Coupling maps: which pairs of qubits a device can entangle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from circuitdiff.errors import InputError

Pair = tuple[int, int]
MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True)
class Coupling:
    """An undirected, connected coupling map; pairs are ``(low, high)``, sorted, without repetition."""

    num_qubits: int
    pairs: tuple[Pair, ...]
    name: str

    @property
    def is_complete(self) -> bool:
        """Whether every pair of qubits is coupled."""
        return len(self.pairs) == self.num_qubits * (self.num_qubits - 1) // 2

    @property
    def text(self) -> str:
        """What `parse_coupling` reads as this map: ``all``, or pairs such as ``0-1,1-2``."""
        return "all" if self.is_complete else ",".join(f"{a}-{b}" for a, b in self.pairs)

    def allows(self, pairs: Iterable[Pair]) -> bool:
        """Tell whether every given pair is coupled."""
        return set(pairs) <= set(self.pairs)

    def neighbours(self, qubit: int) -> tuple[int, ...]:
        """Return the qubits coupled to one qubit, ascending."""
        return tuple(sorted(a + b - qubit for a, b in self.pairs if qubit in (a, b)))

    def distances(self) -> list[list[int]]:
        """Return the number of couplings on a shortest path between any two qubits: ``distances()[a][b]``."""
        n = self.num_qubits
        table = [
            [0 if a == b else (1 if self.allows([(min(a, b), max(a, b))]) else n) for b in range(n)] for a in range(n)
        ]
        for via in range(n):
            for a in range(n):
                for b in range(n):
                    table[a][b] = min(table[a][b], table[a][via] + table[via][b])
        return table

    def restricted(self, qubits: tuple[int, ...]) -> Coupling | None:
        """Return the map among ``qubits``, renumbered by position, or None where that is disconnected."""
        places = {q: i for i, q in enumerate(qubits)}
        inside = [(places[a], places[b]) for a, b in self.pairs if a in places and b in places]
        sub = Coupling(len(qubits), _normal(inside), self.name)
        return sub if _is_connected(sub) else None


def all_to_all(num_qubits: int) -> Coupling:
    """Return the complete coupling map."""
    return Coupling(num_qubits, tuple(combinations(range(num_qubits), 2)), "all")


def from_pairs(pairs: Iterable[Pair], num_qubits: int, name: str) -> Coupling:
    """Check pairs and build the map.

    Raises:
        InputError: a pair that repeats a qubit or lies outside the register, or a map that is not connected.
    """
    given = list(pairs)
    for a, b in given:
        if a == b or not (0 <= a < num_qubits and 0 <= b < num_qubits):
            raise InputError(f"coupling {a}-{b} is not a pair of different qubits below {num_qubits}")
    coupling = Coupling(num_qubits, _normal(given), name)
    if not _is_connected(coupling):
        reached = len(_component(coupling, 0))
        raise InputError(f"coupling map {name!r} is disconnected: {reached} of {num_qubits} qubits reach each other")
    return coupling


def parse_coupling(text: str, num_qubits: int) -> Coupling:
    """Read ``all``, ``line``, ``ring``, ``0-1,1-2`` or the path of a JSON file with a list of pairs.

    Raises:
        InputError: text that is none of these, or a map that does not fit (see `from_pairs`).
    """
    if text == "all":
        return all_to_all(num_qubits)
    line = [(q, q + 1) for q in range(num_qubits - 1)]
    if text == "line":
        return from_pairs(line, num_qubits, text)
    if text == "ring":
        return from_pairs(line + [(0, num_qubits - 1)] * (num_qubits > 2), num_qubits, text)
    return from_pairs(_spelled_pairs(text), num_qubits, text)


def coupling_text(text: str) -> str:
    """Return a coupling without its file: ``all``, ``line`` or ``ring`` as they are, pairs as ``0-1,1-2`` ascending.

    Raises:
        InputError: text that is none of these and names no file of pairs.
    """
    if text in ("all", "line", "ring"):
        return text
    return ",".join(f"{a}-{b}" for a, b in _normal(_spelled_pairs(text)))


def _spelled_pairs(text: str) -> list[Pair]:
    """Read pairs from text such as ``0-1,1-2``, or from the file that it names."""
    if not re.fullmatch(r"\d{1,9}-\d{1,9}(,\d{1,9}-\d{1,9})*", text):
        return _read_pairs(Path(text))
    pairs = (tuple(map(int, part.split("-"))) for part in text.split(","))
    return [(a, b) for a, b in pairs]


def _read_pairs(path: Path) -> list[Pair]:
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError:
        size = None
    if size is None:
        raise InputError(f"coupling map {str(path)!r} is neither all, line, ring, pairs such as 0-1,1-2, nor a file")
    if size > MAX_FILE_BYTES:
        raise InputError(f"coupling file {path} has {size} bytes, more than {MAX_FILE_BYTES}")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise InputError(f"coupling file {path} is not JSON: {error}") from error
    shaped = isinstance(data, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in data)
    if not shaped or not all(type(q) is int for pair in data for q in pair):
        raise InputError(f"coupling file {path} must hold a list of pairs of qubit numbers")
    return [(a, b) for a, b in data]


def _normal(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    return tuple(sorted({(min(p), max(p)) for p in pairs}))


def _component(coupling: Coupling, start: int) -> set[int]:
    reached, frontier = {start}, [start]
    while frontier:
        new = set(coupling.neighbours(frontier.pop())) - reached
        reached |= new
        frontier += new
    return reached


def _is_connected(coupling: Coupling) -> bool:
    return len(_component(coupling, 0)) == coupling.num_qubits
