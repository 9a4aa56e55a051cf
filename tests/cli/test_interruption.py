"""Ctrl-C, and an output that takes nothing more."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.transpiler import PassManager

import circuitdiff
from circuitdiff import Circuit, graceful_interruption
from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.unitaries import named
from circuitdiff.interop import from_qasm
from circuitdiff_qiskit import CircuitDiffResynthesis
from tests.cli.conftest import environment


def interrupted(target: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Compile in a process that has time left, and press Ctrl-C once it has told of a circuit, or after 15 s."""
    settings = ("--effort", "max", "--cache", "none", "--timeout", "300", *options)
    command = [sys.executable, "-m", "circuitdiff", "compile", str(target), *settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    if "--progress" in options:
        assert process.stderr is not None
        assert b"best so far" in process.stderr.readline()
    else:
        time.sleep(15)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


@pytest.mark.parametrize("kind", ["matrix", pytest.param("circuit", marks=pytest.mark.slow)])
def test_interrupted_compilation_writes_the_best_so_far(tmp_path: Path, kind: str) -> None:
    if kind == "matrix":
        target, unitary = tmp_path / "t.npy", named("haar:5?seed=1")
        np.save(target, unitary)
    else:
        rng = np.random.default_rng(0)
        gates = [("cx", tuple(map(int, rng.permutation(6)[:2])), ()) for _ in range(400)]
        given = Circuit.from_gates(
            6, [g for gate in gates for g in (gate, ("u", gate[1][:1], tuple(rng.normal(size=3))))]
        )
        target, unitary = tmp_path / "t.qasm", given.unitary()
        target.write_text(given.to_qasm())
    done = interrupted(target, "--json", *(["--progress"] if kind == "matrix" else []))
    assert done.returncode == 130, done.stderr
    assert b"interrupted; this is the best so far" in done.stderr
    assert infidelity(unitary, from_qasm(json.loads(done.stdout)["qasm"]).unitary()) < 1e-8


def test_one_interruption_ends_work_and_the_next_is_as_always() -> None:
    with graceful_interruption() as interruption:
        os.kill(os.getpid(), signal.SIGINT)
        assert interruption.happened
        found = circuitdiff.resynthesize(Circuit.from_gates(2, [("cx", (0, 1), ())] * 3), cache=None)
        assert found.circuit.two_qubit_count == 3
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert circuitdiff.resynthesize(Circuit.from_gates(2, [("cx", (0, 1), ())] * 3)).circuit.two_qubit_count == 1


@pytest.mark.parametrize("choice", ["return", "raise"])
def test_the_qiskit_pass_does_as_asked(choice: str, caplog: pytest.LogCaptureFixture) -> None:
    rng = np.random.default_rng(0)
    circuit = QuantumCircuit(6)
    for _ in range(150):
        a, b = map(int, rng.permutation(6)[:2])
        circuit.cx(a, b)
        circuit.rz(float(rng.normal()), b)
        circuit.sx(b)
    timer = threading.Timer(4, os.kill, (os.getpid(), signal.SIGINT))
    manager = PassManager([CircuitDiffResynthesis(effort="max", cache=None, timeout=300, on_interrupt=choice)])
    timer.start()
    try:
        with caplog.at_level(logging.WARNING):
            if choice == "raise":
                with pytest.raises(KeyboardInterrupt):
                    manager.run(circuit)
            else:
                assert manager.run(circuit).count_ops()["cx"] <= 150
                assert "best so far" in caplog.text
    finally:
        timer.cancel()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_output_without_space_is_said_in_one_line(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.eye(2))
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "circuitdiff", "compile", str(tmp_path / "t.npy"), "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.returncode == 1
    assert done.stderr == b"error: cannot write: No space left on device\n"
