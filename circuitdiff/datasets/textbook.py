"""Circuits out of textbooks, with angles left open, and the gates that these are made of.

A circuit is a program, statements in time order such as ``cp@0.5 1 0``: a gate, its angle and its qubits.  ``@0.5`` is
half of pi, ``*2:1`` is twice the open angle 1, and ``*2`` twice the open angle 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import combinations_with_replacement
from typing import NamedTuple

MAX_TURNS = 2
"""Most open angles of a circuit."""


class Turn(NamedTuple):
    """An angle, ``scale * turns[which] + offset`` radians."""

    scale: float = 0.0
    which: int = 0
    offset: float = 0.0


class Step(NamedTuple):
    """A gate with at most one angle."""

    name: str
    qubits: tuple[int, ...]
    turn: Turn | None = None


Steps = tuple[Step, ...]

MADE_OF: Mapping[str, tuple[str, ...]] = {
    "x": ("rx@1 0", "h 0; z 0; h 0"),
    "z": ("s 0; s 0", "p@1 0", "rz@1 0"),
    "s": ("t 0; t 0", "p@0.5 0", "rz@0.5 0"),
    "sdg": ("tdg 0; tdg 0", "p@-0.5 0", "rz@-0.5 0"),
    "t": ("p@0.25 0", "rz@0.25 0"),
    "tdg": ("p@-0.25 0", "rz@-0.25 0"),
    "h": ("ry@0.5 0; x 0", "rz@0.5 0; sx 0; rz@0.5 0", "rz@0.5 0; rx@0.5 0; rz@0.5 0"),
    "rx": ("h 0; rz*1 0; h 0",),
    "ry": ("sdg 0; rx*1 0; s 0", "rz@-0.5 0; rx*1 0; rz@0.5 0"),
    "rz": ("p*1 0", "h 0; rx*1 0; h 0"),
    "swap": ("cx 0 1; cx 1 0; cx 0 1",),
    "cx": ("h 1; cz 0 1; h 1",),
    "cz": ("h 1; cx 0 1; h 1", "cp@1 0 1", "rz@0.5 0; rz@0.5 1; rzz@-0.5 0 1"),
    "cp": (
        "rz*0.5 0; rz*0.5 1; rzz*-0.5 0 1",
        "rz*0.5 0; rz*0.5 1; cx 0 1; rz*-0.5 1; cx 0 1",
    ),
    "rzz": ("cx 0 1; rz*1 1; cx 0 1",),
    "rxx": ("h 0; h 1; rzz*1 0 1; h 0; h 1",),
    "ryy": ("sdg 0; sdg 1; rxx*1 0 1; s 0; s 1",),
    "cry": ("ry*0.5 1; cx 0 1; ry*-0.5 1; cx 0 1",),
    "ccx": ("h 2; ccz 0 1 2; h 2",),
    "ccz": (
        "h 2; ccx 0 1 2; h 2",
        "cx 1 2; tdg 2; cx 0 2; t 2; cx 1 2; tdg 2; cx 0 2; t 1; t 2; cx 0 1; t 0; tdg 1; cx 0 1",
    ),
    "cswap": ("cx 2 1; ccx 0 1 2; cx 2 1",),
}
"""What gates are made of, up to global phase: programs on their qubits, open angle 0 their own, best first."""

_ON_A_LINE = "t 0; t 1; t 2; cx 1 2; tdg 2; cx 0 1; tdg 1; cx 1 2; tdg 2; cx 0 1; cx 1 2; t 2; cx 0 1; cx 1 2; cx 0 1"
_MARGOLUS = "ry@0.25 2; cx 1 2; ry@0.25 2; cx 0 2; ry@-0.25 2; cx 1 2; ry@-0.25 2"
_THREE_CONTROLS = (
    "h 3; cp@0.25 0 3; cx 0 1; cp@-0.25 1 3; cx 0 1; cp@0.25 1 3; cx 1 2; cp@-0.25 2 3; cx 0 2; cp@0.25 2 3; "
    "cx 1 2; cp@-0.25 2 3; cx 0 2; cp@0.25 2 3; h 3"
)
"""By the Gray code: Barenco et al., Phys. Rev. A 52, 3457 (1995)."""

_CUCCARO = "cx 2 1; cx 2 0; ccx 0 1 2; cx 2 3; ccx 0 1 2; cx 2 0; cx 0 1"


def read(program: str) -> Steps:
    """Read a program."""
    return tuple(_statement(text) for text in program.split("; ")) if program else ()


def in_gates(steps: Iterable[Step], gates: Collection[str]) -> Steps | None:
    """Write a circuit in some gates, up to global phase; None where `MADE_OF` tells no way."""
    found: list[Step] = []
    for step in steps:
        part = _expanded(step, gates, frozenset())
        if part is None:
            return None
        found += part
    return tuple(found)


def circuits(family: str, num_qubits: int) -> Iterator[Steps]:
    """Yield a family's circuits on the first qubits of a register."""
    for size in range(2, num_qubits + 1):
        yield from map(read, FAMILIES[family](size))


