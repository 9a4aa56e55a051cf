"""The benchmark of whole circuits, as its command runs it, and a check of equivalence by somebody else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from circuitdiff import Circuit, resynthesize

EQUIVALENT = ("equivalent", "equivalent_up_to_global_phase", "probably_equivalent")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run_benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / "whole_circuits.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("device", ["all", pytest.param("heavy-hex-ecr", marks=pytest.mark.slow)])
def test_benchmark_reports_what_it_checked(device: str) -> None:
    done = run_benchmark("wstate_12", "--coupling", device, "--timeout", "5")
    assert done.returncode == 0, done.stderr
    name, place, before, after, *_ = done.stdout.splitlines()[1].split()
    assert (name, place) == ("wstate_12", device)
    assert 0 < int(after) <= int(before)


PROGRAM = """OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[2];
ccx q[0],q[1],q[2];
cx q[2],q[3];
ccx q[0],q[1],q[2];
measure q[3] -> c[0];
reset q[3];
if (c==1) cx q[0],q[3];
ccx q[1],q[3],q[2];
cx q[0],q[1];
"""


@pytest.mark.parametrize("device", ["all", "line", pytest.param("heavy-hex-cz", marks=pytest.mark.slow)])
def test_benchmark_rewrites_what_measures_resets_and_decides_on_its_way(device: str, tmp_path: Path) -> None:
    (tmp_path / "program.qasm").write_text(PROGRAM)
    done = run_benchmark(str(tmp_path / "program.qasm"), "--coupling", device, "--free", "--timeout", "3")
    assert done.returncode == 0, done.stderr
    name, place, before, after, _, _, missed = done.stdout.splitlines()[1].split()
    assert (name, place) == ("program", device)
    assert 0 < int(after) < int(before)
    assert (missed == "-") == (device == "heavy-hex-cz")


def test_suite_goes_on_where_it_stopped_and_draws_what_is_left(tmp_path: Path) -> None:
    circuit = Circuit.from_gates(
        3, [("cx", (0, 1), ()), ("rz", (1,), (0.3,)), ("cx", (0, 1), ()), ("cx", (1, 2), ())] * 2
    )
    (tmp_path / "small.qasm").write_text(circuit.to_qasm(version=2))
    rows, plot = tmp_path / "rows.jsonl", tmp_path / "left.svg"
    command = [
        sys.executable,
        str(BENCHMARKS / "circuit_suite.py"),
        str(tmp_path),
        "--workers",
        "1",
        "--peers",
        "qiskit",
    ]
    for limits in ("0.2", "0.2,0.4"):
        subprocess.run([*command, "--seconds", limits, "-o", str(rows), "--plot", str(plot)], check=True, timeout=300)
    found = [json.loads(line) for line in rows.read_text().splitlines()]
    assert [row["limit"] for row in found] == [0.2, 0.4]
    assert all(max(row["after"], row["qiskit"]) <= row["before"] for row in found)
    assert plot.read_text().startswith("<svg")


@pytest.mark.parametrize("device", ["moon", pytest.param("fake:moon", marks=pytest.mark.slow)])
def test_benchmark_refuses_a_device_that_it_does_not_know(device: str) -> None:
    done = run_benchmark("wstate_12", "--coupling", device)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["vbe_ripple_carry_adder_10", pytest.param("qaoa_12", marks=pytest.mark.slow)])
def test_decision_diagrams_find_wide_circuits_equivalent(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mqt.qcec")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from circuit_peers import qcec_verdict

    circuit = Circuit.from_qasm((BENCHMARKS / "circuits" / f"{name}.qasm").read_text())
    result = resynthesize(circuit, effort="fast", cache=None).circuit
    broken = Circuit(result.num_qubits, (*result.operations, *Circuit.from_gates(1, [("h", (0,), ())]).operations))
    assert result.two_qubit_count < circuit.two_qubit_count
    assert qcec_verdict(circuit, result) in EQUIVALENT
    assert qcec_verdict(circuit, broken) == "not_equivalent"
