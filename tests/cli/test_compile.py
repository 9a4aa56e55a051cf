from __future__ import annotations

import io
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import circuitdiff.synthesis
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.unitaries import named
from circuitdiff.circuits.unitary_io import reverse_qubits
from circuitdiff.cli.main import main
from circuitdiff.errors import InputError, MissingExtraError, NoCircuitError
from circuitdiff.synthesis import CompileResult
from tests.cli.conftest import RunCli, cpu_seconds, environment

CONTRACT = {
    "infidelity",
    "two_qubit_count",
    "num_gates",
    "t_count",
    "t_depth",
    "depth",
    "num_qubits",
    "source",
    "kind",
    "output_permutation",
    "history",
    "seconds",
    "gate_set",
    "coupling",
    "tol_met",
    "candidates",
    "qasm",
    "seed",
    "model",
}


def save(path: Path, spec: str) -> np.ndarray:
    unitary = named(spec)
    np.save(path, unitary)
    return unitary


def npy(matrix: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, matrix)
    return buffer.getvalue()


def from_qasm(text: str) -> Circuit:
    from circuitdiff import interop

    return interop.from_qasm(text)


def test_compile_prints_one_json_object_to_the_contract(run_cli: RunCli, tmp_path: Path) -> None:
    unitary = save(tmp_path / "t.npy", "haar:2?seed=3")
    done = run_cli("compile", "t.npy", "--json", "--seed", 5)
    assert (done.returncode, done.stderr) == (0, b"")
    result = json.loads(done.stdout)
    assert result.keys() == CONTRACT
    circuit = from_qasm(result["qasm"])
    assert infidelity(unitary, circuit.unitary()) < 1e-9
    assert (circuit.two_qubit_count, circuit.num_qubits) == (result["two_qubit_count"], 2)
    assert (result["gate_set"], result["coupling"], result["seed"]) == ("u,cx", "all", 5)
    assert result["tol_met"] is True
    for report in result["candidates"].values():
        assert report.keys() == {"tried", "solved", "best_two_qubit_count"}


def test_compile_of_two_cold_qubits_takes_under_two_seconds(run_cli: RunCli, tmp_path: Path) -> None:
    save(tmp_path / "t.npy", "haar:2?seed=3")

    assert min(cpu_seconds(lambda: run_cli("compile", "t.npy", "--json")) for _ in range(2)) < 2


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("c.qasm", ()),
        ("c.qasm", ("--format", "qasm2")),
        ("c.qpy", ()),
        ("c.json", ()),
        ("c.any", ("--format", "cirq")),
    ],
)
def test_compile_writes_files_that_compile_reads(
    run_cli: RunCli, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    unitary = save(tmp_path / "t.npy", "haar:2?seed=4")
    written = run_cli("compile", "t.npy", "-o", name, *options)
    assert written.returncode == 0
    assert b"two-qubit gates" in written.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "t.npy"])
    again = run_cli("compile", "-", "--json", stdin=(tmp_path / name).read_bytes())
    assert again.returncode == 0, again.stderr
    assert infidelity(unitary, from_qasm(json.loads(again.stdout)["qasm"]).unitary()) < 1e-9


def test_compile_writes_the_json_object_when_asked_for_json(run_cli: RunCli, tmp_path: Path) -> None:
    save(tmp_path / "t.npy", "haar:2?seed=4")
    assert run_cli("compile", "t.npy", "-o", "result.out", "--format", "json", "--quiet").stdout == b""
    assert json.loads((tmp_path / "result.out").read_bytes()).keys() == CONTRACT


def test_compile_shows_a_drawing_and_its_figures(run_cli: RunCli, tmp_path: Path) -> None:
    save(tmp_path / "t.npy", "haar:2?seed=4")
    shown = run_cli("compile", "t.npy").stdout.decode()
    assert shown.startswith("q0: ─")
    assert "3 two-qubit gates" in shown
    assert run_cli("compile", "t.npy", "--quiet").stdout.decode() == shown[: shown.index("\n3 two-qubit") + 1]
    assert run_cli("compile", "t.npy", "--format", "qasm3").stdout.startswith(b"OPENQASM 3")


@pytest.mark.parametrize("kind", ["npy", "npz", "qasm"])
def test_compile_reads_stdin(run_cli: RunCli, kind: str) -> None:
    unitary = named("haar:2?seed=6")
    if kind == "qasm":
        circuit = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ()), ("rz", (1,), (0.3,))])
        unitary, data = circuit.unitary(), run_to_qasm(circuit)
    elif kind == "npz":
        buffer = io.BytesIO()
        np.savez(buffer, unitary=unitary)
        data = buffer.getvalue()
    else:
        data = npy(unitary)
    done = run_cli("compile", "-", "--json", stdin=data)
    assert done.returncode == 0, done.stderr
    assert infidelity(unitary, from_qasm(json.loads(done.stdout)["qasm"]).unitary()) < 1e-9


def run_to_qasm(circuit: Circuit) -> bytes:
    from circuitdiff import interop

    return interop.to_qasm(circuit, version=3).encode()


def test_compile_takes_matrices_in_the_bit_order_of_cirq(run_cli: RunCli) -> None:
    unitary = named("haar:2?seed=8")
    done = run_cli("compile", "-", "--json", "--endian", "big", stdin=npy(reverse_qubits(unitary)))
    assert infidelity(unitary, from_qasm(json.loads(done.stdout)["qasm"]).unitary()) < 1e-9


