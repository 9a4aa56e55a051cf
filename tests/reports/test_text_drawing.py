from __future__ import annotations

from math import pi

import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.reports.text_drawing import draw, format_angle

EXAMPLE = Circuit.from_gates(
    3,
    [
        ("h", (0,), ()),
        ("cx", (0, 2), ()),
        ("u", (1,), (pi / 2, 0.1234567, -pi)),
        ("cp", (2, 1), (pi / 8,)),
        ("cswap", (1, 0, 2), ()),
        ("ecr", (2, 1), ()),
    ],
)


def test_draw_shows_controls_targets_and_crossed_wires() -> None:
    assert draw(EXAMPLE) == "\n".join(
        [
            "q0: ─h──●──────────────────────────────×────────",
            "        │                              │",
            "q1: ────┼──u(π/2, 0.1235, -π)──p(π/8)──●──ecr:1─",
            "        │                        │     │    │",
            "q2: ────⊕────────────────────────●─────×──ecr:0─",
        ]
    )


def test_draw_folds_at_the_width_of_the_page() -> None:
    blocks = draw(EXAMPLE, width=40).split("\n\n")
    assert len(blocks) == 2
    assert max(len(line) for block in blocks for line in block.splitlines()) <= 40


def test_draw_shows_wires_of_an_empty_circuit() -> None:
    assert [line.rstrip() for line in draw(Circuit(2)).splitlines()] == ["q0: ───", "", "q1: ───"]


@pytest.mark.parametrize(
    ("angle", "text"),
    [
        (0.0, "0"),
        (pi, "π"),
        (-pi / 2, "-π/2"),
        (3 * pi / 16, "3π/16"),
        (1.0, "1"),
        (2.5e-5, "2.5e-05"),
        (-0.75, "-0.75"),
    ],
)
def test_format_angle_names_fractions_of_pi(angle: float, text: str) -> None:
    assert format_angle(angle) == text
