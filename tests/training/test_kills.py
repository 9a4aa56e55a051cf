"""Runs that are killed: nothing half-written is taken for whole, and at most the steps since the last save are lost."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors import safe_open

from circuitdiff.errors import InputError
from circuitdiff.models.bundled import read_card
from circuitdiff.models.checkpoint import WEIGHTS_FILE, load_checkpoint, resolve_checkpoint
from circuitdiff.training import PRESETS, train
from circuitdiff.training.metrics import METRICS_FILE
from circuitdiff.training.state import STATE_FILE

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
SHORT = replace(PRESETS["gates-tiny"], steps=4, log_every=1, precision="fp32", warmup_steps=2)


class Killed(BaseException):
    """Stands for a signal that no code handles."""


@pytest.mark.parametrize("fatal", range(6))
def test_a_run_killed_while_it_writes_goes_on_from_its_last_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    # A save replaces three files: the state, the weights and their configuration. The run dies before one of them.
    replaced = 0
    really = os.replace

    def dying(source: Path, target: Path) -> None:
        nonlocal replaced
        if replaced == fatal:
            raise Killed
        replaced += 1
        really(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", dying)
        with pytest.raises(Killed):
            train(replace(SHORT, save_every=1e-9), tmp_path)
    saved = (fatal + 2) // 3  # each step saves; the state comes first
    state = tmp_path / STATE_FILE
    assert state.exists() == (saved > 0)
    if saved:
        with safe_open(str(state), framework="pt") as file:
            assert json.loads(file.metadata()["progress"])["step"] == saved
    if fatal >= 3:
        load_checkpoint(resolve_checkpoint(tmp_path / "checkpoint"))
    else:
        with pytest.raises(InputError, match="no checkpoint"):
            resolve_checkpoint(tmp_path / "checkpoint")
    assert train(SHORT, tmp_path).step == 4
    records = [json.loads(line) for line in (tmp_path / METRICS_FILE).read_text().splitlines()]
    assert [record["step"] for record in records] == [1, 2, 3, 4, 4]
    load_checkpoint(tmp_path / "checkpoint")
    assert not list(tmp_path.rglob(".*.part"))


def test_a_card_does_not_outlive_the_weights_it_describes(tmp_path: Path) -> None:
    train(SHORT, tmp_path)
    checkpoint = tmp_path / "checkpoint"
    first = read_card(checkpoint)

    def stop(share: float, metrics: dict[str, float]) -> None:
        if len(list(checkpoint.iterdir())) == 2:  # weights and configuration of a save
            raise Killed

    with pytest.raises(Killed):
        train(replace(SHORT, steps=9, save_every=1e-9), tmp_path, on_progress=stop)
    train(replace(SHORT, steps=9), tmp_path)
    last = read_card(checkpoint)
    assert (first["steps"], last["steps"]) == (4, 9)
    assert last["sha256"] == hashlib.sha256((checkpoint / WEIGHTS_FILE).read_bytes()).hexdigest() != first["sha256"]


def command(folder: Path, *arguments: str) -> list[str]:
    """Return a run of 60 steps that saves after each."""
    settings = ("--preset", "gates-tiny", "--set", "log_every=1", "--set", "save_every=0.000001", "--steps", "60")
    return [sys.executable, "-m", "circuitdiff", "train", *settings, "--out", str(folder), *arguments]


@pytest.mark.slow
def test_a_run_killed_by_signals_at_any_moment_comes_to_its_end(tmp_path: Path) -> None:
    state = tmp_path / STATE_FILE
    for wait in (0.0, 0.03, 0.11):
        arguments = ("--resume",) if state.exists() else ()
        before = state.stat().st_mtime_ns if state.exists() else 0
        run = subprocess.Popen(command(tmp_path, *arguments), env=ENVIRONMENT, stdout=subprocess.PIPE)
        deadline = time.monotonic() + 240
        while not state.exists() or state.stat().st_mtime_ns == before:
            assert run.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(wait)
        run.kill()
        run.communicate()
    done = subprocess.run(command(tmp_path, "--resume", "--json"), env=ENVIRONMENT, capture_output=True, check=True)
    assert json.loads(done.stdout)["step"] == 60
    records = [json.loads(line) for line in (tmp_path / METRICS_FILE).read_text().splitlines()]
    assert [record["step"] for record in records] == [*range(1, 61), 60]


def test_a_terminal_shows_a_bar_and_a_pipe_nothing(tmp_path: Path) -> None:
    arguments = ("train", "--preset", "gates-tiny", "--steps", "3", "--set", "log_every=1")
    ours, theirs = pty.openpty()
    shown = b""
    with subprocess.Popen(
        [sys.executable, "-m", "circuitdiff", *arguments, "--out", str(tmp_path / "shown")],
        env=ENVIRONMENT | {"TERM": "xterm", "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as run:
        os.close(theirs)
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            shown += part
        assert run.stdout is not None
        assert b"held-out losses" in run.stdout.read()
    os.close(ours)
    assert run.returncode == 0
    assert b"training gates-tiny" in shown
    assert b"100%" in shown
    assert b"structure" in shown
    piped = subprocess.run(
        [sys.executable, "-m", "circuitdiff", *arguments, "--out", str(tmp_path / "piped")],
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    assert piped.stderr == b""