def test_compile_of_two_qubits_imports_no_torch(tmp_path: Path) -> None:
    save(tmp_path / "t.npy", "haar:2?seed=3")
    code = (
        "import sys\n"
        "from circuitdiff.cli.main import main\n"
        "try:\n    main(['compile', 't.npy', '--json'])\n"
        "finally:\n    assert not {'torch', 'transformers', 'cirq'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), check=True, capture_output=True)


def test_compile_gives_the_same_circuit_for_the_same_seed(run_cli: RunCli, tmp_path: Path) -> None:
    save(tmp_path / "t.npy", "tfim:3")
    first, second = (json.loads(run_cli("compile", "t.npy", "--json", "--seed", 1).stdout) for _ in range(2))
    for found in (first, second):
        times = [0.0, *(step.pop("seconds") for step in found["history"]), found.pop("seconds")]
        assert times == sorted(times)
    assert first == second


@pytest.mark.slow
def test_compile_keeps_to_the_time_allowed(run_cli: RunCli, tmp_path: Path) -> None:
    unitary = save(tmp_path / "t.npy", "haar:5?seed=1")
    done: list[subprocess.CompletedProcess[bytes]] = []

    def spent(timeout: float) -> float:
        options = ("--effort", "max", "--timeout", timeout, "--json")
        return cpu_seconds(lambda: done.append(run_cli("compile", "t.npy", *options)))

    spent(20)  # numerical kernels are compiled once a machine, and none of them in part
    short = min(spent(1) for _ in range(2))  # start-up differs from machine to machine
    assert spent(8) - short < 10
    assert done[-1].returncode == 0, done[-1].stderr
    assert infidelity(unitary, from_qasm(json.loads(done[-1].stdout)["qasm"]).unitary()) < 1e-9


def run_with(monkeypatch: pytest.MonkeyPatch, outcome: CompileResult | Exception, *arguments: str) -> int | str | None:
    """Run the command line in this process, the compiler replaced by a given outcome; return the exit code."""

    def stand_in(*_: object, **__: object) -> CompileResult:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    import_module("circuitdiff.resynthesis")  # or it would bind the stand-in when it is first imported
    monkeypatch.setattr(circuitdiff.synthesis, "compile", stand_in)
    with pytest.raises(SystemExit) as stopped:
        main(["compile", *arguments])
    return stopped.value.code


@pytest.fixture
def target(tmp_path: Path) -> str:
    save(tmp_path / "t.npy", "toffoli")
    return str(tmp_path / "t.npy")


def test_compile_exits_with_three_and_writes_when_the_tolerance_is_not_met(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    circuit = Circuit.from_gates(3, [("ccx", (0, 1, 2), ())])
    result = CompileResult(circuit, 2e-7, "analytic", 0.1, "u,cx", "all", False, {}, 0, None)
    path = tmp_path / "circuit.qasm"
    assert run_with(monkeypatch, result, target, "-o", str(path)) == 3
    assert "ccx" in path.read_text()
    assert capsys.readouterr().err == "warning: tolerance not met: infidelity 2.0e-07 > 1e-10\n"


def test_a_tolerance_that_was_missed_for_lack_of_time_says_so(
    target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    circuit = Circuit.from_gates(3, [("ccx", (0, 1, 2), ())])
    result = CompileResult(circuit, 2e-3, "analytic", 0.1, "clifford+t", "all", False, {}, 0, None)
    assert run_with(monkeypatch, result, target, "--tol", "1e-4", "--timeout", "1e-6") == 3
    said = "warning: tolerance not met: infidelity 2.0e-03 > 1e-04, the time allowed ran out\n"
    assert capsys.readouterr().err == said


def test_compile_exits_with_four_when_there_is_no_circuit_in_time(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "circuit.qasm"
    assert run_with(monkeypatch, NoCircuitError("out of time"), target, "-o", str(path)) == 4
    assert not path.exists()
    assert capsys.readouterr().err == "error: out of time\n"


@pytest.mark.parametrize("error", [InputError("bad\nnews"), MissingExtraError("install circuitdiff[peers]")])
def test_errors_are_one_line(
    error: Exception, target: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with(monkeypatch, error, target) == (2 if isinstance(error, InputError) else 1)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"error: {' '.join(str(error).split())}\n"


def test_the_command_line_compiles_arrays_and_sparse_states(run_cli: RunCli, tmp_path: Path) -> None:
    np.save(tmp_path / "iso.npy", np.array([[1, 0], [0, 1], [0, 1j], [1, 0]]) / np.sqrt(2))
    (tmp_path / "ghz.json").write_text('{"000": 0.6, "111": [0, 0.8]}')
    for name, kind, most in (("iso.npy", "isometry", 2), ("ghz.json", "state", 2)):
        done = run_cli("compile", tmp_path / name, "--json", "--quiet")
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert (result["kind"], result["tol_met"]) == (kind, True)
        assert result["two_qubit_count"] <= most


def test_report_is_a_page_and_a_folder_has_none(run_cli: RunCli, tmp_path: Path) -> None:
    run_cli("target", "qft:2", "-o", "qft.npy")
    done = run_cli("compile", "qft.npy", "--report", "page.html", "--quiet")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "qft.npy" in page
    (tmp_path / "folder").mkdir()
    refused = run_cli("compile", "folder", "--report", "other.html", "-o", "out")
    assert (refused.returncode, (tmp_path / "other.html").exists()) == (2, False)
