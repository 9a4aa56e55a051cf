from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.simulator import rotation_table, unitaries
from circuitdiff.circuits.tensors import decode, encode
from circuitdiff.circuits.vocabulary import MASK, PAD, Vocabulary
from circuitdiff.errors import InputError

VOCABULARY = Vocabulary(tuple(GATES), 3)
TABLE = rotation_table(VOCABULARY)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), num_gates=st.integers(0, 9))
def test_tensors_come_back_as_the_same_operation(seed: int, num_gates: int) -> None:
    rng = np.random.default_rng(seed)
    gates = []
    for name in rng.choice(list(GATES), size=num_gates):
        qubits = rng.permutation(3)[: GATES[name].num_qubits]
        gates.append((str(name), qubits, rng.uniform(-3, 3, GATES[name].num_params)))
    circuit = Circuit.from_gates(3, gates)
    tokens, params = encode([circuit], VOCABULARY, 9)
    assert tokens.shape == (1, 9)
    assert (tokens[0, num_gates:] == PAD).all()
    (back,) = decode(tokens, params, VOCABULARY)
    np.testing.assert_allclose(back.unitary(), circuit.unitary(), atol=1e-12)
    simulated = unitaries(tokens, params, TABLE, torch.complex128)[0].numpy()
    assert infidelity(circuit.unitary(), simulated) < 1e-12


def test_what_does_not_fit_is_refused_with_numbers() -> None:
    circuit = Circuit.from_gates(3, [("h", (0,), ())] * 3)
    with pytest.raises(InputError, match="3 gates, more than the 2"):
        encode([circuit], VOCABULARY, 2)
    with pytest.raises(InputError, match="h on qubits"):
        encode([circuit], Vocabulary(("cx",), 3), 3)


def test_masked_positions_are_no_circuit() -> None:
    with pytest.raises(InputError, match="masked"):
        decode(torch.tensor([[MASK]]), torch.zeros(1, 1, 4), VOCABULARY)
