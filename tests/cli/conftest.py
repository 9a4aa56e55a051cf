from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

RunCli = Callable[..., subprocess.CompletedProcess[bytes]]


def environment() -> dict[str, str]:
    """Return what a process needs that runs this checkout from any folder, on one thread."""
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1"}


@pytest.fixture
def run_cli(tmp_path: Path) -> RunCli:
    """Run the command line in a process of its own, in an empty folder."""

    def run(*arguments: object, stdin: bytes = b"", timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "circuitdiff", *map(str, arguments)]
        return subprocess.run(
            command, input=stdin, capture_output=True, timeout=timeout, cwd=tmp_path, env=environment(), check=False
        )

    return run


def cpu_seconds(run: Callable[[], object]) -> float:
    """Return the processor time of the processes that a call starts and awaits: wall time on a machine at rest."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    run()
    return spent() - before
