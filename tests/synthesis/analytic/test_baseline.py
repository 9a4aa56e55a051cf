from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.coupling import Coupling, from_pairs, parse_coupling
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.synthesis.analytic.baseline import baseline_circuit
from circuitdiff.synthesis.analytic.pair_blocks import resynthesise_pairs
from circuitdiff.synthesis.analytic.qiskit_synthesis import automorphisms, routing_swaps
from circuitdiff.synthesis.analytic.unitary import analytic_circuit

CONTINUOUS = [name for name in PRESETS if not parse_gate_set(name).is_discrete]
TARGETS = ("haar:1", "haar:2", "haar:3", "qft:3", "fredkin", "ghz:3", "w:3", "tfim:3")


def level_3(unitary: np.ndarray, coupling: Coupling | None) -> int:
    """CX count of Qiskit's transpiler for a circuit of nothing but the unitary."""
    circuit = QuantumCircuit(unitary.shape[0].bit_length() - 1)
    circuit.unitary(unitary, circuit.qubits)
    both = [[*p] for a, b in coupling.pairs for p in ((a, b), (b, a))] if coupling else None
    options = {"basis_gates": ["u", "cx"], "optimization_level": 3, "seed_transpiler": 0}
    return int(transpile(circuit, coupling_map=both, **options).count_ops().get("cx", 0))


@pytest.mark.parametrize("gate_set", CONTINUOUS)
@pytest.mark.parametrize("coupling", ["all", "line"])
@pytest.mark.parametrize("name", TARGETS)
def test_circuits_are_exact_and_fit_the_device(gate_set: str, coupling: str, name: str) -> None:
    unitary, gates = named(name), parse_gate_set(gate_set)
    allowed = parse_coupling(coupling, unitary.shape[0].bit_length() - 1)
    circuit = baseline_circuit(unitary, gates, allowed)
    assert circuit.gate_names <= set(gates.gates)
    assert allowed.allows(circuit.pairs)
    assert infidelity(unitary, circuit.unitary()) < 1e-12


@pytest.mark.parametrize("name", [*TARGETS[1:], "qft:4", "adder:4", "haar:4", "toffoli"])
def test_floor_has_no_more_entanglers_than_qiskit(name: str) -> None:
    unitary = named(name)
    allowed = parse_coupling("all", unitary.shape[0].bit_length() - 1)
    circuit = analytic_circuit(unitary, parse_gate_set("u,cx"), allowed)
    assert circuit.two_qubit_count <= level_3(unitary, None)


@pytest.mark.parametrize(
    ("name", "coupling", "count"),
    [("ghz:5", "line", 4), ("tfim:5", "line", 8), ("toffoli", "line", 8), ("bv:4", "all", 2)],
)
def test_special_unitaries_are_recognised(name: str, coupling: str, count: int) -> None:
    unitary = named(name)
    allowed = parse_coupling(coupling, unitary.shape[0].bit_length() - 1)
    assert analytic_circuit(unitary, parse_gate_set("u,cx"), allowed).two_qubit_count == count


def test_routing_puts_every_qubit_back_on_odd_maps() -> None:
    star = from_pairs([(2, 0), (2, 1), (2, 3)], 4, "star")
    unitary = named("haar:4?seed=2")
    circuit = analytic_circuit(unitary, parse_gate_set("u,cz"), star)
    assert star.allows(circuit.pairs)
    assert infidelity(unitary, circuit.unitary()) < 1e-12


def test_symmetries_and_swaps_of_a_line() -> None:
    line = parse_coupling("line", 3)
    assert automorphisms(line) == ((0, 1, 2), (2, 1, 0))
    assert len(automorphisms(parse_coupling("all", 4))) == 24
    swaps = routing_swaps((2, 1, 0), line)
    assert len(swaps) == 3
    places = [0, 1, 2]
    for a, b in swaps:
        places = [b if p == a else a if p == b else p for p in places]
    assert places == [2, 1, 0]


def test_blocks_on_pairs_are_merged() -> None:
    gates = parse_gate_set("u,cx")
    circuit = analytic_circuit(named("qft:2"), gates, parse_coupling("all", 2))
    doubled = type(circuit)(3, circuit.permuted((0, 2), 3).operations * 2)
    merged = resynthesise_pairs(doubled, gates)
    assert merged.two_qubit_count <= 3
    assert infidelity(doubled.unitary(), merged.unitary()) < 1e-12


@pytest.mark.parametrize(
    ("name", "gate_set", "count"), [("toffoli", "genqc-continuous", 1), ("fredkin", "u,cx,cswap", 1)]
)
def test_native_gates_on_three_qubits_are_used(name: str, gate_set: str, count: int) -> None:
    circuit = baseline_circuit(named(name), parse_gate_set(gate_set), parse_coupling("all", 3))
    assert circuit.two_qubit_count == count
