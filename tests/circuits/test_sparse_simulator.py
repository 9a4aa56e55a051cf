"""Simulation by two entries a row agrees with the circuits themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.sparse_simulator import sequence_states, sequence_unitaries, sparse_table
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import PAD, Vocabulary
from circuitdiff.errors import InputError

REFUSED = ("u", "dcz", "crx", "cry", "crz")
VOCABULARY = Vocabulary(tuple(name for name in GATES if name not in REFUSED), 3)
TABLE = sparse_table(VOCABULARY, dtype=torch.complex128)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_unitaries_and_states_are_those_of_the_circuits(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(len(VOCABULARY), (4, 9), generator=generator)
    tokens = torch.where(tokens == 1, PAD, tokens)
    angles = 7 * torch.rand(4, 9, generator=generator, dtype=torch.float64)
    circuits = decode(tokens, torch.nn.functional.pad(angles[..., None], (0, 3)), VOCABULARY)
    unitaries = sequence_unitaries(tokens, angles, TABLE)
    states = sequence_states(tokens, angles, TABLE)
    for circuit, unitary, state in zip(circuits, unitaries.numpy(), states.numpy(), strict=True):
        assert infidelity(circuit.unitary(), unitary) < 1e-12
        np.testing.assert_allclose(unitary[:, 0], state, atol=1e-12)


@pytest.mark.parametrize("name", REFUSED)
def test_gates_of_another_form_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"gate {name}"):
        sparse_table(Vocabulary((name,), 2))
