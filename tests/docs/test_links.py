"""Links between files of the repository lead somewhere; Sphinx checks those within the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("", "docs", "datasets", "benchmarks", "checkpoints")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def pages() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (ROOT / folder).rglob("*.md") if folder else ROOT.glob("*.md")


@pytest.mark.parametrize(
    "page", [page for page in pages() if "_build" not in page.parts], ids=lambda page: str(page.relative_to(ROOT))
)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        place = link.partition("#")[0]
        if place and not re.match(r"[a-z]+:", place):
            found = page.parent / place
            assert found.exists() or found.with_suffix(".md").exists(), f"{page.name}: {link}"
