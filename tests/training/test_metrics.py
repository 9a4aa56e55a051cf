"""The metrics of a run, also of one that was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from circuitdiff.training.metrics import METRICS_FILE, TENSORBOARD_FOLDER, MetricsLog

ROOT = Path(__file__).parents[2]


def test_records_are_json_lines(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path / "run", 0)
    log.write(1, 0.25, {"structure": 1 / 3})
    log.write(2, 0.5, {"structure": 0.25})
    lines = (tmp_path / "run" / METRICS_FILE).read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"step": 1, "seconds": 0.2, "structure": 0.33333},
        {"step": 2, "seconds": 0.5, "structure": 0.25},
    ]


def test_what_a_killed_run_wrote_after_its_last_save_is_dropped(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path, 0)
    for step in range(1, 6):
        log.write(step, 0.1 * step, {"structure": 1.0})
    with (tmp_path / METRICS_FILE).open("a") as file:
        file.write('{"step": 6, "seco')  # killed while writing
    log = MetricsLog(tmp_path, 3)
    log.write(4, 0.4, {"structure": 0.5})
    records = [json.loads(line) for line in (tmp_path / METRICS_FILE).read_text().splitlines()]
    assert [record["step"] for record in records] == [1, 2, 3, 4]
    assert records[-1]["structure"] == 0.5
    assert [path.name for path in tmp_path.iterdir()] == [METRICS_FILE]


def test_without_tensorboard_the_command_names_the_extra_and_writes_nothing(tmp_path: Path) -> None:
    program = "import sys; sys.modules['tensorboard'] = None; from circuitdiff.cli.main import main; main()"
    arguments = ("train", "--preset", "gates-tiny", "--steps", "2", "--out", str(tmp_path / "run"), "--tensorboard")
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "error: TensorBoard is not installed: pip install 'circuitdiff[tensorboard]'"
    assert not (tmp_path / "run").exists()


def test_tensorboard_reads_the_same_metrics(tmp_path: Path) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    log = MetricsLog(tmp_path, 0, tensorboard=True)
    for step in (1, 2, 3):
        log.write(step, 0.1, {"structure": 1 / step})
    read = events.EventAccumulator(str(tmp_path / TENSORBOARD_FOLDER)).Reload()
    found = [(event.step, event.value) for event in read.Scalars("structure")]
    assert found == [(1, 1.0), (2, 0.5), (3, pytest.approx(1 / 3))]
