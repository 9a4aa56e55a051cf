"""Training circuits for states."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from circuitdiff.circuits.layout import ansatz_layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD
from circuitdiff.data.seeds import Stream
from circuitdiff.data.state_circuits import GENERIC_COUNTS
from circuitdiff.data.state_mixture import StateMixture
from circuitdiff.data.stream import CircuitBatch, CircuitStream
from circuitdiff.features.states import state_features

LAYOUT = ansatz_layout(5, 10)


@pytest.fixture(scope="module")
def batch() -> CircuitBatch:
    return CircuitStream(LAYOUT, 256, 3, StateMixture(), chunk=256).batch(0)


def test_batches_are_functions_of_seed_and_number() -> None:
    first, again = (CircuitStream(LAYOUT, 32, 3, StateMixture(), chunk=64) for _ in range(2))
    assert torch.equal(first.batch(1).tokens, again.batch(1).tokens)
    held_out = CircuitStream(LAYOUT, 32, 3, StateMixture(), chunk=64, stream=Stream.VALIDATION)
    assert not torch.equal(held_out.batch(1).tokens, first.batch(1).tokens)


def test_what_is_shown_is_the_state_of_the_circuit(batch: CircuitBatch) -> None:
    assert batch.state is not None
    circuits = decode(batch.tokens[:16], batch.params[:16].double(), LAYOUT.vocabulary)
    states = np.stack([circuit.columns(1)[:, 0] for circuit in circuits])
    shown = state_features(torch.from_numpy(states))
    assert torch.allclose(shown[..., :4], batch.state[:16, :, :4], atol=1e-4)


def test_circuits_keep_to_the_mask_and_the_budget(batch: CircuitBatch) -> None:
    gates = batch.tokens[:, : LAYOUT.max_gates]
    assert torch.gather(batch.allowed, 1, gates).all()
    bounded = batch.max_gates >= 0
    assert ((gates != PAD).sum(1) <= batch.max_gates)[bounded].all()


def test_absent_qubits_have_no_entangler(batch: CircuitBatch) -> None:
    assert batch.state_present is not None
    registers = batch.state_present[:, : LAYOUT.num_qubits].sum(1).tolist()
    assert set(registers) == {3, 4, 5}
    for tokens, register in zip(batch.tokens[:, : LAYOUT.max_gates].tolist(), registers, strict=True):
        assert all(max(pair) < register for pair in LAYOUT.entangled_pairs(tokens))


def test_no_entangler_is_plainly_in_vain(batch: CircuitBatch) -> None:
    circuits = decode(batch.tokens, batch.params.double(), LAYOUT.vocabulary)
    counts = (batch.tokens[:, : LAYOUT.max_gates] >= NUM_SPECIAL).sum(1).tolist()
    vain = 0
    for circuit, count in zip(circuits, counts, strict=True):
        touched = {q for op in circuit.operations if len(op.qubits) == 2 for q in op.qubits}
        assert count <= GENERIC_COUNTS[len(touched)] or len(touched) == 4  # or two pairs side by side
        seen: set[int] = set()
        for op in circuit.operations:
            if op.name == "dcz":
                betas = zip(op.qubits, op.params[::2], strict=True)
                vain += any(beta < 1e-6 for q, beta in betas if q not in seen)
                seen |= set(op.qubits)
    assert vain <= 2


@pytest.mark.parametrize("restricted", [0.0, 1.0])
def test_couplings_are_restricted_as_often_as_asked_for(restricted: float) -> None:
    batch = CircuitStream(LAYOUT, 64, 0, StateMixture(restricted=restricted, smaller=0.0), chunk=64).batch(0)
    pairs = batch.allowed[:, list(LAYOUT.drawn_tokens)].sum(1)
    assert (pairs == len(LAYOUT.pairs)).all() == (restricted == 0.0)
