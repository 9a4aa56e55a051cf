"""The scripts behind the page on the design: they run from nothing, and go on where they stopped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"

pytestmark = pytest.mark.slow


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, str(FOLDER / script), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("design_training.py", "--steps", "2", "matrix"),
        ("design_training.py", "--steps", "2", "no gauge"),
        ("design_sizes.py", "--steps", "2,1"),
    ],
)
def test_trainings_end_in_a_table_and_are_not_repeated(arguments: tuple[str, ...], tmp_path: Path) -> None:
    arguments = (*arguments, "--targets", "1", "--out", str(tmp_path))
    first = run(*arguments)
    assert first.count("\n| ") > 1
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    assert before
    assert run(*arguments) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")} == before


def test_every_condition_and_every_setting_gets_its_row() -> None:
    assert run("design_conditions.py", "--targets", "1").count("\n| ") > 20
    assert run("design_sampling.py", "--targets", "1", "ranks").count("\n| ") > 10
