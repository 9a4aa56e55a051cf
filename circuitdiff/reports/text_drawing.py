"""Circuits as text: wires from left to right, folded to the width of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import pi

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES

CONTROL, NOT, CROSS = "●", "⊕", "×"
Column = dict[int, Operation]
"""One operation for each qubit that a column keeps busy; qubits between those of a gate are busy too."""


def draw(circuit: Circuit, width: int = 100) -> str:
    """Return a drawing of a circuit, qubit 0 on top, in rows of at most ``width`` characters where that can be."""
    names = [f"q{q}: " for q in range(circuit.num_qubits)]
    blocks: list[list[str]] = []
    for column in columns(circuit) or [{}]:
        cells = _cells(column, circuit.num_qubits)
        if not blocks or len(blocks[-1][0]) + len(cells[0]) > width:
            blocks.append(_margin(names))
        blocks[-1] = [line + cell for line, cell in zip(blocks[-1], cells, strict=True)]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks)


def format_angle(angle: float) -> str:
    """Return an angle in radians: a fraction of π where it is one with denominator up to 64, else four digits."""
    fraction = Fraction(angle / pi).limit_denominator(64)
    if abs(float(fraction) * pi - angle) > 1e-9:
        return f"{angle:.4g}"
    over, under = fraction.numerator, fraction.denominator
    if over == 0:
        return "0"
    times = {1: "", -1: "-"}.get(over, str(over))
    return f"{times}π" + (f"/{under}" if under > 1 else "")


def columns(circuit: Circuit) -> list[Column]:
    """Place every operation in the first column where all qubits between its own are free."""
    placed: list[Column] = []
    ready = [0] * circuit.num_qubits
    for operation in circuit.operations:
        busy = range(min(operation.qubits), max(operation.qubits) + 1)
        place = max(ready[q] for q in busy)
        if place == len(placed):
            placed.append({})
        for qubit in busy:
            placed[place][qubit] = operation
            ready[qubit] = place + 1
    return placed


def _cells(column: Column, num_qubits: int) -> list[str]:
    """Return the text of a column: a line for each wire and one for each gap below it, all of one width."""
    labels = [_label(column.get(q), q) for q in range(num_qubits)]
    width = max(map(len, labels)) + 2
    lines = []
    for qubit, label in enumerate(labels):
        lines.append(label.center(width, "─"))
        joined = qubit in column and column[qubit] is column.get(qubit + 1)
        lines.append(("│" if joined else " ").center(width))
    return lines[:-1]


def _label(operation: Operation | None, qubit: int) -> str:
    if operation is None:
        return "─"
    if qubit not in operation.qubits:
        return "┼"
    return tuple(symbols(operation.name, operation.params))[operation.qubits.index(qubit)]


def symbols(name: str, params: Sequence[float], controlled: bool = False) -> Iterator[str]:
    """Yield what stands on each qubit of a gate."""
    if name.startswith("c") and name[1:] in GATES:
        yield CONTROL
        yield from symbols(name[1:], params, controlled=True)
    elif controlled and name in ("x", "z"):
        yield NOT if name == "x" else CONTROL
    elif name == "swap":
        yield from (CROSS, CROSS)
    else:
        label = f"{name}({', '.join(map(format_angle, params))})" if params else name
        size = GATES[name].num_qubits
        yield from (label if size == 1 else f"{label}:{place}" for place in range(size))


def _margin(names: Sequence[str]) -> list[str]:
    size = max(map(len, names))
    return [line for name in names for line in (name.ljust(size), " " * size)][:-1]
