"""Draw the pictures of the tutorials' gallery.

Usage: ``python docs/make_thumbnails.py`` writes ``docs/_static/thumbnails/*.svg``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from circuitdiff import Circuit
from circuitdiff.circuits.circuit import Operation
from circuitdiff.reports.animation import Frame, animation_svg
from circuitdiff.reports.circuit_svg import circuit_svg, sequence_svg

PLACE = Path(__file__).parent / "_static" / "thumbnails"
PI = float(np.pi)


def h(*qubits: int) -> list[Operation]:
    """Return Hadamards."""
    return [Operation("h", (qubit,), ()) for qubit in qubits]


def cx(control: int, target: int) -> Operation:
    """Return a controlled X."""
    return Operation("cx", (control, target), ())


def cp(a: int, b: int, angle: float) -> Operation:
    """Return a controlled phase."""
    return Operation("cp", (a, b), (angle,))


def turn(name: str, qubit: int, angle: float) -> Operation:
    """Return a rotation."""
    return Operation(name, (qubit,), (angle,))


PICTURES: dict[str, list[Operation | None]] = {
    "first-circuit": [*h(2), cp(1, 2, PI / 2), cp(0, 2, PI / 4), *h(1), cp(0, 1, PI / 2), *h(0)],
    "heavy-hex": [cx(0, 1), cx(1, 2), Operation("sx", (1,), ()), cx(2, 1), cx(1, 0)],
    "states": [turn("ry", 0, 1.23), cx(0, 1), turn("ry", 1, 0.96), cx(1, 2), cx(0, 2)],
    "instantiation": [turn("rz", 0, 0.3), cx(0, 1), turn("ry", 1, 1.1), cx(1, 2), turn("rz", 2, 0.7)],
    "entanglement": [*h(0), cx(0, 2), Operation("x", (1,), ()), cx(2, 0)],
    "discrete": [*h(0), Operation("ccx", (0, 1, 2), ()), Operation("swap", (0, 1), ()), cx(2, 0)],
    "angles": [turn("rx", 0, 0.6), None, cp(0, 1, 1.2), None, turn("rx", 2, 0.6), None],
    "editing": [*h(0), cx(0, 1), None, None, cx(0, 2)],
    "stages": [cx(0, 1), None, cx(1, 2), cx(0, 1)],
    "gadgets": [*h(0), cx(1, 0), turn("rz", 0, PI), cx(1, 0), *h(0), *h(2)],
    "training": [None, None, None, None, None],
}


def main() -> None:
    """Write every picture."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for name, operations in PICTURES.items():
        known = [operation for operation in operations if operation is not None]
        whole = len(known) == len(operations)
        drawn = circuit_svg(Circuit(3, tuple(known))) if whole else sequence_svg(3, operations)
        picture = animation_svg([Frame(drawn, "")]).replace("a circuit denoising", f"picture of {name}")
        (PLACE / f"{name}.svg").write_text(picture + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
