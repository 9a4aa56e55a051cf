from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from qiskit import qpy
from qiskit.quantum_info import Operator

from circuitdiff import Circuit
from circuitdiff.cli.main import cli
from circuitdiff.resynthesis.relabelling import restored


@pytest.fixture
def wide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file with two Toffolis on six qubits that share all but their target."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "wide.qasm"
    toffolis = [("ccx", (0, 1, 2), ()), ("ccx", (0, 2, 1), ()), ("cx", (4, 5), ())]
    path.write_text(Circuit.from_gates(6, toffolis).to_qasm())
    return path


def test_wide_circuit_is_rewritten_and_reported(wide: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.qasm"
    result = CliRunner().invoke(cli, ["compile", str(wide), "--effort", "fast", "-o", str(output)])
    assert result.exit_code == 0, result.output
    assert "before    after" in result.output
    given, found = (Circuit.from_qasm(path.read_text()) for path in (wide, output))
    assert abs(np.vdot(given.unitary(), found.unitary())) / 64 == pytest.approx(1.0, abs=1e-9)
    assert found.two_qubit_count < 13


def test_json_has_both_circuits_figures(wide: Path) -> None:
    result = CliRunner().invoke(cli, ["compile", str(wide), "--effort", "fast", "--json", "--cache", "none"])
    figures = json.loads(result.output)
    assert figures["two_qubit_count"] < figures["before"]["two_qubit_count"] == 13
    assert figures["infidelity"] < 1e-9
    assert figures["tol_met"]


@pytest.mark.parametrize("option", ["--samples=3", "--prompt=words"])
def test_options_of_whole_targets_are_refused(wide: Path, option: str) -> None:
    result = CliRunner().invoke(cli, ["compile", str(wide), option])
    assert "block by block" in str(result.exception) + result.output


def test_partition_size_needs_a_circuit(tmp_path: Path) -> None:
    path = tmp_path / "matrix.npy"
    np.save(path, np.eye(8))
    result = CliRunner().invoke(cli, ["compile", str(path), "--partition-size", "3"])
    assert "applies to circuits" in str(result.exception) + result.output


def test_free_order_is_told_in_json_openqasm_and_layout(tmp_path: Path) -> None:
    path, qpy_path = tmp_path / "swaps.qasm", tmp_path / "out.qpy"
    gates = [("h", (0,), ()), ("swap", (0, 5), ()), ("cx", (5, 1), ()), ("cx", (1, 5), ())]
    given = Circuit.from_gates(6, gates)
    path.write_text(given.to_qasm())
    common = ["compile", str(path), "--effort", "fast", "--cache", "none"]
    figures = json.loads(CliRunner().invoke(cli, [*common, "--json"]).output)
    found, order = Circuit.from_qasm(figures["qasm"]), figures["output_permutation"]
    assert found.two_qubit_count == 1
    assert f'"output_permutation": {order}' in figures["qasm"]
    assert abs(np.vdot(restored(found, order).unitary(), given.unitary())) / 64 == pytest.approx(1.0)
    assert CliRunner().invoke(cli, [*common, "-o", str(qpy_path)]).exit_code == 0
    with qpy_path.open("rb") as file:
        (written,) = qpy.load(file)
    assert Operator.from_circuit(written).equiv(Operator(given.to_qiskit()))
    kept = json.loads(CliRunner().invoke(cli, [*common, "--json", "--keep-order"]).output)
    assert kept["output_permutation"] is None
    assert abs(np.vdot(Circuit.from_qasm(kept["qasm"]).unitary(), given.unitary())) / 64 == pytest.approx(1.0)
