from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from circuitdiff import Circuit
from circuitdiff.cli.main import cli


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


@pytest.mark.parametrize("option", ["--samples=3", "--prompt=words", "--proposers=template"])
def test_options_of_whole_targets_are_refused(wide: Path, option: str) -> None:
    result = CliRunner().invoke(cli, ["compile", str(wide), option])
    assert "block by block" in str(result.exception) + result.output


def test_partition_size_needs_a_circuit(tmp_path: Path) -> None:
    path = tmp_path / "matrix.npy"
    np.save(path, np.eye(8))
    result = CliRunner().invoke(cli, ["compile", str(path), "--partition-size", "3"])
    assert "applies to circuits" in str(result.exception) + result.output
