"""Killed workers, full disks and targets out of reach: an error or a gap, and nothing finished is lost."""

from __future__ import annotations

import json
import multiprocessing
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from circuitdiff.cli.dataset import command
from circuitdiff.datasets import build
from circuitdiff.datasets.build import Job, WorkersDiedError, build_random
from circuitdiff.datasets.build_solutions import build_solutions
from circuitdiff.datasets.shards import shards_of
from circuitdiff.datasets.verify import verify_dataset

WANTED = {"num_qubits": 2, "max_gates": 6, "count": 12 * 4096, "seed": 4, "gate_set": "h,cx"}


def kill_a_worker(folder: Path, shards: int) -> None:
    """Kill one worker as soon as so many shards are there."""
    while not (children := multiprocessing.active_children()) or len(list(folder.glob("data/*.parquet"))) < shards:
        time.sleep(0.02)
    children[0].kill()


@pytest.mark.slow
def test_a_killed_worker_costs_nothing_that_was_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SHARD_ROWS", 4096)
    threading.Thread(target=kill_a_worker, args=(tmp_path / "killed", 1), daemon=True).start()
    report = build_random(tmp_path / "killed", job=Job(workers=2), **WANTED)  # type: ignore[arg-type]
    assert report.circuits == WANTED["count"]
    build_random(tmp_path / "alone", **WANTED)  # type: ignore[arg-type]
    killed, alone = ([path.read_bytes() for path in shards_of(tmp_path / name)] for name in ("killed", "alone"))
    assert killed == alone


def test_workers_that_die_too_often_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SHARD_ROWS", 4096)
    monkeypatch.setattr(build, "RESTARTS", 0)
    threading.Thread(target=kill_a_worker, args=(tmp_path, 0), daemon=True).start()
    with pytest.raises(WorkersDiedError, match="goes on from there"):
        build_random(tmp_path, job=Job(workers=2), **WANTED)  # type: ignore[arg-type]


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path: Path) -> None:
    arguments = ["dataset", "build", "random", "--qubits", "3", "--gate-set", "h,cx,rz", "-o", str(tmp_path), "--count"]
    assert CliRunner().invoke(command, [*arguments[1:], "100"]).exit_code == 0
    before = [path.read_bytes() for path in shards_of(tmp_path)]
    program = [sys.executable, "-m", "circuitdiff", *arguments, "20000"]
    done = subprocess.run(program, preexec_fn=small_files, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.read_bytes() for path in tmp_path.joinpath("data").iterdir()] == before
    assert verify_dataset(tmp_path).failed == 0


def test_a_target_without_time_is_a_gap_and_code_3(tmp_path: Path) -> None:
    build_solutions(tmp_path, targets=["ghz:3", "cnx:3"], count=1)
    arguments = ["build", "solutions", "--target", "ghz:3", "--target", "cnx:3", "--count", "100000"]
    options = ["--timeout", "0.000001", "-o", str(tmp_path), "--json"]
    done = CliRunner().invoke(command, [*arguments, *options], standalone_mode=False)
    assert done.return_value == 3
    facts = json.loads(done.stdout)
    assert facts["missing"].keys() == {"ghz:3 (u,cx; all)", "cnx:3 (u,cx; all)"}
    assert facts["circuits"] >= 2
    assert verify_dataset(tmp_path).failed == 0
