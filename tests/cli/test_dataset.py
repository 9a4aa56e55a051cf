"""The dataset command: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from circuitdiff.cli.dataset import command
from circuitdiff.errors import InputError


def run(*arguments: object) -> dict[str, object]:
    done = CliRunner().invoke(command, [*map(str, arguments), "--json"], catch_exceptions=False, standalone_mode=False)
    return dict(json.loads(done.stdout))


def test_build_info_and_verify_print_what_they_promise(tmp_path: Path) -> None:
    built = run("build", "random", "--qubits", 2, "--max-gates", 6, "--count", 50, "--seed", 1, "-o", tmp_path)
    assert {"circuits", "distinct", "seconds", "circuits_per_second", "path"} <= built.keys()
    assert built["circuits"] == 50
    checked = run("verify", tmp_path)
    assert checked["circuits"] == 50
    assert checked["failed"] == 0
    assert run("info", tmp_path)["kind"] == "random"


def test_query_prints_rows(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    run("build", "random", "--qubits", 2, "--count", 20, "-o", tmp_path)
    assert run("query", "SELECT count(*) AS n FROM circuits", tmp_path) == {"columns": ["n"], "rows": [[20]]}


@pytest.mark.parametrize("part", ["2/2", "x/2", "1", "-1/2"])
def test_parts_are_numbers_below_their_number(tmp_path: Path, part: str) -> None:
    done = CliRunner().invoke(command, ["build", "random", "--count", "5", "-o", str(tmp_path), "--shard", part])
    assert done.exit_code == 2


def test_a_folder_without_a_dataset_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no dataset"):
        run("verify", tmp_path)
