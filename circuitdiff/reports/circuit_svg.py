"""Circuits as SVG: wires from left to right, in the colours of the page that shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.reports.text_drawing import CONTROL, CROSS, NOT, columns, symbols

WIRE_GAP = 44
COLUMN_GAP = 12
BOX_HEIGHT = 30
MARGIN = 12
LABEL_WIDTH = 34
CHARACTER = 7.3
"""Width of a character at the size of the text, pixels."""

STYLE = (
    ".cd-circuit{font:12px ui-monospace,monospace;color:var(--cd-ink,#1c2430)}"
    ".cd-circuit line{stroke:currentColor;stroke-width:1.2}"
    ".cd-circuit text{fill:currentColor;text-anchor:middle;dominant-baseline:central}"
    ".cd-circuit .box{fill:var(--cd-box,#e8f0fe);stroke:var(--cd-accent,#3367d6);stroke-width:1.2}"
    ".cd-circuit .masked{fill:var(--cd-page,#fff);stroke:var(--cd-muted,#8a94a6);stroke-dasharray:4 3}"
    ".cd-circuit .dot{fill:currentColor;stroke:none}"
    ".cd-circuit .ring{fill:var(--cd-page,#fff);stroke:currentColor;stroke-width:1.2}"
    ".cd-circuit .wire{stroke:var(--cd-muted,#8a94a6)}"
)
"""Rules that a page includes once; it sets the variables for a dark scheme."""


def circuit_svg(circuit: Circuit) -> str:
    """Return a drawing of a circuit, qubit 0 on top, gates as far left as they go."""
    placed = [list(dict.fromkeys(column.values())) for column in columns(circuit)]
    return _svg(circuit.num_qubits, placed)


def sequence_svg(num_qubits: int, operations: Sequence[Operation | None]) -> str:
    """Return a drawing with one column a position, None for a gate that is not known yet.

    Positions keep their place, so that drawings of the steps of one denoising lie on top of each other.
    """
    return _svg(num_qubits, [[operation] for operation in operations])


def _svg(num_qubits: int, placed: Sequence[Sequence[Operation | None]]) -> str:
    left = float(MARGIN + LABEL_WIDTH)
    parts: list[str] = []
    for column in placed:
        width = max((_width(operation) for operation in column), default=BOX_HEIGHT)
        centre = left + width / 2
        for operation in column:
            parts += _masked(centre, num_qubits) if operation is None else _gate(operation, centre)
        left += width + COLUMN_GAP
    num_gates = sum(map(len, placed))
    right, height = left + MARGIN, 2 * MARGIN + BOX_HEIGHT + (num_qubits - 1) * WIRE_GAP
    wires = [
        f'<text x="{MARGIN + LABEL_WIDTH / 2 - 6:g}" y="{_y(q):g}">q{q}</text>'
        f'<line class="wire" x1="{MARGIN + LABEL_WIDTH - 8}" y1="{_y(q):g}" x2="{right - MARGIN:g}" y2="{_y(q):g}"/>'
        for q in range(num_qubits)
    ]
    return (
        f'<svg class="cd-circuit" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right:g} {height}" '
        f'width="{right:g}" height="{height}" role="img" aria-label="{num_gates} gates on {num_qubits} qubits">'
        f"{''.join(wires)}{''.join(parts)}</svg>"
    )


def _y(qubit: int) -> float:
    return MARGIN + BOX_HEIGHT / 2 + qubit * WIRE_GAP


def _width(operation: Operation | None) -> float:
    if operation is None:
        return BOX_HEIGHT
    return max(BOX_HEIGHT, max(len(line) for label in _labels(operation) for line in _lines(label)) * CHARACTER + 10)


def _labels(operation: Operation) -> tuple[str, ...]:
    """Return what stands on each qubit; places are left out where the qubits may be exchanged."""
    labels = tuple(symbols(operation.name, operation.params))
    return tuple(label.partition(":")[0] for label in labels) if GATES[operation.name].symmetric else labels


def _lines(label: str) -> list[str]:
    """Split a label into the gate's name, with its place if it has one, and the angles."""
    name, bracket, rest = label.partition("(")
    angles, _, place = rest.partition(")")
    return [name + place, angles] if bracket else [label]


def _gate(operation: Operation, x: float) -> Iterator[str]:
    """Yield the marks of one gate: what joins its qubits, then what stands on each."""
    top, bottom = min(operation.qubits), max(operation.qubits)
    if top != bottom:
        yield f'<line x1="{x:g}" y1="{_y(top):g}" x2="{x:g}" y2="{_y(bottom):g}"/>'
    for qubit, label in zip(operation.qubits, _labels(operation), strict=True):
        yield _mark(label, x, _y(qubit), _width(operation))


def _mark(label: str, x: float, y: float, width: float) -> str:
    if label == CONTROL:
        return f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="4.5"/>'
    if label == NOT:
        cross = f'<line x1="{x - 10:g}" y1="{y:g}" x2="{x + 10:g}" y2="{y:g}"/>'
        return (
            f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="10"/>{cross}'
            f'<line x1="{x:g}" y1="{y - 10:g}" x2="{x:g}" y2="{y + 10:g}"/>'
        )
    if label == CROSS:
        return "".join(f'<line x1="{x - 6:g}" y1="{y - 6 * s:g}" x2="{x + 6:g}" y2="{y + 6 * s:g}"/>' for s in (1, -1))
    box = (
        f'<rect class="box" x="{x - width / 2:g}" y="{y - BOX_HEIGHT / 2:g}" width="{width:g}" height="{BOX_HEIGHT}" '
        'rx="4"/>'
    )
    lines = _lines(label)
    shifts = (0.0,) if len(lines) == 1 else (-6.5, 6.5)
    texts = (
        f'<text x="{x:g}" y="{y + shift:g}">{escape(line)}</text>' for line, shift in zip(lines, shifts, strict=True)
    )
    return box + "".join(texts)


def _masked(x: float, num_qubits: int) -> list[str]:
    """Return a dashed box over all wires: some gate, nobody knows which."""
    top, height = _y(0) - BOX_HEIGHT / 2, _y(num_qubits - 1) - _y(0) + BOX_HEIGHT
    return [
        f'<rect class="masked" x="{x - BOX_HEIGHT / 2:g}" y="{top:g}" width="{BOX_HEIGHT}" height="{height:g}" rx="4"/>'
        f'<text x="{x:g}" y="{top + height / 2:g}">?</text>'
    ]
