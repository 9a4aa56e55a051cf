"""The stream of general circuits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from circuitdiff.circuits.canonical_order import reduce_trivial
from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.commutation import normal_order
from circuitdiff.circuits.layout import NOT_GIVEN, Layout
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.gate_mixture import GateMixture
from circuitdiff.data.seeds import Stream
from circuitdiff.data.sequences import sequence_tables
from circuitdiff.data.stream import CircuitBatch, CircuitStream
from circuitdiff.errors import InputError

LAYOUT = Layout(3, ("h", "cx", "z", "x", "ccx", "swap", "rx", "ry", "rz", "cp"), 10)
ENTANGLED = Layout(4, ("h", "cx"), 8)
RECURRING = ("h,cx,z,x,ccx,swap", "h,cx,ccx,swap,rx,ry,rz,cp")


def stream(seed: int = 3, purpose: Stream = Stream.TRAINING, **shares: float) -> CircuitStream:
    mixture = GateMixture(gate_sets=RECURRING, **shares)  # type: ignore[arg-type]
    return CircuitStream(LAYOUT, 32, seed, mixture, chunk=128, stream=purpose)


def tensors(batch: CircuitBatch) -> list[torch.Tensor]:
    return [value for value in vars(batch).values() if value is not None]


def same(first: CircuitBatch, second: CircuitBatch) -> bool:
    return all(torch.equal(a, b) for a, b in zip(tensors(first), tensors(second), strict=True))


def test_batches_depend_on_seed_and_number_alone() -> None:
    forward, jumping = stream(), stream()
    batches = [forward.batch(number) for number in range(6)]
    for number in (5, 0, 3):
        assert same(batches[number], jumping.batch(number))
    assert not same(batches[0], batches[1])
    assert not same(batches[0], stream(seed=4).batch(0))
    assert not same(batches[0], stream(purpose=Stream.VALIDATION).batch(0))


def test_circuits_keep_to_the_mask_and_the_budgets_shown() -> None:
    batch = stream(mask_given=0.8, budget_given=0.7).batch(0)
    for row, circuit in enumerate(decode(batch.tokens, batch.params.double(), LAYOUT.vocabulary)):
        assert bool(batch.allowed[row][batch.tokens[row]].all())
        assert circuit.num_gates <= batch.max_gates[row] or batch.max_gates[row] == NOT_GIVEN
        assert circuit.two_qubit_count <= batch.max_two_qubit[row] or batch.max_two_qubit[row] == NOT_GIVEN
    assert bool(batch.allowed[~batch.mask_given].all())


def test_entangled_circuits_keep_to_the_mask() -> None:
    mixture = GateMixture(unitaries=False, entanglement=True, line=0.9, mask_given=1.0)
    batch = CircuitStream(ENTANGLED, 256, 0, mixture, chunk=256).batch(0)
    assert bool(torch.gather(batch.allowed, 1, batch.tokens).all())
    assert int(batch.on_line.sum()) > 128


def test_unitaries_are_those_of_the_circuits() -> None:
    batch = stream().batch(1)
    assert batch.unitary is not None
    circuits = decode(batch.tokens, batch.params.double(), LAYOUT.vocabulary)
    for circuit, unitary in zip(circuits, batch.unitary.numpy(), strict=True):
        assert infidelity(circuit.unitary(), unitary) < 1e-5


def test_circuits_are_in_normal_form_with_nothing_to_cancel() -> None:
    made = stream()
    batch = made.batch(2)
    order = normal_order(batch.tokens, sequence_tables(LAYOUT).commute)
    assert torch.equal(torch.gather(batch.tokens, 1, order), batch.tokens)
    gates = batch.tokens != PAD
    assert torch.equal(gates, gates.cummin(dim=1).values)
    for circuit in decode(batch.tokens, batch.params.double(), LAYOUT.vocabulary):
        assert reduce_trivial(circuit).num_gates == circuit.num_gates


def test_without_canonical_order_commuting_gates_come_in_any() -> None:
    ordered, shuffled = stream().batch(2), stream(canonical=False).batch(2)
    table = sequence_tables(LAYOUT).commute
    back = normal_order(shuffled.tokens, table)
    assert torch.equal(torch.gather(shuffled.tokens, 1, back), ordered.tokens)
    changed = (shuffled.tokens != ordered.tokens).any(1)
    assert 0.5 < changed.float().mean()
    circuits = decode(shuffled.tokens, shuffled.params.double(), LAYOUT.vocabulary)
    assert shuffled.unitary is not None
    for circuit, unitary in zip(circuits, shuffled.unitary.numpy(), strict=True):
        assert infidelity(circuit.unitary(), unitary) < 1e-5


def test_circuits_on_fewer_qubits_leave_the_last_ones_idle() -> None:
    batch = stream(smaller=1.0, mask_given=1.0).batch(0)
    for circuit in decode(batch.tokens, batch.params.double(), LAYOUT.vocabulary):
        assert all(max(operation.qubits) < 2 for operation in circuit.operations)


def test_no_circuit_is_on_a_number_of_qubits_that_is_left_out() -> None:
    mixture = GateMixture(unitaries=False, entanglement=True, smaller=0.8, min_qubits=2, left_out=(3,))
    batch = CircuitStream(ENTANGLED, 256, 0, mixture, chunk=256).batch(0)
    assert set((batch.ranks > 0).sum(1).tolist()) == {2, 4}


@pytest.mark.parametrize("sizes", [(2, 3), (4,), (9,), ("3",), ([3],)])
def test_leaving_out_every_number_of_qubits_or_one_that_is_none_of_them_is_refused(sizes: tuple[Any, ...]) -> None:
    with pytest.raises(InputError, match="left_out"):
        CircuitStream(ENTANGLED, 8, 0, GateMixture(unitaries=False, entanglement=True, left_out=sizes))


def test_random_gate_sets_and_couplings_vary() -> None:
    batch = stream(named=0.0, random_coupling=0.5, mask_given=1.0).batch(0)
    assert len(torch.unique(batch.allowed, dim=0)) > 16
    assert len(torch.unique((batch.tokens != PAD).sum(1))) > 5


def entangled() -> CircuitStream:
    mixture = GateMixture(unitaries=False, entanglement=True, named=0.0, smaller=0.5, min_qubits=3)
    return CircuitStream(ENTANGLED, 256, 0, mixture, chunk=256)


def test_ranks_are_those_of_the_state_and_zero_where_there_is_no_qubit() -> None:
    batch = entangled().batch(0)
    circuits = decode(batch.tokens, batch.params.double(), ENTANGLED.vocabulary)
    for circuit, ranks in zip(circuits, batch.ranks.tolist(), strict=True):
        state = circuit.unitary()[:, 0].reshape((2,) * 4)
        for qubit in range(4):
            matrix = np.moveaxis(state, 3 - qubit, 0).reshape(2, -1)
            rank = np.linalg.matrix_rank(matrix, tol=1e-3)
            used = any(qubit in operation.qubits for operation in circuit.operations)
            assert ranks[qubit] == rank or (ranks[qubit] == 0 and not used)


def test_classes_of_entanglement_are_balanced() -> None:
    batch = entangled().batch(0)
    assert batch.images is None
    for size in (3, 4):
        rows = batch.ranks[(batch.ranks > 0).sum(1) == size]
        classes, counts = torch.unique(rows, dim=0, return_counts=True)
        assert len(classes) == 2**size - size
        assert int(counts.max()) < 4 * float(counts.float().mean())
