"""Dressed circuits: the gauge, the order and the cancellations leave the unitary alone."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.layout import Layout, ansatz_layout
from circuitdiff.circuits.simulator import rotation_table, unitaries
from circuitdiff.data.ansatz_mixture import ansatz_tensors
from circuitdiff.data.dressing import NO_PAIR, DressedCircuits, Layers, canonicalise, dress, undress, with_any_paulis
from circuitdiff.data.rotations import compose, from_euler, haar, to_euler

LAYOUT = ansatz_layout(3, 8)
BATCH, LAYERS = 64, 8


def random_layers(kind: str, layout: Layout = LAYOUT) -> Layers:
    generator = torch.Generator().manual_seed(7)

    def gates(*shape: int) -> Tensor:
        if kind == "haar":
            return haar(shape, generator)
        quarter_turns = torch.randint(8, (*shape, 3), generator=generator).double() * math.pi / 2
        return from_euler(*quarter_turns.unbind(-1))

    pairs = torch.randint(NO_PAIR, len(layout.pairs), (BATCH, LAYERS), generator=generator)
    return Layers(gates(BATCH, LAYERS, layout.num_qubits), pairs, gates(BATCH, layout.num_qubits))


def simulate_layers(layers: Layers, layout: Layout = LAYOUT) -> Tensor:
    """Simulate gate by gate, with the library's own u and cz."""
    matrices = []
    for gates, pairs, closing in zip(*layers, strict=True):
        operations: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
        for moment, pair in zip([*gates, closing], [*pairs.tolist(), NO_PAIR], strict=True):
            for qubit, (alpha, beta, gamma) in enumerate(zip(*to_euler(moment), strict=True)):
                operations.append(("u", (qubit,), (float(beta), float(alpha), float(gamma))))
            if pair != NO_PAIR:
                operations.append(("cz", layout.pairs[pair], ()))
        matrices.append(torch.from_numpy(Circuit.from_gates(layout.num_qubits, operations).unitary()))
    return torch.stack(matrices)


def simulate(circuits: DressedCircuits, layout: Layout = LAYOUT) -> Tensor:
    table = rotation_table(layout.vocabulary)
    return unitaries(*ansatz_tensors(circuits, layout), table, torch.complex128)


def largest_infidelity(a: Tensor, b: Tensor) -> float:
    overlap = (a.conj() * b).sum((1, 2)).abs() / a.shape[-1]
    return float((1 - overlap).abs().max())


@pytest.mark.parametrize("kind", ["haar", "clifford"])
@pytest.mark.parametrize("num_qubits", [2, 3, 4])
def test_dressing_keeps_the_unitary(kind: str, num_qubits: int) -> None:
    layout = ansatz_layout(num_qubits, LAYERS)
    layers = random_layers(kind, layout)
    assert largest_infidelity(simulate_layers(layers, layout), simulate(dress(layers, layout), layout)) < 1e-12


@pytest.mark.parametrize("kind", ["haar", "clifford"])
def test_angles_are_in_their_gauge(kind: str) -> None:
    circuits = dress(random_layers(kind), LAYOUT)
    beta, gamma = circuits.angles[..., 0::2], circuits.angles[..., 1::2]
    assert beta.min() >= 0
    assert beta.max() <= math.pi / 2 + 1e-6
    assert gamma.min() >= 0
    assert gamma.max() < 2 * math.pi
    assert bool((gamma[beta == 0] == 0).all())
    assert bool((gamma[beta > math.pi / 2 - 1e-6] < math.pi).all())


def test_padding_comes_last() -> None:
    absent = dress(random_layers("haar"), LAYOUT).pairs == NO_PAIR
    assert bool((absent == absent.cummax(dim=1).values).all())


def test_angles_of_dressed_circuits_come_back() -> None:
    circuits = dress(random_layers("haar"), LAYOUT)
    again = dress(undress(circuits, LAYOUT), LAYOUT)
    assert torch.equal(again.pairs, circuits.pairs)
    torch.testing.assert_close(again.angles, circuits.angles)
    torch.testing.assert_close(again.closing, circuits.closing)


@pytest.mark.parametrize("kind", ["haar", "clifford"])
def test_paulis_pushed_through_keep_the_unitary_and_leave_the_gauge(kind: str) -> None:
    circuits = dress(random_layers(kind), LAYOUT)
    turned = with_any_paulis(circuits, LAYOUT, torch.Generator().manual_seed(0))
    assert torch.equal(turned.pairs, circuits.pairs)
    assert largest_infidelity(simulate(circuits), simulate(turned)) < 1e-12
    beta = turned.angles[..., 0::2][turned.pairs != NO_PAIR]
    assert 0.2 < (beta > math.pi / 2 + 1e-6).double().mean() < 0.6
    assert turned.angles.min() >= 0
    again = dress(undress(turned, LAYOUT), LAYOUT)
    torch.testing.assert_close(again.angles.cos(), circuits.angles.cos(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["haar", "clifford"])
def test_canonical_order_keeps_the_unitary(kind: str) -> None:
    layers = random_layers(kind)
    circuits = canonicalise(dress(layers, LAYOUT), LAYOUT)
    assert largest_infidelity(simulate_layers(layers), simulate(circuits)) < 1e-12


def test_equivalent_orders_of_commuting_entanglers_become_one() -> None:
    identity = torch.tensor([1.0, 0, 0, 0]).double()
    gates = identity.expand(2, 3, 3, 4)
    pairs = torch.tensor([[0, 1, 2], [2, 0, 1]])  # three CZ without anything between them
    circuits = canonicalise(dress(Layers(gates, pairs, identity.expand(2, 3, 4)), LAYOUT), LAYOUT)
    assert circuits.pairs.tolist() == [[0, 1, 2], [0, 1, 2]]


def test_an_entangler_meeting_itself_cancels() -> None:
    identity = torch.tensor([1.0, 0, 0, 0]).double()
    circuits = dress(Layers(identity.expand(1, 3, 3, 4), torch.tensor([[0, 2, 0]]), identity.expand(1, 3, 4)), LAYOUT)
    assert canonicalise(circuits, LAYOUT).pairs.tolist() == [[2, NO_PAIR, NO_PAIR]]


def test_euler_angles_rebuild_the_gate() -> None:
    gate = haar((100,), torch.Generator().manual_seed(1))
    rebuilt = from_euler(*to_euler(gate))
    torch.testing.assert_close((rebuilt * gate).sum(-1).abs(), torch.ones(100).double())


def test_composition_agrees_with_matrices() -> None:
    generator = torch.Generator().manual_seed(2)
    first, second = haar((), generator), haar((), generator)

    def matrix(gate: Tensor) -> Tensor:
        w, x, y, z = (complex(part) for part in gate)
        return torch.tensor([[w - 1j * z, -y - 1j * x], [y - 1j * x, w + 1j * z]])

    torch.testing.assert_close(matrix(compose(second, first)), matrix(second) @ matrix(first))
