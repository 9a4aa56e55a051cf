"""Circuits that entangle what they are asked to."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.sparse_simulator import sequence_states
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.entangled import (
    balanced_rows,
    draw_ancillas,
    draw_entangled_sets,
    fewest_gates,
    grown_sequences,
    schmidt_ranks,
)
from circuitdiff.data.gate_mixture import GateMixture, natural_line
from circuitdiff.data.sequences import draw_lines, permitted_tokens, sequence_tables
from circuitdiff.data.stream import CircuitStream

TABLES = sequence_tables(Layout(5, ("h", "cx"), 9))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_circuits_of_joins_alone_entangle_their_region_and_nothing_else(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    num_qubits = torch.randint(3, 6, (16,), generator=generator)
    entangled = draw_entangled_sets(num_qubits, TABLES, generator)
    assert bool((entangled.sum(1) >= 2).all())
    assert not bool((entangled & (torch.arange(5) >= num_qubits[:, None])).any())
    permitted = torch.ones(16, len(TABLES.inverse), dtype=torch.bool)
    ancillas = draw_ancillas(entangled, permitted, TABLES, generator)
    assert not bool(ancillas.any())  # all qubits are neighbours
    tokens, angles = grown_sequences(permitted, entangled, ancillas, entangled.sum(1), TABLES, generator)
    assert torch.equal((tokens != PAD).sum(1), entangled.sum(1))
    ranks = schmidt_ranks(sequence_states(tokens, angles, TABLES.simulate), num_qubits)
    assert torch.equal(ranks == 2, entangled)
    assert torch.equal(ranks > 0, torch.arange(5) < num_qubits[:, None])


def test_rare_classes_are_chosen_as_often_as_frequent_ones() -> None:
    ranks = torch.tensor([[2, 2, 1]] * 180 + [[1, 2, 2]] * 20)
    rows = balanced_rows(ranks, 20, torch.Generator().manual_seed(0))
    assert len(set(rows.tolist())) == 20
    assert 4 <= int((rows >= 180).sum()) <= 16


def on_lines(num_qubits: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Return the tokens permitted on a line through the qubits in any order."""
    gates = torch.ones(len(num_qubits), 2, dtype=torch.bool)
    return permitted_tokens(gates, draw_lines(num_qubits, TABLES, generator), num_qubits, TABLES)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_qubits_apart_are_entangled_through_others_that_end_separable(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    num_qubits = torch.randint(3, 6, (32,), generator=generator)
    permitted = on_lines(num_qubits, generator)
    entangled = draw_entangled_sets(num_qubits, TABLES, generator)
    ancillas = draw_ancillas(entangled, permitted, TABLES, generator)
    assert not bool((ancillas & entangled).any())
    length = fewest_gates(entangled, ancillas)
    tokens, angles = grown_sequences(permitted, entangled, ancillas, length, TABLES, generator)
    assert torch.equal((tokens != PAD).sum(1), length)
    assert bool(torch.gather(permitted, 1, tokens).all())
    ranks = schmidt_ranks(sequence_states(tokens, angles, TABLES.simulate), num_qubits)
    assert torch.equal(ranks == 2, entangled)


def test_carriers_of_a_line_are_the_qubits_between() -> None:
    entangled = torch.tensor([[1, 0, 0, 1, 0], [0, 1, 1, 0, 0], [1, 0, 1, 0, 1], [0, 1, 0, 1, 0]], dtype=torch.bool)
    between = torch.tensor([[0, 1, 1, 0, 0], [0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0]], dtype=torch.bool)
    everything = torch.full((4,), 5)
    gates = torch.ones(4, 2, dtype=torch.bool)
    permitted = permitted_tokens(gates, natural_line(TABLES).expand(4, -1), everything, TABLES)
    assert torch.equal(draw_ancillas(entangled, permitted, TABLES, torch.Generator().manual_seed(0)), between)


def test_there_are_no_carriers_where_no_coupling_leads_or_the_gates_would_not_fit() -> None:
    generator = torch.Generator().manual_seed(0)
    ends = torch.tensor([[True, False, False, False, True]])
    apart = torch.zeros(1, len(TABLES.pairs), dtype=torch.bool)
    apart[0, 0] = True  # qubits 0 and 1 alone
    gates, register = torch.ones(1, 2, dtype=torch.bool), torch.tensor([5])
    assert not bool(draw_ancillas(ends, permitted_tokens(gates, apart, register, TABLES), TABLES, generator).any())
    short = sequence_tables(Layout(5, ("h", "cx"), 7))  # it takes 8
    line = permitted_tokens(gates, natural_line(short)[None], register, short)
    assert not bool(draw_ancillas(ends, line, short, generator).any())


def test_gaps_are_common_on_lines_with_detours_and_rare_without() -> None:
    layout = Layout(5, ("h", "cx"), 12)
    shares = []
    for detours in (0.0, 0.9):
        mixture = GateMixture(
            unitaries=False,
            entanglement=True,
            gate_sets=("h,cx",),
            named=1.0,
            line=1.0,
            shortness=3.0,
            detours=detours,
        )
        batch = CircuitStream(layout, 512, 0, mixture).batch(0)
        assert bool(batch.on_line.all())
        entangled = batch.ranks == 2
        place = torch.arange(5)
        first, last = torch.where(entangled, place, 5).amin(1), torch.where(entangled, place, -1).amax(1)
        shares.append(float(((last - first + 1 > entangled.sum(1)) & entangled.any(1)).float().mean()))
    assert shares[0] < 0.4
    assert shares[1] > shares[0] + 0.15
