"""The mine command: what it prints and writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.cli.mine import command
from circuitdiff.datasets.build import build_random


def test_mine_prints_and_writes_what_it_promises(tmp_path: Path) -> None:
    build_random(tmp_path, num_qubits=2, max_gates=8, count=200, gate_set="h,cx,rz,swap")
    page, rules = tmp_path / "out.html", tmp_path / "rules.json"
    arguments = [tmp_path, "--sample", 100, "--report", page, "-o", rules, "--json"]
    done = CliRunner().invoke(command, list(map(str, arguments)), catch_exceptions=False, standalone_mode=False)
    facts = json.loads(done.stdout)
    assert facts["pareto"] == []
    assert all({"gates", "count", "qasm"} <= gadget.keys() for gadget in facts["gadgets"])
    assert all({"lhs", "rhs", "saves", "max_infidelity"} <= rule.keys() for rule in facts["rules"])
    assert Circuit.from_qasm(facts["gadgets"][0]["qasm"]).num_gates == len(facts["gadgets"][0]["gates"])
    assert json.loads(rules.read_text())["rules"] == facts["rules"]
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert set(re.findall(r'(?:src|href)="([^"]*)"', text)) <= {"data:,"}
