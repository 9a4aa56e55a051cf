"""Several processes that train together, started by torchrun on the CPU."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from circuitdiff.errors import InputError
from circuitdiff.training import PRESETS, train
from circuitdiff.training.distributed import Processes
from circuitdiff.training.metrics import METRICS_FILE
from circuitdiff.training.state import STATE_FILE

ROOT = Path(__file__).parents[2]


def start(folder: Path, *arguments: str, processes: int = 2, preset: str = "gates-tiny") -> subprocess.Popen[str]:
    """Start a run that writes metrics at every step."""
    torchrun = ("torch.distributed.run", "--standalone", f"--nproc_per_node={processes}", "-m", "circuitdiff")
    settings = ("--set", "precision=fp32", "--set", "log_every=1", "--set", "warmup_steps=2", "--json")
    return subprocess.Popen(
        [sys.executable, "-m", *torchrun, "train", "--preset", preset, "--out", str(folder), *settings, *arguments],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def records(folder: Path) -> list[dict[str, float]]:
    """Return the metrics of a run."""
    return [json.loads(line) for line in (folder / METRICS_FILE).read_text().splitlines()]


@pytest.mark.parametrize("preset", [pytest.param("tiny", marks=pytest.mark.slow), "gates-tiny"])
def test_two_processes_take_the_steps_of_one_with_two_shards(tmp_path: Path, preset: str) -> None:
    run = start(tmp_path / "two", "--steps", "4", preset=preset)
    out, errors = run.communicate(timeout=240)
    assert run.returncode == 0, errors
    report = json.loads(out)  # of one process alone
    assert (report["step"], report["circuits"]) == (4, 4 * 2 * 16)
    config = replace(PRESETS[preset], shards=2, steps=4, precision="fp32", log_every=1, warmup_steps=2)
    train(config, tmp_path / "one")
    one, two = (records(tmp_path / name) for name in ("one", "two"))
    assert [record["step"] for record in two] == [1, 2, 3, 4, 4]
    for ours, theirs in zip(one, two, strict=True):
        for name in ours.keys() - {"seconds", "circuits_per_second"}:
            assert theirs[name] == pytest.approx(ours[name], rel=1e-3), name
    ours, theirs = (load_file(tmp_path / name / STATE_FILE) for name in ("one", "two"))
    for name, value in ours.items():
        torch.testing.assert_close(theirs[name], value, atol=2e-4, rtol=2e-3, msg=name)
    assert not list((tmp_path / "two").rglob(".*.part"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="workers are found by /proc")
def test_a_killed_run_of_two_processes_goes_on_from_its_last_save(tmp_path: Path) -> None:
    every_step = ("--set", "save_every=0.000001", "--steps", "40")
    run = start(tmp_path, *every_step)
    deadline = time.monotonic() + 240
    while not (tmp_path / STATE_FILE).exists() or len(records(tmp_path)) < 3:
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    workers = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    for pid in (run.pid, *map(int, workers)):  # workers are in groups of their own
        os.kill(pid, signal.SIGKILL)
    run.communicate()
    before = records(tmp_path)[-1]["step"]
    run = start(tmp_path, *every_step, "--resume")
    out, errors = run.communicate(timeout=240)
    assert run.returncode == 0, errors
    steps = [record["step"] for record in records(tmp_path)]
    assert steps == [*range(1, 41), 40]
    assert before < 40
    assert json.loads(out)["step"] == 40


@pytest.mark.slow
def test_time_is_up_for_all_processes_at_once(tmp_path: Path) -> None:
    run = start(tmp_path, "--minutes", "0.01")
    out, errors = run.communicate(timeout=240)
    assert run.returncode == 0, errors
    assert json.loads(out)["seconds"] >= 0.6


def test_shards_that_processes_cannot_share_are_refused() -> None:
    with pytest.raises(InputError, match="2 processes cannot share 3 shards"):
        Processes(0, 2).shards(3)


def test_one_shard_more_is_one_gradient_more_in_the_mean(tmp_path: Path) -> None:
    config = replace(PRESETS["gates-tiny"], steps=1, precision="fp32", shards=3)
    assert train(config, tmp_path).circuits == 3 * config.batch_size
