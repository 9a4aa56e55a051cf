from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.unitaries import named
from circuitdiff.evaluation.papers.circuits import held_out_circuits, is_connected
from circuitdiff.evaluation.papers.continuous import without_final_swaps
from circuitdiff.evaluation.papers.entanglement import LARGE, NUM_SMALL, SMALL, rank_vectors
from circuitdiff.evaluation.papers.fitting import fit_angles
from circuitdiff.evaluation.papers.masks import breaks, random_mask
from circuitdiff.evaluation.papers.refined import entanglers_of
from circuitdiff.features.entanglement import possible_ranks

LAYOUT = Layout(3, ("h", "cx", "ccx", "swap", "rx", "cp"), 8)


def test_held_out_circuits_fit_the_layout_and_have_different_unitaries() -> None:
    circuits = held_out_circuits(LAYOUT, 40, 0)
    assert len(circuits) == 40
    assert all(circuit.gate_names <= set(LAYOUT.gates) and circuit.num_gates <= 8 for circuit in circuits)
    unitaries = [circuit.unitary() for circuit in circuits]
    assert all(infidelity(a, b) > 1e-9 for i, a in enumerate(unitaries) for b in unitaries[:i])


def test_held_out_circuits_of_a_seed_do_not_depend_on_their_number() -> None:
    assert held_out_circuits(LAYOUT, 3, 7) == held_out_circuits(LAYOUT, 9, 7)[:3]
    assert held_out_circuits(LAYOUT, 3, 7) != held_out_circuits(LAYOUT, 3, 8)


def test_held_out_circuits_can_be_asked_to_hold_together() -> None:
    circuits = held_out_circuits(LAYOUT, 30, 0, is_connected)
    assert len(circuits) == 30
    assert all(map(is_connected, circuits))


def test_circuit_is_connected_through_other_qubits() -> None:
    assert is_connected(Circuit.from_gates(4, [("cx", (3, 2), ()), ("ccx", (0, 1, 2), ())]))
    assert not is_connected(Circuit.from_gates(4, [("cx", (3, 2), ()), ("cx", (0, 1), ())]))
    assert not is_connected(Circuit.from_gates(3, [("cx", (2, 1), ()), ("h", (0,), ())]))


def test_rank_vectors_are_possible_distinct_and_of_every_size() -> None:
    everything = rank_vectors(SMALL, 1000, 0)
    assert len(set(everything)) == len(everything) == NUM_SMALL
    assert all(map(possible_ranks, everything))
    assert {len(ranks) for ranks in rank_vectors(LARGE, 3, 0)} == set(LARGE)


def test_fitted_angles_reach_a_unitary_made_by_the_same_gates() -> None:
    gates = [("h", (0,)), ("cx", (0, 2)), ("rx", (2,)), ("cp", (1, 2)), ("ccx", (2, 0, 1)), ("rz", (1,))]
    counts = {"rx": 1, "cp": 1, "rz": 1}
    rng = np.random.default_rng(0)
    made, start = (
        Circuit.from_gates(3, [(name, qubits, rng.uniform(0, 6, counts.get(name, 0))) for name, qubits in gates])
        for _ in range(2)
    )
    fitted = fit_angles(start, made.unitary(), 1e-9, 20, rng)
    assert infidelity(made.unitary(), fitted.unitary()) <= 1e-9
    assert [(op.name, op.qubits) for op in fitted.operations] == gates


def test_circuit_without_angles_is_fitted_as_it_is() -> None:
    circuit = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ())])
    assert fit_angles(circuit, np.eye(4, dtype=np.complex128), 1e-9, 3, np.random.default_rng(0)) is circuit


def test_fourier_transform_without_its_swaps_is_hadamards_and_phases() -> None:
    gates = [("h", (2,), ()), ("cp", (1, 2), (np.pi / 2,)), ("cp", (0, 2), (np.pi / 4,))]
    gates += [("h", (1,), ()), ("cp", (0, 1), (np.pi / 2,)), ("h", (0,), ())]
    assert infidelity(without_final_swaps(named("qft:3")), Circuit.from_gates(3, gates).unitary()) <= 1e-12


def test_entanglers_are_counted_in_cx() -> None:
    gates = [("h", (0,), ()), ("cx", (0, 1), ()), ("cp", (0, 1), (1.0,)), ("swap", (0, 1), ()), ("ccx", (0, 1, 2), ())]
    assert entanglers_of(Circuit.from_gates(3, gates)) == 12


@pytest.mark.parametrize("all_qubits", [False, True])
def test_random_masks_couple_the_qubits_they_leave(all_qubits: bool) -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        qubits, pairs = random_mask(4, rng, all_qubits=all_qubits)
        assert pairs
        assert {qubit for pair in pairs for qubit in pair} <= set(qubits)
        assert len(qubits) == 4 or not all_qubits


def test_mask_is_broken_by_another_qubit_and_by_another_pair() -> None:
    on_three = Circuit.from_gates(3, [("ccx", (0, 1, 2), ())])
    assert breaks(on_three, (0, 1, 2), ((0, 1), (1, 2)))
    assert not breaks(on_three, (0, 1, 2), ((0, 1), (1, 2), (0, 2)))
    assert breaks(Circuit.from_gates(3, [("h", (2,), ())]), (0, 1), ((0, 1),))
    assert breaks(Circuit.from_gates(3, [("cx", (2, 1), ())]), (0, 1, 2), ((0, 1),))