def _statement(text: str) -> Step:
    head, *places = text.split()
    qubits = tuple(map(int, places))
    if "@" in head:
        name, _, multiple = head.partition("@")
        return Step(name, qubits, Turn(offset=float(multiple) * math.pi))
    name, open_angle, tail = head.partition("*")
    scale, _, which = tail.partition(":")
    return Step(name, qubits, Turn(float(scale), int(which or 0)) if open_angle else None)


def _expanded(step: Step, gates: Collection[str], within: frozenset[str]) -> list[Step] | None:
    if step.name in gates:
        return [step]
    for program in MADE_OF.get(step.name, ()) if step.name not in within else ():
        parts = [_expanded(_put(part, step), gates, within | {step.name}) for part in read(program)]
        if all(part is not None for part in parts):
            return [gate for part in parts if part is not None for gate in part]
    return None


def _put(part: Step, whole: Step) -> Step:
    """Put a statement of what a gate is made of in the gate's place."""
    turn = part.turn
    if turn is not None and turn.scale and whole.turn is not None:
        turn = Turn(turn.scale * whole.turn.scale, whole.turn.which, turn.scale * whole.turn.offset)
    return Step(part.name, tuple(whole.qubits[q] for q in part.qubits), turn)


def _joined(*statements: str | Iterable[str]) -> str:
    return "; ".join(s for group in statements for s in ([group] if isinstance(group, str) else group))


