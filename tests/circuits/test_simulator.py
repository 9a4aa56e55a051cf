"""Batched simulation against the unitaries of single circuits."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gates import GATES, MAX_PARAMS
from circuitdiff.circuits.simulator import rotation_table, unitaries, unitaries_and_jacobians
from circuitdiff.circuits.vocabulary import MASK, PAD, Vocabulary
from tests.strategies import circuits

ALL = {n: Vocabulary(tuple(name for name in GATES if GATES[name].num_qubits <= n), n) for n in (1, 2, 3)}
TABLES = {n: rotation_table(vocabulary) for n, vocabulary in ALL.items()}
ANGLED = [name for name, definition in GATES.items() if definition.num_params]


def encoded(batch: list[Circuit], vocabulary: Vocabulary, gates: int) -> tuple[Tensor, Tensor]:
    """Tokens and params of circuits over gates written in the vocabulary's own qubit order, padded at random places."""
    rng = np.random.default_rng(0)
    tokens = torch.full((len(batch), gates), PAD)
    params = torch.zeros(len(batch), gates, MAX_PARAMS, dtype=torch.float64)
    for row, circuit in enumerate(batch):
        places = np.sort(rng.permutation(gates)[: circuit.num_gates])
        for place, (name, qubits, angles) in zip(places, circuit.operations, strict=True):
            tokens[row, place] = vocabulary.index(name, qubits)
            params[row, place, : len(angles)] = torch.tensor(angles, dtype=torch.float64)
    return tokens, params


@st.composite
def batches(draw: st.DrawFn) -> tuple[int, list[Circuit]]:
    num_qubits = draw(st.integers(1, 3))
    names = [name for name in GATES if name != "dcz"]
    one = circuits(names, min_qubits=num_qubits, max_qubits=num_qubits, max_gates=6)
    return num_qubits, draw(st.lists(one, min_size=1, max_size=5))


@given(batches(), st.sampled_from([(torch.complex64, 1e-5), (torch.complex128, 1e-13)]))
def test_unitaries_of_a_mixed_batch_are_those_of_its_circuits(
    batch: tuple[int, list[Circuit]], precision: tuple[torch.dtype, float]
) -> None:
    num_qubits, members = batch
    tokens, params = encoded(members, ALL[num_qubits], 8)
    simulated = unitaries(tokens, params, TABLES[num_qubits], precision[0])
    assert simulated.dtype == precision[0]
    for circuit, unitary in zip(members, simulated.to(torch.complex128).numpy(), strict=True):
        np.testing.assert_allclose(unitary @ unitary.conj().T, np.eye(2**num_qubits), atol=precision[1])
        assert infidelity(circuit.unitary(), unitary) < precision[1]


def test_unitaries_of_padding_are_the_identity() -> None:
    tokens = torch.tensor([[PAD, MASK, PAD]])
    params = torch.randn(1, 3, MAX_PARAMS, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(unitaries(tokens, params, TABLES[3])[0], torch.eye(8, dtype=torch.complex64))
    unitary, jacobian = unitaries_and_jacobians(tokens, params, TABLES[3])
    torch.testing.assert_close(unitary[0], torch.eye(8, dtype=torch.complex128))
    assert not jacobian.abs().any()


def test_unitaries_of_the_models_gate_take_its_angles_in_order() -> None:
    vocabulary = Vocabulary(("dcz", "u"), 3)
    circuit = Circuit.from_gates(3, [("dcz", (0, 2), (0.3, 0.5, 0.7, 1.1)), ("u", (1,), (0.2, 0.4, 0.6))])
    tokens, params = encoded([circuit], vocabulary, 4)
    simulated = unitaries(tokens, params, rotation_table(vocabulary), torch.complex128)[0].numpy()
    assert infidelity(circuit.expand().unitary(), simulated) < 1e-14


@pytest.mark.parametrize("name", ANGLED)
def test_jacobian_agrees_with_finite_differences(name: str) -> None:
    """The gate in a mixed batch, among other gates and as the only one."""
    qubits = tuple(range(GATES[name].num_qubits))
    rng = np.random.default_rng(5)
    angles = rng.uniform(-3, 3, GATES[name].num_params)
    among = [("u", (1,), (0.3, 0.4, 0.5)), ("ccx", (0, 1, 2), ()), (name, qubits, angles), ("cry", (2, 0), (0.8,))]
    members = [Circuit.from_gates(3, among), Circuit.from_gates(3, [(name, qubits, angles)])]
    tokens, params = encoded(members, ALL[3], 5)
    unitary, jacobian = unitaries_and_jacobians(tokens, params, TABLES[3])
    torch.testing.assert_close(unitary, unitaries(tokens, params, TABLES[3], torch.complex128))
    step = 1e-5
    for position in range(5):
        for index in range(MAX_PARAMS):
            shift = torch.zeros_like(params)
            shift[:, position, index] = step
            ahead, behind = (unitaries(tokens, params + sign * shift, TABLES[3], torch.complex128) for sign in (1, -1))
            torch.testing.assert_close(jacobian[:, position, index], (ahead - behind) / (2 * step), atol=1e-9, rtol=0)


def test_jacobian_has_the_precision_that_is_asked_for() -> None:
    tokens, params = encoded([Circuit.from_gates(2, [("rzz", (0, 1), (0.4,)), ("h", (0,), ())])], ALL[2], 3)
    exact, rough = (unitaries_and_jacobians(tokens, params, TABLES[2], d) for d in (torch.complex128, torch.complex64))
    for ours, theirs in zip(exact, rough, strict=True):
        assert theirs.dtype == torch.complex64
        torch.testing.assert_close(ours.to(torch.complex64), theirs, atol=1e-6, rtol=0)


def test_rotation_table_tells_the_register() -> None:
    assert [TABLES[n].dimension for n in (1, 2, 3)] == [2, 4, 8]
