"""The macros of the families are the gates they are named after."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.layout import ansatz_layout
from circuitdiff.circuits.simulator import rotation_table, unitaries
from circuitdiff.data.ansatz_mixture import ansatz_tensors
from circuitdiff.data.dressing import NO_PAIR, Layers, dress
from circuitdiff.data.families import PROGRAMS, family_layers, macro_table
from circuitdiff.data.rotations import IDENTITY, compose, rotation

LAYOUT = ansatz_layout(3, 12)
ANGLES = torch.tensor([0.7, 0.3, 1.1], dtype=torch.float64)
NAMES = {"ccz-line": "ccz"} | {name: name for name in PROGRAMS if name in GATES}


@pytest.mark.parametrize("macro", sorted(NAMES))
def test_macro_is_the_gate_of_its_name(macro: str) -> None:
    table, row = macro_table(), list(PROGRAMS).index(macro)
    turn = rotation(table.axis[row], ANGLES[table.which[row]] * table.scale[row])
    gates = compose(table.later[row], compose(turn, table.earlier[row]))
    pairs = [
        NO_PAIR if NO_PAIR in ends else LAYOUT.pairs.index((min(ends), max(ends))) for ends in table.ends[row].tolist()
    ]
    closing = torch.tensor(IDENTITY, dtype=torch.float64).expand(1, 3, 4)
    circuits = dress(Layers(gates[None], torch.tensor([pairs]), closing), LAYOUT)
    found = unitaries(*ansatz_tensors(circuits, LAYOUT), rotation_table(LAYOUT.vocabulary), torch.complex128)
    gate = GATES[NAMES[macro]]
    matrix = gate.matrix(ANGLES[: gate.num_params].tolist())
    expected = np.kron(np.eye(8 // len(matrix)), matrix)
    assert infidelity(expected, found[0].numpy()) < 1e-12


def test_families_respect_the_coupling_and_the_length() -> None:
    allowed = torch.tensor([[True, False, True], [False, True, False], [True, True, True]]).repeat(40, 1)
    layers = family_layers(allowed, LAYOUT, torch.Generator().manual_seed(0))
    used = layers.pairs != NO_PAIR
    assert bool((used.sum(1) <= LAYOUT.max_gates).all())
    assert bool(used.sum(1).float().mean() > 2)
    rows = torch.arange(len(allowed))[:, None].expand_as(layers.pairs)
    assert bool(allowed[rows[used], layers.pairs[used]].all())


def test_families_are_drawn_where_the_uniform_distribution_yields_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in millions of draws it does, and the logarithm behind the favourites must stay finite."""
    drawn = torch.rand

    def with_zeros(*size: int, **settings: Any) -> torch.Tensor:
        values = drawn(*size, **settings)
        values[..., ::2] = 0.0
        return values

    monkeypatch.setattr(torch, "rand", with_zeros)
    allowed = torch.ones(16, len(LAYOUT.pairs), dtype=torch.bool)
    layers = family_layers(allowed, LAYOUT, torch.Generator().manual_seed(0))
    assert torch.isfinite(layers.gates).all()
