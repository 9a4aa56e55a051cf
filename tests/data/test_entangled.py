"""Circuits that entangle what they are asked to."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.gate_layout import GateLayout
from circuitdiff.circuits.sparse_simulator import sequence_states
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.entangled import balanced_rows, draw_regions, grown_sequences, schmidt_ranks
from circuitdiff.data.sequences import sequence_tables

TABLES = sequence_tables(GateLayout(5, ("h", "cx"), 9))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_circuits_of_joins_alone_entangle_their_region_and_nothing_else(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    num_qubits = torch.randint(3, 6, (16,), generator=generator)
    regions = draw_regions(num_qubits, TABLES, generator)
    assert bool((regions.sum(1) >= 2).all())
    assert not bool((regions & (torch.arange(5) >= num_qubits[:, None])).any())
    permitted = torch.ones(16, len(TABLES.inverse), dtype=torch.bool)
    tokens, angles = grown_sequences(permitted, regions, regions.sum(1), TABLES, generator)
    assert torch.equal((tokens != PAD).sum(1), regions.sum(1))
    ranks = schmidt_ranks(sequence_states(tokens, angles, TABLES.simulate), num_qubits)
    assert torch.equal(ranks == 2, regions)
    assert torch.equal(ranks > 0, torch.arange(5) < num_qubits[:, None])


def test_rare_classes_are_chosen_as_often_as_frequent_ones() -> None:
    ranks = torch.tensor([[2, 2, 1]] * 180 + [[1, 2, 2]] * 20)
    rows = balanced_rows(ranks, 20, torch.Generator().manual_seed(0))
    assert len(set(rows.tolist())) == 20
    assert 4 <= int((rows >= 180).sum()) <= 16
