"""Animations: every frame is there, exactly one is seen at a time, and a still viewer sees the last."""

from __future__ import annotations

from xml.etree import ElementTree

from circuitdiff.circuits.circuit import Operation
from circuitdiff.reports.animation import Frame, animation_svg
from circuitdiff.reports.circuit_svg import sequence_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_animation_holds_every_frame_and_ends_on_the_last() -> None:
    gates = [Operation("h", (0,)), Operation("cx", (0, 1))]
    frames = [Frame(sequence_svg(2, [None, None]), "noise"), Frame(sequence_svg(2, gates), "a < b", 2.0)]
    root = ElementTree.fromstring(animation_svg(frames))
    groups = root.findall(f"{SVG}g")
    assert [group.attrib.get("visibility") for group in groups] == ["hidden", None]
    assert [group.find(f"{SVG}text").text for group in groups] == ["noise", "a < b"]  # type: ignore[union-attr]
    inner = [group.find(f"{SVG}svg").attrib for group in groups]  # type: ignore[union-attr]
    assert all(float(size["width"]) <= float(root.attrib["width"]) for size in inner)
