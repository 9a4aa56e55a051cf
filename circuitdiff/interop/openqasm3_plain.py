"""OpenQASM 3 that says no more than OpenQASM 2 can, put in its words: Qiskit reads those a hundred times faster.

The reference parser of OpenQASM 3 takes a quarter of a millisecond a statement, which no time limit can cut short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

GATES = frozenset("id x y z h s sdg t tdg sx rx ry rz p cx cy cz ch swap cp crx cry crz ccx cswap U".split())
"""Gates of stdgates.inc, and the one built in, that OpenQASM 2 and Qiskit's additions to it mean the same by."""

_NUMBER = r"(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?"
_ANGLE = rf"-?\s*(?:{_NUMBER}|(?:{_NUMBER}\s*\*\s*)?pi(?:\s*[*/]\s*{_NUMBER})?)"
_PLACE = r"[A-Za-z_]\w*(?:\s*\[\s*\d+\s*\])?"
_PLACES = rf"{_PLACE}(?:\s*,\s*{_PLACE})*"
_HEAD = re.compile(r'\s*OPENQASM\s+3(?:\.\d+)?\s*;\s*include\s+"stdgates\.inc"\s*;')
_DECLARATION = re.compile(r"(qubit|bit)\s*\[\s*(\d+)\s*\]\s*([A-Za-z_]\w*)")
_GATE = re.compile(rf"([A-Za-z]\w*)\s*(?:\(\s*{_ANGLE}(?:\s*,\s*{_ANGLE})*\s*\))?\s+{_PLACES}")
_MEASUREMENT = re.compile(rf"({_PLACE})\s*=\s*measure\s+({_PLACE})")
_SAME = re.compile(rf"(?:barrier|reset)\s+{_PLACES}|measure\s+{_PLACE}\s*->\s*{_PLACE}")
_PHASE = re.compile(rf"gphase\s*\(\s*(-?\s*{_NUMBER})\s*\)")

_REGISTERS = {"qubit": "qreg", "bit": "creg"}


def as_version_2(text: str) -> tuple[str, float] | None:
    """Return a program of registers, gates, measurements, resets and barriers in OpenQASM 2, and its global phase.

    Args:
        text: OpenQASM 3 without comments.

    Returns:
        None for a text with anything else in it.  Nothing is checked that a parser of OpenQASM 2 checks too.
    """
    head = _HEAD.match(text)
    if head is None:
        return None
    *statements, rest = text[head.end() :].split(";")
    if rest.strip():
        return None
    return _written(statements)


def _written(statements: Sequence[str]) -> tuple[str, float] | None:
    phase = 0.0
    lines = ["OPENQASM 2.0", 'include "qelib1.inc"']
    for statement in map(str.strip, statements):
        gate = _GATE.fullmatch(statement)
        if (gate is not None and gate[1] in GATES) or _SAME.fullmatch(statement):
            lines.append(statement)
        elif measured := _MEASUREMENT.fullmatch(statement):
            lines.append(f"measure {measured[2]} -> {measured[1]}")
        elif declared := _DECLARATION.fullmatch(statement):
            lines.append(f"{_REGISTERS[declared[1]]} {declared[3]}[{declared[2]}]")
        elif said := _PHASE.fullmatch(statement):
            phase += float(said[1].replace(" ", ""))
        else:
            return None
    return ";\n".join([*lines, ""]), phase
