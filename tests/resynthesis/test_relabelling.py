"""Swaps that cost nothing: wires are relabelled, and the order of the outputs is given back."""

from itertools import permutations

import numpy as np
import pytest

from circuitdiff import Circuit, OpaqueOperation, Operation, resynthesize, resynthesize_steps
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.resynthesis.relabelling import output_permutation, restored, swaps_back, then, without_swaps


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


def test_device_keeps_the_order() -> None:
    circuit = Circuit.from_gates(6, [("swap", (0, 1), ()), ("cx", (1, 2), ())])
    found = resynthesize(circuit, keep_order=False, coupling="line", gate_set="ibm-cz", cache=None, effort="fast")
    assert found.output_permutation is None
    assert same(circuit, found.circuit)
    assert found.circuit.gate_names <= set(PRESETS["ibm-cz"])


def test_opaque_operations_follow_their_wires() -> None:
    steps = [Operation("swap", (0, 1)), OpaqueOperation((0, 9), "measure"), Operation("swap", (1, 2))]
    found = resynthesize_steps(steps, keep_order=False, cache=None)
    assert found.steps == (OpaqueOperation((1, 9), "measure"),)
    assert dict(found.where) == {0: 1, 1: 2, 2: 0}
    assert resynthesize_steps(steps, cache=None).steps[1] == steps[1]
