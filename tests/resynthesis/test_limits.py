"""Where no time limit is given, doors for whole circuits set one in proportion."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from click.testing import CliRunner
from qiskit import QuantumCircuit, transpile

from circuitdiff import Circuit
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.cli.main import cli
from circuitdiff.resynthesis import limits
from circuitdiff.synthesis.analytic import unitary
from circuitdiff.synthesis.analytic.unitary import analytic_circuit
from circuitdiff_qiskit import stage_options

BASIS = {"basis_gates": ["u", "cx"], "optimization_method": "circuitdiff", "optimization_level": 1}


@pytest.fixture
def _no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BASE_SECONDS", dict.fromkeys(limits.BASE_SECONDS, 0.0))
    monkeypatch.setattr(limits, "SECONDS_PER_GATE", dict.fromkeys(limits.SECONDS_PER_GATE, 1e-3))


def toffolis() -> QuantumCircuit:
    circuit = QuantumCircuit(6)
    circuit.ccx(0, 1, 2)
    circuit.ccx(0, 2, 1)
    return circuit


def test_default_timeout_grows_with_the_circuit_and_the_effort() -> None:
    seconds = [
        [limits.default_timeout(gates, effort) for gates in (0, 100, 1000)] for effort in ("fast", "default", "max")
    ]
    assert all(list(row) == sorted(row) for row in [*seconds, *zip(*seconds, strict=True)])
    assert seconds[1][2] - seconds[1][0] == pytest.approx(10 * (seconds[1][1] - seconds[1][0]))
    assert all(limits.default_timeout(10**9, effort) == most for effort, most in limits.MOST_SECONDS.items())


@pytest.mark.usefixtures("_no_time")
def test_stage_ends_at_its_default_and_says_how_to_go_on(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "circuitdiff_qiskit"), stage_options(cache=None):
        transpile(toffolis(), **BASIS)
    assert "timeout= raises it" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING, "circuitdiff_qiskit"), stage_options(timeout=0.5, cache=None):
        transpile(toffolis(), **BASIS)
    assert not caplog.text


@pytest.mark.usefixtures("_no_time")
def test_command_line_ends_at_its_default_and_none_is_no_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "wide.qasm"
    path.write_text(Circuit.from_qiskit(toffolis()).to_qasm())
    options = ["compile", str(path), "--effort", "fast", "--cache", "none"]
    assert CliRunner().invoke(cli, options).exit_code == 0
    assert "--timeout raises it" in caplog.text
    caplog.clear()
    assert CliRunner().invoke(cli, [*options, "--timeout", "none"]).exit_code == 0
    assert not caplog.text
    assert CliRunner().invoke(cli, [*options, "--timeout", "soon"]).exit_code == 2


def test_equal_wide_gates_are_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of Toffolis are translated before the clock is looked at."""
    made = []

    def counted(*args: object, **kwargs: object) -> Circuit:
        made.append(args)
        return analytic_circuit(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(unitary, "analytic_circuit", counted)
    gates = parse_gate_set("rz,sx,x,ecr")
    circuit = Circuit.from_gates(9, [("ccx", (i % 7, i % 7 + 1, i % 7 + 2), ()) for i in range(40)])
    apart = unitary.without_wide_gates(circuit, gates)
    assert len(made) <= 1
    one = unitary.without_wide_gates(Circuit.from_gates(3, [("ccx", (0, 1, 2), ())]), gates)
    assert apart.num_gates == 40 * one.num_gates
