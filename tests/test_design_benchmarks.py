"""The scripts behind the pages of docs/: they run from nothing, and go on where they stopped."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize(
    ("experiment", "rows"), [("depth", 6), ("families", 27), ("couplings", 7), ("ranks", 9), ("registers", 2)]
)
def test_generalisation_has_a_row_for_all_that_it_names(experiment: str, rows: int, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    told = run(
        "generalisation.py", "--only", experiment, "--targets", "1", "--steps", "2",
        "--out", str(tmp_path / "runs"), "-o", str(report),
    )  # fmt: skip
    found = json.loads(report.read_text())[experiment]["rows"]
    assert len(found) == rows == told.count("\n| ") - 2
    assert not any(row.get("broken") for row in found)


def test_structured_targets_are_judged_by_what_was_found_in_time_and_not_run_again(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    arguments = ("structured_targets.py", "--effort", "fast", "--out", str(out), "pauli:XXYZ", "heisenberg_exact:4")
    first = run(*arguments)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 6
    assert all(row["found"][0][2] == "analytic" for row in rows)
    assert "| pauli | 1 |" in first
    assert "| all | 1 |" in first  # nobody has said how many CX the other takes
    assert run(*arguments) == first
    assert len(out.read_text().splitlines()) == 6
