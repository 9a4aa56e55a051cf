"""What the documentation shows can be run: Python as it stands, and commands as the command line reads them."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.gates import GATES
from circuitdiff.cli.main import cli
from circuitdiff.generation.samplers import SAMPLERS
from circuitdiff.interop.formats import FORMATS
from circuitdiff.spec.cost import COSTS
from circuitdiff.spec.target import TARGET_KINDS
from circuitdiff.synthesis.stages import STAGES
from circuitdiff.synthesis.stages.stage import HOMES

ROOT = Path(__file__).parents[2]
TABLES = (GATES, PRESETS, COSTS, TARGET_KINDS, SAMPLERS, STAGES, FORMATS)
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OPTIONAL = ("bqskit", "pytket", "pennylane")

pytestmark = pytest.mark.filterwarnings("default")


def blocks(page: Path, language: str) -> list[str]:
    return [code for name, code in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


def commands() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for block in blocks(page, "console"):
            lines = re.sub(r"\\\n\s*", " ", block).splitlines()
            yield from ((page, line[2:]) for line in lines if line.startswith("$ circuitdiff "))


@contextmanager
def tables_kept() -> Iterator[None]:
    for module in HOMES.values():  # what is registered late is none of a guide's own
        import_module(module)
    before = {id(table): set(table) for table in TABLES}
    try:
        yield
    finally:
        for table in TABLES:
            for name in set(table) - before[id(table)]:
                table.unregister(name)


@pytest.mark.parametrize("page", [page for page in GUIDES if blocks(page, "python")], ids=lambda page: page.stem)
def test_guide_runs_as_it_stands(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "\n".join(blocks(page, "python"))
    missing = [
        name for name in OPTIONAL if re.search(rf"^(import|from) {name}", code, re.MULTILINE) if not find_spec(name)
    ]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT / "plugins")])
    with tables_kept():
        exec(compile(code, str(page), "exec"), {"__name__": "guide"})


@pytest.mark.parametrize(("page", "line"), list(commands()), ids=lambda value: value if isinstance(value, str) else "")
def test_command_is_one_that_the_command_line_takes(page: Path, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    words = words[: next((i for i, word in enumerate(words) if word in ("|", ">")), len(words))]
    command: click.Command = cli
    context = click.Context(cli, info_name="circuitdiff")
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, f"{page}: there is no command {words[0]}"
        command, words = found, words[1:]
    if not {"--help", "-h"} & set(words):
        command.make_context(line, words)