def _qft(size: int) -> Iterator[str]:
    """Yield the Fourier transform with its swaps, on a line, and the inverse of the first."""
    ladder = [[f"h {j}", *(f"cp@{0.5 ** (j - k)} {k} {j}" for k in reversed(range(j)))] for j in reversed(range(size))]
    swaps = [f"swap {q} {size - 1 - q}" for q in range(size // 2)]
    yield _joined(*ladder, swaps)
    yield _joined(swaps, (gate.replace("@", "@-") for gate in reversed([g for rung in ladder for g in rung])))
    line = (
        [f"h {size - 1}", *(s for k in range(1, size - i) for s in _passing(size - k, 0.5**k))] for i in range(size)
    )
    yield _joined(*line)


def _passing(upper: int, multiple: float) -> tuple[str, str]:
    """Return a controlled phase between neighbours, which then change places."""
    return f"cp@{multiple} {upper - 1} {upper}", f"swap {upper - 1} {upper}"


def _trotter(size: int) -> Iterator[str]:
    """Yield one to three steps of the Ising, Heisenberg and XXZ chains."""
    bonds = [f"{q} {q + 1}" for q in range(size - 1)]
    ising = _joined((f"rzz*1:0 {b}" for b in bonds), (f"rx*1:1 {q}" for q in range(size)))
    for steps in (1, 2, 3):
        yield _joined([ising] * steps)
        for delta in (0, 1):
            xxz = (s for b in bonds for s in (f"rxx*1:0 {b}", f"ryy*1:0 {b}", f"rzz*1:{delta} {b}"))
            yield _joined([_joined(xxz)] * steps)


def _oracle(size: int) -> Iterator[str]:
    """Yield Bernstein-Vazirani with every secret, and a round of Grover's search for every state."""
    data = size - 1
    hadamards = [f"h {q}" for q in range(size)]
    for secret in range(1, 1 << data):
        yield _joined(
            f"x {data}", hadamards, (f"cx {q} {data}" for q in range(data) if secret >> q & 1), hadamards[:-1]
        )
    phase = {2: "cz 0 1", 3: "ccz 0 1 2"}.get(size)
    for marked in range(1 << size) if phase else ():
        zeros = [f"x {q}" for q in range(size) if not marked >> q & 1]
        every = [f"x {q}" for q in range(size)]
        yield _joined(hadamards, zeros, phase or "", zeros, hadamards, every, phase or "", every, hadamards)


def _adder(size: int) -> Iterator[str]:
    """Yield increments, and the halves and the whole of ripple-carry and Fourier adders."""
    if size <= 3:
        yield _joined(["ccx 0 1 2"] * (size == 3), "cx 0 1", "x 0")
    if size == 3:
        yield "cx 2 1; cx 2 0; ccx 0 1 2"
        yield "ccx 0 1 2; cx 2 0; cx 0 1"
        yield "ccx 0 1 2; cx 0 1"
    if size == 4:
        yield _CUCCARO
        there, back = "h 3; cp@0.5 2 3; h 2; swap 2 3", "swap 2 3; h 2; cp@-0.5 2 3; h 3"
        yield _joined(there, "cp@0.5 0 2; cp@1 0 3; cp@1 1 2", back)


def _controlled(size: int) -> Iterator[str]:
    """Yield controlled gates: rotations and phases, Toffoli, Fredkin, Margolus, three controls."""
    if size == 2:
        yield from ("cry*1 0 1", "cp*1 0 1", "h 1; cp*1 0 1; h 1")
    if size == 3:
        yield from ("ccx 0 1 2", "h 2; ccz 0 1 2; h 2", "cswap 0 1 2", _MARGOLUS, _ON_A_LINE)
        yield from (f"h 2; {_ON_A_LINE}; h 2", "cp*0.5 1 2; cx 0 1; cp*-0.5 1 2; cx 0 1; cp*0.5 0 2")
    if size == 4:
        yield _THREE_CONTROLS


def _pauli(size: int) -> Iterator[str]:
    """Yield a rotation about every word of Paulis, up to the numbering of the qubits."""
    before = {"X": "h {0}", "Y": "sdg {0}; h {0}", "Z": ""}
    after = {"X": "h {0}", "Y": "h {0}; s {0}", "Z": ""}
    ladder = [f"cx {q} {q + 1}" for q in range(size - 1)]
    for word in combinations_with_replacement("XYZ", size):
        there, back = ([side[p].format(q) for q, p in enumerate(word) if side[p]] for side in (before, after))
        yield _joined(there, ladder, f"rz*1 {size - 1}", reversed(ladder), back)


def _preparation(size: int) -> Iterator[str]:
    """Yield the making of GHZ and W states."""
    yield _joined("h 0", (f"cx {q} {q + 1}" for q in range(size - 1)))
    shares = [2 * math.acos(math.sqrt(1 / (size - q))) / math.pi for q in range(size - 1)]
    yield _joined("x 0", *((f"cry@{share!r} {q} {q + 1}", f"cx {q + 1} {q}") for q, share in enumerate(shares)))


FAMILIES: Mapping[str, Callable[[int], Iterator[str]]] = {
    "qft": _qft,
    "trotter": _trotter,
    "oracle": _oracle,
    "adder": _adder,
    "controlled": _controlled,
    "pauli": _pauli,
    "preparation": _preparation,
}
"""The programs of each family on so many qubits."""
