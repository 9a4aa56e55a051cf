"""Swaps that cost nothing: wires are relabelled, and the order of the outputs is given back."""

from itertools import permutations

import numpy as np
import pytest

from circuitdiff import Circuit, OpaqueOperation, Operation, resynthesize, resynthesize_steps
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.resynthesis.relabelling import output_permutation, restored, swaps_back, then, without_swaps
from circuitdiff.resynthesis.replacement import Place
from circuitdiff.resynthesis.rest import Rest


def swapping(seed: int, num_qubits: int = 6, count: int = 40) -> Circuit:
    """A random circuit with swaps, and with blocks that are cheaper with one."""
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(count):
        a, b = map(int, rng.permutation(num_qubits)[:2])
        name = ("swap", "iswap", "cx", "rz", "h")[rng.integers(5)]
        if name == "iswap":
            gates += [("h", (a,), ()), ("cx", (a, b), ()), ("cx", (b, a), ()), ("h", (b,), ())]
        else:
            gates.append((name, (a, b) if name in ("swap", "cx") else (a,), (0.3,) if name == "rz" else ()))
    return Circuit.from_gates(num_qubits, gates)


def same(a: Circuit, b: Circuit) -> bool:
    """Tell whether two circuits agree, global phase included."""
    return bool(abs(np.vdot(a.unitary(), b.unitary()) / 2**a.num_qubits - 1) < 1e-9)


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5], ids=str)
def test_any_permutation_is_free_and_swaps_put_it_back(order: tuple[int, ...]) -> None:
    where = {wire: place for wire, place in enumerate(order) if wire != place}
    given = Circuit.from_gates(4, [("h", (0,), ()), ("cx", (0, 2), ())])
    moved = Circuit(4, (*given.operations, *reversed(swaps_back(where))))
    steps, found = without_swaps(moved.operations)
    assert steps == given.operations
    assert then(found, {}) == found
    kept = tuple(step for step in steps if isinstance(step, Operation))
    assert same(restored(Circuit(4, kept), output_permutation(found, 4)), moved)


@pytest.mark.parametrize("seed", range(3))
def test_order_that_is_given_back_makes_the_circuit_what_it_was(seed: int) -> None:
    circuit = swapping(seed)
    free = resynthesize(circuit, keep_order=False, effort="fast", cache=None)
    kept = resynthesize(circuit, effort="fast", cache=None)
    assert same(circuit, restored(free.circuit, free.output_permutation))
    assert free.output_permutation is not None
    assert free.tol_met
    assert free.as_dict()["output_permutation"] == list(free.output_permutation)
    assert kept.output_permutation is None
    assert same(circuit, kept.circuit)
    assert free.circuit.two_qubit_count < kept.circuit.two_qubit_count


def test_swaps_alone_leave_no_gate() -> None:
    circuit = Circuit.from_gates(7, [("swap", (q, q + 1), ()) for q in range(6)])
    found = resynthesize(circuit, keep_order=False, cache=None)
    assert found.circuit.operations == ()
    assert found.output_permutation == (6, 0, 1, 2, 3, 4, 5)


LINE = [(q, q + 1) for q in range(5)]


def on_a_line(seed: int, count: int) -> Circuit:
    """A random circuit on a line of six qubits that ends with swaps of neighbours, and has some elsewhere."""
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for number in range(count):
        a, b = LINE[rng.integers(5)]
        is_swap = number > 0.7 * count or rng.random() < 0.2
        gates += [("cx", pair, ()) for pair in ((a, b), (b, a), (a, b))] if is_swap else [("cx", (a, b), ())]
        gates.append(("u", (b,), tuple(rng.uniform(0, 6, 3))))
    return Circuit.from_gates(6, gates)


@pytest.mark.parametrize("seed", range(3))
def test_device_lets_wires_be_relabelled_where_what_follows_fits(seed: int) -> None:
    circuit = on_a_line(seed, 20)
    options = {"coupling": "line", "effort": "fast", "cache": None}
    free, kept = resynthesize(circuit, keep_order=False, **options), resynthesize(circuit, **options)
    assert same(circuit, restored(free.circuit, free.output_permutation))
    assert set(free.circuit.pairs) <= set(LINE)
    assert free.circuit.two_qubit_count < kept.circuit.two_qubit_count
    assert kept.output_permutation is None


def test_device_keeps_wires_whose_rest_does_not_fit() -> None:
    swap = [("cx", pair, ()) for pair in ((1, 2), (2, 1), (1, 2))]
    circuit = Circuit.from_gates(5, [*swap, ("cx", (0, 1), ()), ("cx", (2, 3), ())])
    found = resynthesize(circuit, keep_order=False, coupling="line", gate_set="ibm-cz", cache=None, effort="fast")
    assert same(circuit, restored(found.circuit, found.output_permutation))
    assert set(found.circuit.pairs) <= set(LINE)
    assert found.circuit.gate_names <= set(PRESETS["ibm-cz"])


@pytest.mark.parametrize("order", list(permutations(range(3)))[1:], ids=str)
def test_orders_of_a_block_are_those_with_which_the_rest_fits(order: tuple[int, ...]) -> None:
    place = Place(frozenset(LINE), swaps_are_free=True)
    rest = Rest(place, [Operation("cz", (1, 2)), OpaqueOperation((0, 9), "measure")])
    fits = order in rest.orders((0, 1, 2))
    after = [{place for place in (order[1], order[2])}]
    assert fits == (after in ([{0, 1}], [{1, 2}]))
    where = {wire: place for wire, place in enumerate(order) if wire != place}
    rest.relabel(where)
    rest.relabel({place: wire for wire, place in where.items()})
    assert (order in rest.orders((0, 1, 2))) == fits


def test_wide_opaque_operation_stays_on_a_device() -> None:
    place = Place(frozenset(LINE), swaps_are_free=True)
    barrier, gate = OpaqueOperation((0, 1, 2), layers=0), OpaqueOperation((0, 1))
    assert len(Rest(place, [barrier]).orders((0, 1, 2))) == 5
    assert Rest(place, [barrier, gate]).orders((0, 1)) == ()


def test_opaque_operations_follow_their_wires() -> None:
    steps = [Operation("swap", (0, 1)), OpaqueOperation((0, 9), "measure"), Operation("swap", (1, 2))]
    found = resynthesize_steps(steps, keep_order=False, cache=None)
    assert found.steps == (OpaqueOperation((1, 9), "measure"),)
    assert dict(found.where) == {0: 1, 1: 2, 2: 0}
    assert resynthesize_steps(steps, cache=None).steps[1] == steps[1]
