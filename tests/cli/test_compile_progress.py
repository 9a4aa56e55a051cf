"""What people see of a compilation under way."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.cli.progress import CompileLine, compile_progress
from circuitdiff.synthesis.problem import Improvement
from tests.cli.conftest import RunCli


def test_the_line_says_the_stage_the_best_so_far_and_the_time_left() -> None:
    line = CompileLine(60.0)
    assert line.text() == "compiling, 0 s, 60 s left"
    line.note(Improvement(0.1, "template", 14, Circuit(3, ())))
    line.emit(logging.LogRecord("circuitdiff", logging.INFO, "", 0, "block %d of %d", (2, 5), None))
    assert line.text() == "compiling, 0 s, 60 s left; best so far 14 two-qubit gates, from template; block 2 of 5"


def test_nothing_is_shown_where_nobody_looks() -> None:
    with compile_progress(None) as note:
        assert note is None


def test_improvements_are_told_where_they_are_asked_for(run_cli: RunCli, tmp_path: Path) -> None:
    np.save(tmp_path / "swap.npy", np.eye(4)[[0, 2, 1, 3]])
    silent = run_cli("compile", "swap.npy")
    told = run_cli("compile", "swap.npy", "--progress")
    assert silent.stderr == b""
    assert b"best so far 3 two-qubit gates, from analytic" in told.stderr
