"""Circuits as SVG: well-formed, every gate there, nothing outside the drawing."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.reports.circuit_svg import circuit_svg, sequence_svg
from tests.strategies import circuits

SVG = "{http://www.w3.org/2000/svg}"


@given(circuits())
def test_drawing_is_well_formed_and_stays_inside(circuit: Circuit) -> None:
    root = ElementTree.fromstring(circuit_svg(circuit))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for mark in root.iter():
        for key, limit in (("x", width), ("cx", width), ("x2", width), ("y", height), ("cy", height), ("y2", height)):
            assert 0 <= float(mark.attrib.get(key, 0)) <= limit


def test_masked_positions_keep_their_place() -> None:
    gates = [Operation("h", (0,)), Operation("cx", (0, 1)), Operation("h", (1,))]
    known = ElementTree.fromstring(sequence_svg(2, gates))
    half = ElementTree.fromstring(sequence_svg(2, [gates[0], None, gates[2]]))
    boxes = [box.attrib["x"] for box in known.iter(f"{SVG}rect")]
    open_boxes = [box.attrib["x"] for box in half.iter(f"{SVG}rect") if box.attrib["class"] == "box"]
    assert boxes == open_boxes
    assert sum(box.attrib["class"] == "masked" for box in half.iter(f"{SVG}rect")) == 1


def test_labels_are_escaped_and_angles_are_written_as_fractions_of_pi() -> None:
    drawing = circuit_svg(Circuit.from_gates(2, [("rzz", [0, 1], [3.141592653589793 / 4])]))
    texts = [text.text for text in ElementTree.fromstring(drawing).iter(f"{SVG}text")]
    assert texts.count("rzz") == 2
    assert texts.count("π/4") == 2
