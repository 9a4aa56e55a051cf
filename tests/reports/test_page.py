"""Pages: whatever comes from outside is escaped, and nothing is fetched."""

from __future__ import annotations

import re

from circuitdiff.reports.page import drawing, render


def test_page_escapes_text_and_keeps_drawings(tmp_path: object) -> None:
    page = render("base", title="<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert str(drawing("<svg></svg>")) == "<svg></svg>"


def test_page_refers_to_nothing_outside() -> None:
    page = render("base", title="report")
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert "http" not in page.replace("http://www.w3.org", "")
