"""States and isometries through the compiler: few entanglers, checked against the target."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray

import circuitdiff
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import cx_lower_bound
from circuitdiff.synthesis.analytic.columns import column_circuit
from circuitdiff.synthesis.generic_ansatz import template_count
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.column_template import expressive_sequence

Columns = NDArray[np.complex128]


def generic(n: int, m: int, seed: int = 0) -> Columns:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(1 << n, 1 << m)) + 1j * rng.normal(size=(1 << n, 1 << m))
    return np.asarray(np.linalg.qr(matrix)[0])


def dicke(n: int, ones: int) -> Columns:
    state = np.array([float(i.bit_count() == ones) for i in range(1 << n)], dtype=complex)
    return np.asarray(state / comb(n, ones) ** 0.5)


def ghz(n: int) -> Columns:
    return np.eye(1 << n, dtype=complex)[[0, -1]].sum(0) / np.sqrt(2)


def check(target: Columns, most: int, **settings: object) -> Circuit:
    """Compile, simulate anew, and hold the circuit to a number of entanglers."""
    result = circuitdiff.compile(target, **settings)  # type: ignore[arg-type]
    columns = target.reshape(len(target), -1)
    assert infidelity(columns, result.circuit.columns(columns.shape[1])) < 1e-10
    np.testing.assert_allclose(result.circuit.columns(columns.shape[1]), columns, atol=2e-5)
    assert result.kind == ("state" if columns.shape[1] == 1 else "isometry")
    assert result.two_qubit_count <= most, result.source
    assert not result.history or result.history[-1].two_qubit_count >= result.two_qubit_count
    return result.circuit


@pytest.mark.parametrize(("n", "coupling", "most"), [(2, "all", 1), (3, "all", 3), (4, "all", 6), (5, "all", 14)])
def test_generic_states_take_as_few_entanglers_as_their_parameters(n: int, coupling: str, most: int) -> None:
    for seed in range(2):
        check(generic(n, 0, seed)[:, 0], most, effort="fast", coupling=coupling)


@pytest.mark.parametrize(("n", "most"), [(3, 3), (4, 7), (5, 14)])
def test_generic_states_on_a_line_keep_to_its_couplings(n: int, most: int) -> None:
    circuit = check(generic(n, 0)[:, 0], most, effort="fast", coupling="line")
    assert parse_coupling("line", n).allows(circuit.pairs)


@pytest.mark.parametrize(("n", "m", "most"), [(2, 1, 2), (3, 1, 5), (3, 2, 10), (4, 1, 13), (6, 1, 60)])
def test_generic_isometries_take_as_few_entanglers_as_their_parameters(n: int, m: int, most: int) -> None:
    check(generic(n, m), most, effort="fast")


@pytest.mark.parametrize(("n", "least"), [(4, 6), (5, 14)])
def test_a_line_has_sequences_that_reach_states_with_as_few_entanglers_as_any_map(n: int, least: int) -> None:
    problem = SynthesisProblem(generic(n, 0), parse_coupling("line", n), "cz", 1e-10, 0)
    assert template_count(problem) == least
    rng = np.random.default_rng(0)
    drawn = [expressive_sequence(problem, least, rng) for _ in range(5)]
    assert any(pairs is not None and len(pairs) == least for pairs in drawn)
    assert all(expressive_sequence(problem, least - 1, rng) is None for _ in range(5))


def test_product_states_take_no_entangler() -> None:
    single = [generic(1, 0, seed)[:, 0] for seed in range(6)]
    state = np.ones(1, dtype=complex)
    for factor in single:
        state = np.kron(factor, state)
    check(state, 0)


def test_a_product_of_entangled_pairs_takes_one_entangler_each() -> None:
    check(np.kron(generic(2, 0, 1)[:, 0], generic(2, 0, 2)[:, 0]), 2)


@pytest.mark.parametrize(("name", "state", "most"), [
    ("GHZ-5", ghz(5), 4), ("GHZ-8", ghz(8), 7), ("W-3", dicke(3, 1), 3), ("Dicke-4-2", dicke(4, 2), 5),
])  # fmt: skip
def test_structured_states_take_few_entanglers(name: str, state: Columns, most: int) -> None:
    check(state, most)


def encoder(stabilisers: list[str], logical_x: list[str], logical_z: list[str]) -> Columns:
    """Return the logical basis states of a stabiliser code; character ``q`` of a Pauli word acts on qubit ``q``."""
    n = len(stabilisers[0])
    letters = {"I": np.eye(2), "X": [[0, 1], [1, 0]], "Z": np.diag([1, -1])}

    def operator(word: str) -> Columns:
        matrix = np.eye(1, dtype=complex)
        for letter in reversed(word):
            matrix = np.kron(matrix, letters[letter])
        return matrix

    projector = np.eye(1 << n, dtype=complex)
    for word in (*stabilisers, *logical_z):
        projector = projector @ (np.eye(1 << n) + operator(word)) / 2
    zero = projector[:, np.argmax(np.abs(np.diag(projector)))]
    columns = [zero / np.linalg.norm(zero)]
    for word in logical_x:
        columns += [operator(word) @ column for column in columns]
    return np.array(columns).T


@pytest.mark.parametrize(("code", "most"), [
    ((["XXXX", "ZZZZ"], ["XIXI", "IXXI"], ["ZIIZ", "IZIZ"]), 5),
    ((["XZZXI", "IXZZX", "XIXZZ", "ZXIXZ"], ["XXXXX"], ["ZZZZZ"]), 8),
], ids=["[[4,2,2]]", "[[5,1,3]]"])  # fmt: skip
def test_encoders_take_no_more_than_the_textbook(code: tuple[list[str], list[str], list[str]], most: int) -> None:
    check(encoder(*code), most)


@pytest.mark.slow
def test_encoder_of_seven_qubits_takes_fewer_than_the_textbook() -> None:
    words = ["IIIXXXX", "IXXIIXX", "XIXIXIX"]
    code = encoder([*words, *(word.replace("X", "Z") for word in words)], ["X" * 7], ["Z" * 7])
    check(code, 11, effort="fast")


def test_ghz_on_a_line_takes_one_entangler_a_coupling() -> None:
    check(ghz(4), 3, coupling="line")


def test_bound_of_a_state_holds_for_random_circuits() -> None:
    rng = np.random.default_rng(3)
    coupling = parse_coupling("all", 4)
    for count in range(1, 7):
        gates = []
        for _ in range(count):
            pair = tuple(int(q) for q in rng.permutation(4)[:2])
            gates += [("u", (q,), tuple(rng.uniform(0, 6, 3))) for q in range(4)] + [("cx", pair, ())]
        assert cx_lower_bound(Circuit.from_gates(4, gates).columns(1), coupling) <= count


@pytest.mark.parametrize("coupling", ["all", "line", "0-2,2-1,1-3"])
def test_baseline_of_a_state_is_exact_where_amplitudes_vanish(coupling: str) -> None:
    from circuitdiff.circuits.gate_sets import parse_gate_set

    state = generic(4, 0, 5)
    state[[0, 3, 4, 5, 10]] = 0
    state /= np.linalg.norm(state)
    pairs = parse_coupling(coupling, 4)
    circuit = column_circuit(state, parse_gate_set("u,cx"), pairs)
    assert infidelity(state, circuit.columns(1)) < 1e-13
    assert pairs.allows(circuit.pairs)


@pytest.mark.parametrize("gate_set", ["rz,sx,x,cz", "u,rzz", "u,iswap"])
def test_states_are_written_in_other_gate_sets(gate_set: str) -> None:
    circuit = check(generic(3, 0, 4)[:, 0], 6, gate_set=gate_set, effort="fast")
    assert circuit.gate_names <= set(gate_set.split(","))


def test_the_same_seed_gives_the_same_circuit() -> None:
    first, second = (circuitdiff.compile(generic(4, 0, 7)[:, 0], effort="fast", seed=1).circuit for _ in range(2))
    assert first == second


def test_a_state_in_discrete_gates_is_refused() -> None:
    with pytest.raises(InputError, match="no free single-qubit gates"):
        circuitdiff.compile(ghz(3), gate_set="h,s,cx")
