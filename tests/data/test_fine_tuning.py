"""Circuits of one's own among training circuits."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.fine_tuning import MixedStream, fitting_circuits
from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.stream import CircuitStream
from circuitdiff.errors import InputError

LAYOUT = Layout(3, ("h", "cx", "rz"), 5)
GHZ = Circuit.from_gates(3, [("h", [0], []), ("cx", [0, 1], []), ("cx", [1, 2], [])])
TURN = Circuit.from_gates(2, [("cx", [0, 1], []), ("rz", [1], [-0.3]), ("h", [0], []), ("cx", [0, 1], [])])


def test_circuits_that_do_not_fit_are_counted_by_reason() -> None:
    wide = GHZ.permuted((0, 1, 2), 4)
    long = Circuit.from_gates(3, [("h", [q % 3], []) for q in range(6)])
    foreign = Circuit.from_gates(1, [("t", [0], [])])
    own = fitting_circuits([GHZ, wide, None, long, TURN, foreign, Circuit(2), foreign], LAYOUT)
    assert len(own) == 2
    assert own.refused == {
        "on more than 3 qubits": 1,
        "not readable": 1,
        "of more than 5 gates": 1,
        "with gates that the model lacks (t)": 2,
        "without gates": 1,
    }
    with pytest.raises(InputError, match=r"none of 3 circuits fits the model: 1 not readable, 2 with gates .* \(t\)"):
        fitting_circuits([foreign, None, foreign], LAYOUT)


def test_circuits_keep_what_they_do_and_come_in_normal_form() -> None:
    crossed = Circuit.from_gates(3, [("h", [2], []), ("rz", [0], [7.0]), ("h", [1], [])])
    straight = Circuit.from_gates(3, [("h", [1], []), ("h", [2], []), ("rz", [0], [7.0 - 2 * math.pi])])
    own = fitting_circuits([crossed, straight, TURN], LAYOUT)
    assert torch.equal(own.tokens[0], own.tokens[1])
    torch.testing.assert_close(own.angles[0], own.angles[1])
    params = torch.nn.functional.pad(own.angles[..., None].double(), (0, 2))
    for circuit, read in zip((crossed, straight, TURN), decode(own.tokens, params, LAYOUT.vocabulary), strict=True):
        on_three = circuit.permuted(range(circuit.num_qubits), 3)
        assert infidelity(on_three.unitary(), read.unitary()) < 1e-9


def test_a_batch_has_its_share_of_own_circuits_and_masks_that_permit_them() -> None:
    own = fitting_circuits([GHZ, TURN], LAYOUT)
    mixture = GateMixture(entanglement=True, line=0.5, random_line=0.5, mask_given=1.0, budget_given=1.0)
    ordinary = CircuitStream(LAYOUT, 12, 0, mixture)
    stream = MixedStream(ordinary, mixture, own, 20, 32)
    batch = stream.batch(3)
    assert len(batch) == 32
    assert torch.equal(batch.tokens[:12], CircuitStream(LAYOUT, 12, 0, mixture).batch(3).tokens)
    known = {tuple(row) for row in own.tokens.tolist()}
    assert {tuple(row) for row in batch.tokens[12:].tolist()} == known
    assert bool(torch.gather(batch.allowed, 1, batch.tokens).all())
    count = (batch.tokens != PAD).sum(1)
    assert bool((batch.max_gates >= count).all())
    is_ghz = (batch.tokens == own.tokens[0]).all(1)
    assert bool((batch.ranks[is_ghz] == 2).all())
    assert torch.equal(batch.tokens, MixedStream(ordinary, mixture, own, 20, 32).batch(3).tokens)
    assert not torch.equal(batch.tokens[12:], stream.batch(4).tokens[12:])


def test_the_unitary_shown_is_that_of_the_circuit() -> None:
    own = fitting_circuits([TURN], LAYOUT)
    batch = MixedStream(CircuitStream(LAYOUT, 1, 0, GateMixture()), GateMixture(), own, 4, 4).batch(0)
    assert len(batch) == 4
    assert batch.unitary is not None
    expected = TURN.permuted((0, 1), 3).unitary()
    for unitary in batch.unitary.numpy():
        assert infidelity(expected, np.asarray(unitary, dtype=np.complex128)) < 1e-5


def test_a_tenth_is_held_out_and_of_few_none() -> None:
    few = fitting_circuits([GHZ, TURN], LAYOUT)
    assert [len(part) for part in few.split()] == [2, 2]
    many = fitting_circuits([GHZ, TURN] * 15, LAYOUT)
    assert [len(part) for part in many.split()] == [27, 3]
