from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import circuitdiff
from circuitdiff.cli.main import COMMANDS
from tests.cli.conftest import RunCli, cpu_seconds


def test_help_lists_every_command(run_cli: RunCli) -> None:
    shown = run_cli("--help")
    assert shown.returncode == 0
    listed = [line.split()[0] for line in shown.stdout.decode().split("Commands:")[1].splitlines() if line.strip()]
    assert listed == list(COMMANDS)


def test_help_starts_quickly(run_cli: RunCli) -> None:
    assert min(cpu_seconds(lambda: run_cli("--help")) for _ in range(3)) < 0.3


@pytest.mark.parametrize("command", [(), *[(name,) for name in COMMANDS if name != "train"]])
def test_help_loads_no_heavy_library(command: tuple[str, ...]) -> None:
    code = (
        "import sys\n"
        "from circuitdiff.cli.main import main\n"
        "try:\n    main([*sys.argv[1:], '--help'])\n"
        "finally:\n    print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, check=True)
    assert not {"torch", "numpy", "qiskit", "cirq", "numba", "rich", "transformers"} & set(done.stderr.decode().split())


def test_train_help_lists_what_set_takes(run_cli: RunCli) -> None:
    shown = run_cli("train", "--help")
    assert shown.returncode == 0
    assert {"learning_rate", "model.width", "model.unitary_as"} <= set(shown.stdout.decode().split())


def test_version_is_that_of_the_package(run_cli: RunCli) -> None:
    assert run_cli("--version").stdout.decode() == f"circuitdiff {circuitdiff.__version__}\n"


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("compile",), ("compile", "x.npy", "--nonsense"), ("compile", "x.npy", "--seed", "-1")]
)
def test_usage_errors_are_one_line_and_exit_code_two(run_cli: RunCli, arguments: tuple[str, ...]) -> None:
    refused = run_cli(*arguments)
    assert refused.returncode == 2
    assert refused.stdout == b""
    assert refused.stderr.startswith(b"error: ")
    assert refused.stderr.count(b"\n") == 1


def test_no_command_shows_the_help_and_is_a_usage_error(run_cli: RunCli) -> None:
    refused = run_cli()
    assert refused.returncode == 2
    assert b"Commands:" in refused.stderr


def test_errors_survive_a_terminal_without_unicode(tmp_path: Path) -> None:
    import numpy as np

    np.save(tmp_path / "off.npy", np.eye(2) * 1.1)
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "circuitdiff", "compile", str(tmp_path / "off.npy")]
    refused = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert refused.returncode == 2
    assert b"target is not unitary: max|U?U ? I| = 2.1e-01 > 1e-08" in refused.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes")
def test_a_reader_that_leaves_causes_no_traceback() -> None:
    command = f"{sys.executable} -m circuitdiff target --list | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.stderr == b""
