"""Mined rules shorten a public circuit that Qiskit has optimised, one of them unknown to its templates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qiskit import transpile
from qiskit.circuit.library import templates
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import TemplateOptimization

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.datasets.build import build_random
from circuitdiff.mining.mine import mine_dataset
from circuitdiff.mining.rewrite import apply_rules

CIRCUIT = Path(__file__).parents[2] / "benchmarks" / "circuits" / "hhl_8.qasm"
KNOWN = ("template_nct", "clifford")
"""What the templates of Qiskit that are about these gates begin with."""


@pytest.mark.slow
def test_mined_rules_shorten_what_qiskit_has_optimised(tmp_path: Path) -> None:
    build_random(tmp_path, num_qubits=3, max_gates=12, count=5000, gate_set="rz,sx,x,cx")
    rules = mine_dataset(tmp_path, sample=2000).rules
    given = Circuit.from_qasm(CIRCUIT.read_text()).to_qiskit()
    optimised = transpile(given, basis_gates=["rz", "sx", "x", "cx"], optimization_level=3, seed_transpiler=0)
    circuit = Circuit.from_qiskit(optimised)
    shorter, applied = apply_rules(circuit, rules)
    assert shorter.num_gates < circuit.num_gates
    assert shorter.two_qubit_count <= circuit.two_qubit_count
    assert infidelity(circuit.unitary(), shorter.unitary()) < 1e-9
    rule = next(rule for rule in applied if rule.lhs.text() == "x 0; rz(a) 0; x 0")
    assert rule.rhs.text() == "rz(-a) 0"
    names = [name for name in dir(templates) if name.startswith(KNOWN) and callable(getattr(templates, name))]
    library = [getattr(templates, name)() for name in names]
    assert len(library) > 50
    left = rule.lhs.circuit((0.813,)).to_qiskit()
    assert PassManager([TemplateOptimization(library)]).run(left).size() == 3
    assert np.isclose(rule.max_infidelity, 0.0)
