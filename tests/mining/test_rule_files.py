"""Files of rules: read back, refused where wrong, and of use in Qiskit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import EquivalenceLibrary
from qiskit.circuit.library import RZZGate
from qiskit.quantum_info import Operator
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import TemplateOptimization

from circuitdiff.errors import InputError
from circuitdiff.interop.qiskit_rules import add_equivalence, to_template
from circuitdiff.mining.patterns import Angle, Pattern, Step
from circuitdiff.mining.rule_files import read_rules, rules_text
from circuitdiff.mining.rules import Rule
from circuitdiff_qiskit import CircuitDiffRewriting

A = Angle(1.0, 0.0, 0)
LADDER = (Step("cx", (0, 1), ()), Step("rz", (1,), (A,)), Step("cx", (0, 1), ()))
ISING = Rule(Pattern(2, LADDER), Pattern(2, (Step("rzz", (0, 1), (A,)),)), 3, 0.0)
CONJUGATED = Rule(
    Pattern(3, (Step("cx", (0, 1), ()), Step("cx", (1, 2), ()), Step("cx", (0, 1), ()))),
    Pattern(3, (Step("cx", (0, 2), ()), Step("cx", (1, 2), ()))),
    1,
    0.0,
)


def symbolic(pattern: Pattern) -> list[Any]:
    return [(s.name, s.qubits, [(a.a, a.b, a.steps * np.pi / 16) for a in s.angles]) for s in pattern.steps]


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(rules_text([ISING, CONJUGATED]))
    return path


def test_rules_are_read_back(rules_file: Path) -> None:
    assert [(rule.lhs, rule.rhs) for rule in read_rules(rules_file)] == [
        (rule.lhs, rule.rhs) for rule in (ISING, CONJUGATED)
    ]


def other_gate(rule: dict[str, Any]) -> None:
    rule["rhs_gates"][0][0] = "rxx"


def unknown_gate(rule: dict[str, Any]) -> None:
    rule["rhs_gates"][0][0] = "no"


def far_qubit(rule: dict[str, Any]) -> None:
    rule["lhs_gates"][0][1] = [0, 9]


def huge_register(rule: dict[str, Any]) -> None:
    rule["num_qubits"] = 40


def no_gain(rule: dict[str, Any]) -> None:
    rule["rhs_gates"] = rule["lhs_gates"]


def no_number(rule: dict[str, Any]) -> None:
    rule["lhs_gates"][1][2] = [["x", 0, 0]]


@pytest.mark.parametrize("harm", [other_gate, unknown_gate, far_qubit, huge_register, no_gain, no_number])
def test_wrong_rules_are_refused(rules_file: Path, harm: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(rules_file.read_text())
    harm(content["rules"][0])
    rules_file.write_text(json.dumps(content))
    with pytest.raises(InputError):
        read_rules(rules_file)


def test_the_pass_rewrites_and_keeps_the_unitary(rules_file: Path) -> None:
    circuit = QuantumCircuit(4)
    circuit.h(0)
    circuit.cx(2, 1)
    circuit.rz(0.3, 1)
    circuit.cx(2, 1)
    circuit.cx(3, 0)
    circuit.cx(0, 1)
    circuit.cx(3, 0)
    rewritten = PassManager([CircuitDiffRewriting(str(rules_file))]).run(circuit)
    assert rewritten.count_ops() == {"h": 1, "rzz": 1, "cx": 2}
    assert np.allclose(Operator(rewritten).data, Operator(circuit).data)


def test_the_pass_leaves_measurements_alone(rules_file: Path) -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.cx(0, 1)
    circuit.measure(0, 0)
    assert PassManager([CircuitDiffRewriting(str(rules_file))]).run(circuit) == circuit


def test_templates_shorten_circuits_in_qiskit() -> None:
    template = to_template(3, symbolic(CONJUGATED.lhs), symbolic(CONJUGATED.rhs))
    assert np.allclose(Operator(template).data, np.eye(8))
    circuit = QuantumCircuit(3)
    circuit.cx(0, 1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    shorter = PassManager([TemplateOptimization([template])]).run(circuit)
    assert shorter.count_ops()["cx"] == 2
    assert np.allclose(Operator(shorter).data, Operator(circuit).data)


def test_equivalences_have_the_right_phase() -> None:
    library = EquivalenceLibrary()
    add_equivalence(library, 2, symbolic(ISING.rhs)[0], symbolic(ISING.lhs))
    (entry,) = library.get_entry(RZZGate(0.4))
    assert np.allclose(Operator(entry).data, Operator(RZZGate(0.4)).data)
