"""The page of a compilation: all of it is there, and nothing is fetched."""

from __future__ import annotations

import re

import pytest

import circuitdiff
from circuitdiff.circuits.unitaries import named
from circuitdiff.reports.compilation_page import MAX_DRAWN, compilation_page

GATES = [("h", (0,), ()), ("cx", (0, 1), ()), ("rz", (1,), (0.3,)), ("cx", (0, 1), ()), ("cx", (0, 1), ())]
GIVEN = circuitdiff.Circuit.from_gates(2, GATES)


@pytest.fixture(scope="module")
def page() -> str:
    result = circuitdiff.compile(GIVEN, effort="fast")
    return compilation_page("<b>mine</b>", result, GIVEN)


def test_page_shows_before_and_after_and_escapes_its_title(page: str) -> None:
    assert page.count("<svg class=") >= 2
    assert "<h2>Before</h2>" in page
    assert "<h2>After</h2>" in page
    assert "<h1>&lt;b&gt;mine&lt;/b&gt;</h1>" in page
    assert "3 → 1" in page


def test_page_fetches_nothing(page: str) -> None:
    links = re.findall(r"(?:src|href)=\"([^\"]*)\"|url\(([^)]*)\)|@import", page)
    assert {link for pair in links for link in pair if link} <= {"data:,"}


def test_page_shows_all_fits_of_every_proposer() -> None:
    result = circuitdiff.compile(named("toffoli"), effort="fast", proposers=["diffusion"], seed=0)
    fits = result.candidates["diffusion"].fits
    assert min(missed for _, missed in fits) < 1e-8 < max(missed for _, missed in fits)
    assert any(count == result.two_qubit_count and missed < 1e-8 for count, missed in fits)
    chart = compilation_page("toffoli", result).split("All that was tried")[1]
    assert chart.count("<title>diffusion: ") == len(fits)
    assert "fits" not in result.as_dict()["candidates"]["diffusion"]


def test_page_of_a_block_by_block_compilation_and_of_a_circuit_too_large_to_draw() -> None:
    long = circuitdiff.Circuit.from_gates(2, [("h", (q,), ()) for q in (0, 1)] * (MAX_DRAWN // 2 + 1))
    result = circuitdiff.resynthesize(GIVEN, effort="fast", cache=None)
    assert "resynthesis" in compilation_page("whole", result)
    assert f"{long.num_gates} gates, too many to draw" in compilation_page("large", result, written=long)
