"""Search with a model of general circuits over what is left of a target."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from circuitdiff import CircuitSpec, Sampling
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.circuits import held_out_circuits
from circuitdiff.evaluation.papers.discrete import LAYOUT, is_made
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.generation.best_first import residual_of, without_kept_ends
from circuitdiff.synthesis.analytic.discrete_search import short_circuit
from tests.small_gate_models import small_gate_model

SOURCE = Circuit.from_gates(
    3, [("h", (0,), ()), ("cx", (0, 1), ()), ("rx", (2,), (0.3,)), ("cp", (1, 2), (1.0,)), ("h", (1,), ())]
)


@pytest.fixture(scope="module")
def trained() -> CircuitDiffusion:
    return CircuitDiffusion.from_pretrained("circuitdiff-gates-3q")


def test_a_circuit_for_the_residual_completes_the_whole() -> None:
    gates = SOURCE.operations
    for first in range(5):
        for last in range(5 - first):
            left = residual_of(SOURCE.unitary(), gates[:first], gates[5 - last :])
            middle = Circuit(3, gates[first : 5 - last])
            assert infidelity(left.unitary, middle.unitary()) < 1e-12
            assert left.whole(middle) == SOURCE
            assert left.num_kept == first + last
            wide = sum(len(gate.qubits) > 1 for gate in (*left.before, *left.after))
            assert left.bounds(9, 4) == (9 - first - last, 4 - wide)


def test_kept_ends_come_off_the_circuit_and_the_unitary() -> None:
    left, inner, kept = without_kept_ends(SOURCE, [True, False, True, False, True], SOURCE.unitary())
    assert inner.operations == SOURCE.operations[1:4]
    assert kept == [False, True, False]
    assert infidelity(left.unitary, inner.unitary()) < 1e-12


def test_search_obeys_masks_and_bounds_and_repeats_with_its_seed() -> None:
    target = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0].astype(np.complex128)
    first, again = (
        small_gate_model().search(
            target,
            CircuitSpec(gates=("h", "cx", "rx"), coupling="line", max_gates=6, max_two_qubit_gates=2),
            sampling=Sampling(40, 3),
        )
        for _ in range(2)
    )
    assert first == again
    assert len(first) == 40
    for circuit in first:
        assert circuit.gate_names <= {"h", "cx", "rx"}
        assert circuit.pairs <= {(0, 1), (1, 2)}
        assert circuit.num_gates <= 6
        assert circuit.two_qubit_count <= 2


def test_search_finds_more_than_as_many_independent_draws(trained: CircuitDiffusion) -> None:
    circuits = [circuit for circuit in held_out_circuits(LAYOUT, 60, 7) if circuit.num_gates >= 9][:10]
    solved = {"search": 0, "sample": 0}
    for number, circuit in enumerate(circuits):
        for name in solved:
            drawn = getattr(trained, name)(
                circuit.unitary(), CircuitSpec(gates=LAYOUT.gates, max_gates=12), sampling=Sampling(seed=number)
            )
            assert len(drawn) <= 64
            assert all(found.num_gates <= 12 for found in drawn)
            solved[name] += is_made(circuit.unitary(), drawn)
    assert solved["search"] >= 9 > solved["sample"]


def test_a_blind_network_searches_in_vain(trained: CircuitDiffusion) -> None:
    circuit = next(circuit for circuit in held_out_circuits(LAYOUT, 60, 8) if circuit.num_gates >= 9)
    blind = small_gate_model().search(circuit.unitary(), CircuitSpec(gates=("h", "cx", "ccx"), max_gates=7))
    assert not is_made(circuit.unitary(), blind)
    found = trained.search(circuit.unitary(), CircuitSpec(gates=LAYOUT.gates, max_gates=12))
    assert is_made(circuit.unitary(), found)


def test_fewer_draws_suffice_where_what_is_left_is_closed(trained: CircuitDiffusion) -> None:
    close = partial(short_circuit, gate_set=GateSet("all", LAYOUT.gates), coupling=parse_coupling("all", 3))
    circuits = [circuit for circuit in held_out_circuits(LAYOUT, 90, 7) if circuit.num_gates == 12][:4]
    draws = {"closed": 0, "drawn": 0}
    for number, circuit in enumerate(circuits):
        searches = {"closed": partial(trained.search, close=close), "drawn": trained.search}
        for name, search in searches.items():
            how = Sampling(64, seed=number)
            found = search(circuit.unitary(), CircuitSpec(gates=LAYOUT.gates, max_gates=12), sampling=how)
            assert is_made(circuit.unitary(), found)
            assert all(made.num_gates <= 12 for made in found)
            draws[name] += len(found)
    assert draws["closed"] < draws["drawn"]


def test_what_is_closed_keeps_to_the_bounds() -> None:
    """The network is blind; the residuals that it leaves are closed by many gates or by many on two qubits."""
    target, long = SOURCE.unitary(), Circuit.from_gates(3, [("h", (0,), ())] * 9)
    wide = Circuit.from_gates(3, [("cx", (0, 1), ())] * 3)
    spec = CircuitSpec(gates=("h", "cx", "rx"), max_gates=6, max_two_qubit_gates=2)
    short = Circuit.from_gates(3, [("rx", (1,), (0.1,))])
    search = partial(small_gate_model().search, target, spec, sampling=Sampling(40, 3))
    assert search(close=lambda left: long) == search(close=lambda left: wide) == search()
    found = search(close=lambda left: short)
    assert len(found) < 40
    assert short.operations[0] in found[-1].operations


def test_edits_by_search_keep_the_ends_and_restore_the_middle(trained: CircuitDiffusion) -> None:
    circuit = next(circuit for circuit in held_out_circuits(LAYOUT, 60, 9) if circuit.num_gates == 12)
    keep = [position < 3 or position >= 10 for position in range(12)]
    found = trained.edit(circuit, keep, circuit.unitary(), CircuitSpec(gates=LAYOUT.gates), search=True)
    assert is_made(circuit.unitary(), found)
    for edited in found:
        assert edited.operations[:3] == circuit.operations[:3]
        assert edited.operations[-2:] == circuit.operations[-2:]
        assert edited.num_gates <= 12


def test_what_a_search_cannot_take_is_refused() -> None:
    model, keep = small_gate_model(), [True, False, True, False, True]
    with pytest.raises(InputError, match="one run of gates"):
        model.edit(SOURCE, keep, SOURCE.unitary(), search=True)
    with pytest.raises(InputError, match="a unitary and nothing else"):
        model.edit(SOURCE, keep, spec=CircuitSpec(schmidt_ranks=(2, 2, 1)), search=True)
    with pytest.raises(InputError, match="bound of 2 gates: 3 are kept"):
        model.edit(SOURCE, keep, SOURCE.unitary(), CircuitSpec(max_gates=2))
    with pytest.raises(InputError, match="1 to 3 qubits, not 4"):
        model.search(np.eye(16, dtype=np.complex128))
