"""The commands about the machine and about training: info, doctor, train."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import circuitdiff
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.cli.doctor import CHECKS, examine
from circuitdiff.cli.info import dependencies
from circuitdiff.models.bundled import bundled_checkpoints
from circuitdiff.synthesis import PROPOSERS
from tests.cli.conftest import RunCli, cpu_seconds


def test_info_lists_what_is_there(run_cli: RunCli) -> None:
    result = json.loads(run_cli("info", "--json").stdout)
    assert result["version"] == circuitdiff.__version__
    assert result["gate_sets"].keys() == PRESETS.keys()
    assert result["proposers"] == list(PROPOSERS)
    assert result["checkpoints"].keys() == bundled_checkpoints().keys()
    shown = run_cli("info").stdout.decode()
    for name in (*PRESETS, *PROPOSERS, *bundled_checkpoints()):
        assert name in shown


def test_info_names_the_dependencies_of_the_distribution() -> None:
    assert {"numpy", "torch", "qiskit", "cirq-core", "qiskit-qasm3-import"} <= set(dependencies())
    assert not {"bqskit", "pytest"} & set(dependencies())


def test_doctor_finds_this_machine_healthy(run_cli: RunCli) -> None:
    done = run_cli("doctor", "--json")
    report = json.loads(done.stdout)
    assert [check for check in report["checks"] if not check["ok"]] == []
    assert (done.returncode, report["ok"]) == (0, True)
    assert [check["name"] for check in report["checks"]] == list(CHECKS)


def test_doctor_reports_what_fails() -> None:
    def broken() -> str:
        raise ImportError("no module\nnamed flux")

    finding = examine("flux", broken)
    assert (finding.ok, finding.detail) == (False, "ImportError: no module named flux")


@pytest.mark.slow
def test_train_stops_resumes_and_leaves_a_checkpoint(run_cli: RunCli, tmp_path: Path) -> None:
    options = ("train", "--preset", "tiny", "--out", "run", "--json")
    first = json.loads(run_cli(*options, "--steps", 4).stdout)
    assert first["step"] == 4
    refused = run_cli(*options, "--steps", 6)
    assert refused.returncode == 2
    assert b"--resume" in refused.stderr
    assert json.loads(run_cli(*options, "--steps", 6, "--resume").stdout)["step"] == 6
    circuit = run_cli("target", "toffoli", "-o", "t.npy")
    assert circuit.returncode == 0
    done = json.loads(run_cli("compile", "t.npy", "--model", "run/checkpoint", "--effort", "fast", "--json").stdout)
    assert done["model"] == "checkpoint"


def test_train_dry_run_shows_the_configuration_and_writes_nothing(run_cli: RunCli, tmp_path: Path) -> None:
    done = run_cli("train", "--preset", "tiny", "--dry-run", "--set", "model.width=16", "--seed", 3, "--json")
    config = json.loads(done.stdout)["config"]
    assert (config["model"]["width"], config["seed"]) == (16, 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_doctor_compiles_all_kernels_of_a_compilation_ahead(
    run_cli: RunCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels = tmp_path / "kernels"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(kernels))
    assert run_cli("doctor").returncode == 0
    compiled = sorted(kernels.rglob("*.nbc"))
    assert compiled
    for target in ("haar:3?seed=1", "haar:4?seed=1"):
        run_cli("target", target, "-o", "t.npy")
        assert run_cli("compile", "t.npy", "--effort", "fast", "--timeout", 20).returncode == 0
    assert sorted(kernels.rglob("*.nbc")) == compiled


@pytest.mark.slow
def test_first_compilation_on_a_fresh_machine_takes_seconds(
    run_cli: RunCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))
    run_cli("target", "haar:3?seed=1", "-o", "t.npy")
    assert cpu_seconds(lambda: run_cli("compile", "t.npy", "--quiet")) < 16  # 7 on a machine at rest
