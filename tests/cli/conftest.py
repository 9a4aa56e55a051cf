from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RunCli = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run_cli(tmp_path: Path) -> RunCli:
    """Run the command line in a process of its own, in an empty folder."""

    def run(*arguments: object, stdin: bytes = b"", timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "circuitdiff", *map(str, arguments)]
        root = str(Path(__file__).parents[2])
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": root, "PYTHONUTF8": "1"}
        return subprocess.run(
            command, input=stdin, capture_output=True, timeout=timeout, cwd=tmp_path, env=environment, check=False
        )

    return run
