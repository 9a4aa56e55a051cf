"""Charts: well-formed, every point inside the frame, order kept by either scale."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.reports.charts import HEIGHT, WIDTH, Axis, Series, chart

SVG = "{http://www.w3.org/2000/svg}"
points = st.lists(st.tuples(st.floats(0, 1e3), st.floats(1e-16, 1.0)), min_size=1, max_size=12)


@given(points, st.booleans())
def test_points_lie_inside_and_keep_their_order(pairs: list[tuple[float, float]], log: bool) -> None:
    root = ElementTree.fromstring(chart([Series("<a>", pairs, "points")], Axis("x"), Axis("y & z", log=log)))
    marks = [m for m in root.iter(f"{SVG}circle") if m.find(f"{SVG}title") is not None]
    assert len(marks) == len(pairs)
    places = [(float(m.attrib["cx"]), float(m.attrib["cy"])) for m in marks]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    by_x = sorted(range(len(pairs)), key=lambda i: pairs[i][0])
    assert all(places[a][0] <= places[b][0] + 0.11 for a, b in itertools.pairwise(by_x))
    by_y = sorted(range(len(pairs)), key=lambda i: pairs[i][1])
    assert all(places[a][1] >= places[b][1] - 0.11 for a, b in itertools.pairwise(by_y))


def test_chart_of_nothing_is_empty() -> None:
    assert chart([Series("none", [])], Axis("x"), Axis("y")) == ""
