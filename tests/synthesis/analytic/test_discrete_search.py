from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff import compile
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import all_to_all, parse_coupling
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.circuits import held_out_circuits, is_connected
from circuitdiff.synthesis.analytic import discrete_levels
from circuitdiff.synthesis.analytic.discrete_levels import placed_gates
from circuitdiff.synthesis.analytic.discrete_search import closest_circuit, discrete_circuit, short_circuit
from circuitdiff.synthesis.analytic.reachability import check_reachable
from circuitdiff.synthesis.models import Models

NEVER = math.inf
DISCRETE = [name for name in PRESETS if parse_gate_set(name).is_discrete]


def drawn(gate_set: str, num_qubits: int, length: int, seed: int) -> Circuit:
    rng = np.random.default_rng(seed)
    gates = []
    for name in rng.choice(
        [g for g in parse_gate_set(gate_set).gates if GATES[g].num_qubits <= num_qubits], size=length
    ):
        qubits = rng.permutation(num_qubits)[: GATES[name].num_qubits]
        gates.append((str(name), qubits, rng.uniform(-3, 3, GATES[name].num_params)))
    return Circuit.from_gates(num_qubits, gates)


@pytest.mark.parametrize("gate_set", [*DISCRETE, "h,s,cx"])
@settings(max_examples=10, deadline=None)
@given(num_qubits=st.integers(1, 3), length=st.integers(0, 8), seed=st.integers(0, 2**32 - 1))
def test_search_finds_what_exists_in_no_more_gates(gate_set: str, num_qubits: int, length: int, seed: int) -> None:
    circuit = drawn(gate_set, num_qubits, length, seed)
    unitary = np.exp(0.4j) * circuit.unitary()
    found = discrete_circuit(unitary, parse_gate_set(gate_set), all_to_all(num_qubits), 12, NEVER)
    assert found is not None
    assert found.num_gates <= length
    assert found.gate_names <= set(parse_gate_set(gate_set).gates)
    np.testing.assert_allclose(found.unitary(), unitary, atol=1e-9)


def test_search_respects_the_coupling_map() -> None:
    line = parse_coupling("line", 3)
    unitary = Circuit.from_gates(3, [("cx", (0, 2), ())]).unitary()
    found = discrete_circuit(unitary, parse_gate_set("genqc-discrete"), line, 8, NEVER)
    assert found is not None
    assert line.allows(found.pairs)
    assert found.num_gates == 3  # a cx between two swaps


def test_of_shortest_circuits_the_one_with_fewer_entanglers_is_kept() -> None:
    unitary = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (1, 0), ()), ("h", (0,), ())]).unitary()
    found = discrete_circuit(unitary, parse_gate_set("h,cx"), all_to_all(2), 5, NEVER)
    assert found is not None
    assert (found.num_gates, found.two_qubit_count) == (3, 1)


@settings(max_examples=25, deadline=None)
@given(length=st.integers(0, 6), seed=st.integers(0, 2**32 - 1))
def test_what_is_looked_up_is_as_short_as_what_is_searched_for(length: int, seed: int) -> None:
    gate_set, coupling = parse_gate_set("genqc-discrete"), parse_coupling("line", 3)
    circuit = Circuit.from_gates(3, [])
    while circuit.num_gates < length:
        more = drawn("genqc-discrete", 3, 1, seed := seed + 1)
        if coupling.allows(more.pairs):
            circuit = Circuit(3, circuit.operations + more.operations)
    unitary = np.exp(0.4j) * circuit.unitary()
    searched = discrete_circuit(unitary, gate_set, coupling, 12, NEVER)
    found = short_circuit(unitary, gate_set, coupling)
    assert searched is not None
    assert found is not None
    assert (found.num_gates, found.two_qubit_count) == (searched.num_gates, searched.two_qubit_count)
    assert np.allclose(found.unitary(), unitary)
    assert coupling.allows(found.pairs)


def test_what_takes_many_gates_is_not_looked_up() -> None:
    layout = Layout(4, PRESETS["genqc-discrete"], 16)
    longest = max(held_out_circuits(layout, 60, 3, is_connected), key=lambda circuit: circuit.num_gates)
    assert short_circuit(longest.unitary(), parse_gate_set("genqc-discrete"), all_to_all(4)) is None


