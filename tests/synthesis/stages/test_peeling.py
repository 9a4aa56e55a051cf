"""Beams of pieces that are peeled off both ends of a target."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.unitaries import named
from circuitdiff.features.operator_entanglement import entanglement, transfer_rows
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.stages.peeling import Beam, Node, places

TURNS = tuple(Operation("u", (q,), (0.4 + q, 0.3 * q, 0.7)) for q in range(4))
"""Single-qubit gates in general position."""


def nodes(target: np.ndarray, coupling: str = "all", width: int = 1, most: int = 8) -> list[Node]:
    num_qubits = len(target).bit_length() - 1
    beam = Beam(target, parse_coupling(coupling, num_qubits), width, np.random.default_rng(0), Budget())
    return list(beam.nodes(most))


def test_pieces_around_what_is_left_are_the_target() -> None:
    target = named("random_circuit:4?gates=12&seed=3")
    for node in nodes(target, most=4):
        start, end = node.whole(()).unitary(), Circuit(4, node.left).unitary()
        before = Circuit(4, node.right).unitary()
        assert np.allclose(end.conj().T @ node.operator @ before, target, atol=1e-9)
        assert np.allclose(start, end.conj().T @ before, atol=1e-9)  # a ccz is written with six cx
        assert node.entanglement == pytest.approx(entanglement(transfer_rows(node.operator)), abs=1e-9)
        assert node.whole(()).two_qubit_count == node.cost


def test_gates_of_a_deep_circuit_are_peeled_off_until_nothing_is_left() -> None:
    layers = [(("cz", (0, 1)), ("ccz", (1, 2, 3))), (("swap", (0, 3)), ("cz", (1, 2)))]
    operations = [op for layer in layers for op in (*TURNS, *(Operation(name, qubits, ()) for name, qubits in layer))]
    target = Circuit(4, tuple(operations)).unitary()
    assert min(node.entanglement for node in nodes(target, most=12)) < 1e-4


def test_pieces_keep_to_the_coupling_map() -> None:
    line = parse_coupling("line", 4)
    assert places(line) == list(line.pairs)
    allowed = {frozenset(pair) for pair in line.pairs}
    for node in nodes(named("random_circuit:4?gates=8&seed=1"), "line", most=3):
        assert {frozenset(op.qubits) for op in node.whole(()).operations if len(op.qubits) == 2} <= allowed


@pytest.mark.parametrize(("name", "generic"), [("haar:4?seed=1", True), ("qft:4", False)])
def test_beam_ends_early_for_targets_without_structure(name: str, generic: bool) -> None:
    beam = Beam(named(name), parse_coupling("all", 4), 1, np.random.default_rng(0), Budget())
    costs = [node.cost for node in beam.nodes(20)]
    assert beam.is_generic == generic
    assert max(costs) < 20 or not generic


def test_beam_ends_where_its_budget_does() -> None:
    budget = Budget(work=1e6)
    target = named("haar:4?seed=1")
    list(Beam(target, parse_coupling("all", 4), 1, np.random.default_rng(0), budget).nodes(30))
    assert budget.spent
    assert budget.work > -1e8
