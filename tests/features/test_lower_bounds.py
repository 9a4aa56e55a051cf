from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all, parse_coupling
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.unitaries import named
from circuitdiff.features.lower_bounds import (
    crossing_bound,
    cuts,
    cx_lower_bound,
    generic_cx_count,
    least_weight,
    multi_qubit_lower_bound,
    operator_schmidt_rank,
    schmidt_values,
    two_qubit_cx_count,
)
from circuitdiff.features.tensor_factors import combine_factors, separable_factors

SEEDS = st.integers(0, 2**32 - 1)


def ansatz(num_qubits: int, pairs: list[tuple[int, int]], seed: int, entangler: str = "cx") -> Circuit:
    """Entanglers on the given pairs among random single-qubit gates."""
    rng = np.random.default_rng(seed)
    gates = []
    for pair in pairs:
        gates += [("u", (q,), rng.uniform(-3, 3, 3)) for q in range(num_qubits)]
        gates.append((entangler, pair, rng.uniform(-3, 3, GATES[entangler].num_params)))
    return Circuit.from_gates(num_qubits, gates)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, num_qubits=st.integers(2, 4), length=st.integers(0, 7), coupling=st.sampled_from(["all", "line"]))
def test_bound_never_exceeds_a_circuit_that_exists(seed: int, num_qubits: int, length: int, coupling: str) -> None:
    allowed = parse_coupling(coupling, num_qubits)
    rng = np.random.default_rng(seed)
    pairs = [allowed.pairs[i] for i in rng.integers(len(allowed.pairs), size=length)]
    assert cx_lower_bound(ansatz(num_qubits, pairs, seed).unitary(), allowed) <= length


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, gate_set=st.sampled_from(sorted(PRESETS)), length=st.integers(0, 5))
def test_bound_holds_for_every_gate_set(seed: int, gate_set: str, length: int) -> None:
    allowed, gates = all_to_all(3), parse_gate_set(gate_set)
    rng = np.random.default_rng(seed)
    drawn = []
    for name in rng.choice(gates.gates, size=3 * length):
        qubits = rng.permutation(3)[: GATES[name].num_qubits]
        drawn.append((str(name), qubits, rng.uniform(-3, 3, GATES[name].num_params)))
    circuit = Circuit.from_gates(3, drawn)
    assert multi_qubit_lower_bound(circuit.unitary(), allowed, gates) <= circuit.two_qubit_count


@pytest.mark.parametrize(
    ("name", "expected"), [("toffoli", 3), ("ghz:4", 3), ("qft:2", 3), ("ctrl_h", 1), ("tfim:4", 4), ("fredkin", 4)]
)
def test_bound_of_known_operations(name: str, expected: int) -> None:
    unitary = named(name)
    assert cx_lower_bound(unitary, all_to_all(unitary.shape[0].bit_length() - 1)) == expected


def test_a_missing_coupling_raises_the_bound() -> None:
    pairs = [(0, 2), (0, 2)]
    unitary = ansatz(3, pairs, seed=1).unitary()
    assert cx_lower_bound(unitary, all_to_all(3)) == 2
    assert cx_lower_bound(unitary, parse_coupling("line", 3)) == 4


@pytest.mark.parametrize(("length", "expected"), [(0, 0), (1, 1), (2, 2), (3, 3), (5, 3)])
def test_two_qubits_are_counted_exactly(length: int, expected: int) -> None:
    for seed in range(5):
        assert two_qubit_cx_count(ansatz(2, [(0, 1)] * length, seed).unitary()) == expected


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, crossings=st.integers(0, 2))
def test_spectra_of_few_crossings_have_their_shape(seed: int, crossings: int) -> None:
    rng = np.random.default_rng(seed)
    inside = [tuple(int(q) for q in rng.permutation([0, 1])) for _ in range(3)]
    pairs = [pair for i in range(crossings) for pair in (inside[i], (int(rng.integers(2)), 2))]
    unitary = ansatz(3, [*pairs, inside[2]], seed).unitary()
    assert crossing_bound(schmidt_values(unitary, (2,))) <= crossings


def test_rank_is_the_same_from_both_sides() -> None:
    unitary = named("random_circuit:4?seed=3")
    for cut in cuts(4):
        rest = tuple(q for q in range(4) if q not in cut)
        assert operator_schmidt_rank(unitary, cut) == operator_schmidt_rank(unitary, rest)


def test_least_weight_serves_all_cuts_at_once() -> None:
    triangle = ((0, 1), (0, 2), (1, 2))
    assert least_weight(triangle, {(0,): 2, (1,): 2, (0, 1): 2}) == 3
    assert least_weight(((0, 1), (1, 2)), {(0,): 2, (1,): 2, (0, 1): 2}) == 4
    assert least_weight(triangle, {}) == 0


def test_generic_counts() -> None:
    assert [generic_cx_count(n) for n in (1, 2, 3, 4, 5)] == [0, 3, 14, 61, 252]


@pytest.mark.parametrize(
    "groups", [[(0,), (1,), (2,)], [(0, 2), (1,)], [(0,), (1, 3), (2,)], [(0, 3), (1, 2)], [(0, 1, 2)]]
)
def test_separable_factors_are_found_and_multiply_to_the_whole(groups: list[tuple[int, ...]]) -> None:
    given_factors = [(group, named(f"haar:{len(group)}?seed={i}")) for i, group in enumerate(groups)]
    whole = combine_factors(given_factors)
    found = separable_factors(whole)
    assert [qubits for qubits, _ in found] == sorted(groups)
    np.testing.assert_allclose(combine_factors(found), whole, atol=1e-10)


def test_combined_factors_have_little_endian_bits() -> None:
    circuit = Circuit.from_gates(3, [("rx", (1,), (0.3,)), ("crx", (2, 0), (0.4,))])
    parts = [((0, 2), Circuit.from_gates(2, [("crx", (1, 0), (0.4,))]).unitary()), ((1,), GATES["rx"].matrix((0.3,)))]
    np.testing.assert_allclose(combine_factors(parts), circuit.unitary(), atol=1e-12)
