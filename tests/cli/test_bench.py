from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from tests.cli.conftest import RunCli
from tests.small_models import SMALL, small_model


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    folder = tmp_path / "suite"
    folder.mkdir()
    for name, gates in {"pair_cx": [("cx", (0, 1), ())], "three_cx": [("cx", (0, 2), ())]}.items():
        size = 2 if name.startswith("pair") else 3
        np.save(folder / f"{name}.npy", Circuit.from_gates(size, gates).unitary())
    return folder


def test_bench_writes_and_prints_the_same_report(run_cli: RunCli, suite: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    options = ("--peers", "none", "--proposers", "analytic", "--qubits", 2, "--family", "pair")
    done = run_cli("bench", suite, *options, "--json", "-o", output)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads(output.read_text())
    assert [target["name"] for target in told["targets"]] == ["pair_cx"]
    assert told["targets"][0]["outcomes"]["circuitdiff"]["two_qubit_count"] == 1


def test_bench_prints_a_table(run_cli: RunCli, suite: Path) -> None:
    done = run_cli("bench", suite, "--peers", "qiskit", "--proposers", "analytic")
    assert done.returncode == 0, done.stderr
    assert b"circuitdiff" in done.stdout
    assert b">qiskit" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nowhere",),
        ("smoke", "--peers", "tket"),
        ("smoke", "--limit", "0"),
        ("smoke", "--family", "nobody"),
        ("ablation:x",),
        ("papers", "--only", "nothing"),
        ("papers", "--targets", "0"),
        ("papers", "--only", "qft4", "--model", "nowhere"),
        ("smoke", "--only", "qft4"),
    ],
)
def test_bench_refuses_what_it_cannot_run(run_cli: RunCli, arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run_cli("bench", *arguments, "-o", tmp_path / "report.json")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: ") or b"Error: " in done.stderr
    assert not (tmp_path / "report.json").exists()


def test_bench_papers_prints_one_object_with_a_key_a_row(run_cli: RunCli) -> None:
    done = run_cli("bench", "papers", "--only", "stream_3q", "--targets", 1, "--seed", 3, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told) == ["stream_3q"]
    assert told["stream_3q"]["value"] > 0
    assert told["stream_3q"]["seed"] == 3


@pytest.mark.slow
def test_ablation_runs_as_a_suite(run_cli: RunCli, tmp_path: Path) -> None:
    small_model(replace(SMALL, max_gates=10)).save_pretrained(tmp_path / "model")
    done = run_cli("bench", "ablation", "--model", tmp_path / "model", "--limit", 1, "--json", timeout=600)
    assert done.returncode == 0, done.stderr
    assert {row["length"] for row in json.loads(done.stdout)["structures"]} == {3, 4, 5, 6, 7}