def test_search_ends_at_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    gate_set, target = parse_gate_set("clifford+t"), named("haar:2")
    assert discrete_circuit(target, gate_set, all_to_all(2), 4, NEVER) is None
    assert discrete_circuit(target, gate_set, all_to_all(2), 40, -math.inf) is None
    assert short_circuit(target, gate_set, all_to_all(2), -math.inf) is None
    monkeypatch.setattr(discrete_levels, "MAX_CANDIDATES", 1000)
    assert discrete_circuit(target, gate_set, all_to_all(2), 40, NEVER) is None
    nearest = closest_circuit(target, gate_set, all_to_all(2))
    assert nearest.gate_names <= set(gate_set.gates)


def test_placements_are_distinct_operations() -> None:
    gates = placed_gates(parse_gate_set("genqc-discrete"), all_to_all(3))
    assert len(gates.operations) == 21  # three each of h, z, x, ccx and swap, six of cx
    assert len(placed_gates(parse_gate_set("genqc-discrete"), parse_coupling("line", 3)).operations) == 15


@pytest.mark.parametrize("gate_set", [*PRESETS, "x,cx", "rz,cz", "h,s,cx", "ry,cx", "rx,cx", "u,swap", "t,cx"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_a_set_makes_is_never_refused(gate_set: str, seed: int) -> None:
    check_reachable(drawn(gate_set, 3, 15, seed).unitary(), parse_gate_set(gate_set), all_to_all(3))


@pytest.mark.parametrize(
    ("gate_set", "target", "reason"),
    [
        ("u", "qft:2", "entangles qubits 0, 1"),
        ("u,swap", "qft:2", "entangles qubits 0, 1"),
        ("x,cx", "qft:2", "only permute"),
        ("rz,cz", "qft:2", "are diagonal"),
        ("rz,x,cx", "qft:2", "basis states to basis states"),
        ("rx,cx", "qft:2", r"\|\+>"),
        ("h,s,cx", "toffoli", "are Cliffords"),
        ("genqc-discrete", "haar:3", r"sqrt\(2\)"),
        ("ry,cx", "qft:2", "are real"),
    ],
)
def test_what_a_set_can_never_make_is_refused_with_the_reason(gate_set: str, target: str, reason: str) -> None:
    unitary = named(target)
    with pytest.raises(InputError, match=reason):
        check_reachable(unitary, parse_gate_set(gate_set), all_to_all(unitary.shape[0].bit_length() - 1))


def test_a_permutation_of_qubits_needs_no_entangler() -> None:
    unitary = Circuit.from_gates(
        3, [("swap", (0, 2), ()), ("u", (1,), (0.1, 0.2, 0.3)), ("swap", (0, 1), ())]
    ).unitary()
    check_reachable(unitary, parse_gate_set("u,swap"), all_to_all(3))
    assert infidelity(unitary, np.eye(8)) > 0.1


@pytest.mark.parametrize("num_qubits", [4, 5])
def test_what_neither_end_reaches_is_found_by_the_model(num_qubits: int) -> None:
    gates = parse_gate_set("genqc-discrete")
    circuits = held_out_circuits(Layout(num_qubits, gates.gates, 16), 40, 5, is_connected)
    device = all_to_all(num_qubits)
    beyond = (c.unitary() for c in circuits if discrete_circuit(c.unitary(), gates, device, 12, NEVER) is None)
    targets = list(islice(beyond, 3))
    found = [compile(target, gate_set="genqc-discrete", effort="fast") for target in targets]
    solved = [result for result in found if result.tol_met]
    assert solved
    for result in solved:
        assert result.source == "diffusion"
        assert result.candidates["diffusion"].solved >= 1
        assert result.candidates["analytic"].solved == 0
    assert not compile(targets[0], gate_set="genqc-discrete", proposers=["analytic", "search"]).tol_met


def test_a_model_that_does_not_take_the_target_is_refused_or_passed_over() -> None:
    gates = parse_gate_set("genqc-discrete")
    with pytest.raises(InputError, match=r"takes 3 qubits and gates .* asked for are 4"):
        Models("circuitdiff-gates-3q").gate_model(4, gates)
    with pytest.raises(InputError, match="a model of gate sequences is needed"):
        Models("circuitdiff-3q-small").gate_model(3, gates)
    assert Models().gate_model(3, parse_gate_set("h,t,cx")) is None
    found = Models().gate_model(4, gates)
    assert found is not None
    assert found.num_qubits == 5
