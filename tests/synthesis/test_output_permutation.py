from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import circuitdiff
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError
from circuitdiff.synthesis import CompileResult
from circuitdiff.synthesis.output_permutation import permuted_outputs, promising_permutations


def circuit_of(num_qubits: int, *gates: tuple[str, tuple[int, ...]]) -> Circuit:
    return Circuit.from_gates(num_qubits, [(name, qubits, ()) for name, qubits in gates])


def check(result: CompileResult, target: np.ndarray) -> None:
    order = result.output_permutation or tuple(range(result.num_qubits))
    assert infidelity(permuted_outputs(target, order), result.circuit.unitary()) < 1e-10


def test_permuted_outputs_are_what_swaps_at_the_end_do() -> None:
    unitary = named("haar:3?seed=2")
    for order in permutations(range(3)):
        moved = permuted_outputs(unitary, order)
        for index in range(8):
            bits = [index >> q & 1 for q in range(3)]
            place = sum(bits[order[q]] << q for q in range(3))
            np.testing.assert_array_equal(moved[place], unitary[index])


@pytest.mark.parametrize("gates", [[("swap", (0, 1))], [("swap", (0, 2)), ("swap", (1, 2))]])
def test_permutations_of_wires_cost_nothing(gates: list[tuple[str, tuple[int, ...]]]) -> None:
    target = circuit_of(3, *gates).unitary()
    result = circuitdiff.compile(target, up_to="output-permutation", effort="fast")
    assert result.two_qubit_count == 0
    assert result.output_permutation is not None
    check(result, target)


def test_qft_loses_its_swap_and_never_costs_more() -> None:
    target = named("qft:3")
    free = circuitdiff.compile(target, up_to="output-permutation", effort="fast")
    ordered = circuitdiff.compile(target, effort="fast")
    check(free, target)
    assert free.two_qubit_count <= 6
    assert free.two_qubit_count < ordered.two_qubit_count
    assert ordered.output_permutation is None


def test_what_gains_nothing_stays_in_order() -> None:
    result = circuitdiff.compile(named("toffoli"), up_to="output-permutation", effort="fast")
    assert (result.output_permutation, result.two_qubit_count) == (None, 6)


def test_states_are_laid_out_on_a_line() -> None:
    pair = np.array([1, 0, 0, 1]) / np.sqrt(2)
    state = np.einsum("ac,b->abc", pair.reshape(2, 2), [0.6, 0.8]).ravel()  # entangles the ends of the line
    assert circuitdiff.compile(state, coupling="line").two_qubit_count > 1
    result = circuitdiff.compile(state, coupling="line", up_to="output-permutation")
    assert result.two_qubit_count == 1
    order = result.output_permutation
    assert order is not None
    moved = permuted_outputs(state.reshape(-1, 1).astype(complex), order)
    assert infidelity(moved, result.circuit.columns(1)) < 1e-10


def test_orders_that_gain_nothing_are_not_proposed() -> None:
    state = named("haar:4?seed=1")[:, :1]
    assert promising_permutations(state, parse_coupling("all", 4), 10) == []
    assert promising_permutations(named("qft:4"), parse_coupling("all", 4), 1) == [(3, 2, 1, 0)]


def test_qiskit_gets_the_order_as_a_layout() -> None:
    from qiskit.quantum_info import Operator

    target = circuit_of(3, ("h", (0,)), ("swap", (0, 1)), ("swap", (1, 2)), ("cx", (0, 1))).unitary()
    result = circuitdiff.compile(target, up_to="output-permutation", effort="fast")
    assert result.output_permutation is not None
    seen = Operator.from_circuit(result.to_qiskit()).data
    np.testing.assert_allclose(seen, target, atol=1e-7)


def test_other_freedoms_are_refused() -> None:
    with pytest.raises(InputError, match="up_to is 'output-permutation' or None, got 'phase'"):
        circuitdiff.compile(named("toffoli"), up_to="phase")  # type: ignore[arg-type]
