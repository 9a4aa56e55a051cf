"""The training stream."""

from __future__ import annotations

import pytest
import torch

from circuitdiff.circuits.layout import NOT_GIVEN, ansatz_layout
from circuitdiff.circuits.simulator import rotation_table, unitaries
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.data.ansatz_mixture import AnsatzMixture, draw_couplings
from circuitdiff.data.seeds import Stream
from circuitdiff.data.stream import CircuitBatch, CircuitStream
from circuitdiff.features.invariants import heisenberg_images

LAYOUT = ansatz_layout(3, 6)


def stream(seed: int = 3, **shares: float) -> CircuitStream:
    return CircuitStream(LAYOUT, 32, seed, AnsatzMixture(**shares), chunk=128)  # type: ignore[arg-type]


def tensors(batch: CircuitBatch) -> list[torch.Tensor]:
    return [value for value in vars(batch).values() if value is not None]


def test_batches_depend_on_seed_and_number_alone() -> None:
    forward, jumping = stream(), stream()
    batches = [forward.batch(number) for number in range(6)]
    for number in (5, 0, 3):
        for expected, found in zip(tensors(batches[number]), tensors(jumping.batch(number)), strict=True):
            assert torch.equal(expected, found)
    assert not torch.equal(batches[0].images, batches[1].images)
    assert not torch.equal(batches[0].images, stream(seed=4).batch(0).images)


def test_validation_circuits_are_not_training_circuits() -> None:
    held_out = CircuitStream(LAYOUT, 32, 3, AnsatzMixture(), chunk=128, stream=Stream.VALIDATION)
    assert not torch.equal(
        held_out.batch(0).images, CircuitStream(LAYOUT, 32, 3, AnsatzMixture(), chunk=128).batch(0).images
    )


def test_padding_is_a_suffix_and_closing_gates_come_last() -> None:
    tokens = stream().batch(0).tokens
    padded = tokens[:, : LAYOUT.max_gates] == PAD
    assert bool((padded == padded.cummax(dim=1).values).all())
    assert torch.equal(tokens[:, LAYOUT.max_gates :], torch.tensor(LAYOUT.final_tokens).expand(32, -1))


def test_circuits_obey_the_mask_and_the_budget_that_are_shown() -> None:
    batch = stream(line=0.5, one_pair=0.2, mask_given=1.0, budget_given=1.0).batch(0)
    pair_tokens = torch.tensor(LAYOUT.drawn_tokens)
    used = (batch.tokens[:, :, None] == pair_tokens).any(1)
    assert not bool((used & ~batch.allowed[:, pair_tokens]).any())
    assert not bool(batch.allowed.all())
    length = (batch.tokens[:, : LAYOUT.max_gates] != PAD).sum(1)
    assert bool((length <= batch.max_gates).all())
    assert bool((batch.max_gates <= LAYOUT.max_gates).all())


def test_nothing_is_shown_where_nothing_is_given() -> None:
    batch = stream(mask_given=0.0, budget_given=0.0).batch(0)
    assert bool(batch.allowed.all())
    assert not bool(batch.mask_given.any())
    assert bool((batch.max_gates == NOT_GIVEN).all())


def test_shown_images_are_those_of_the_circuits() -> None:
    batch = stream().batch(0)
    matrices = unitaries(batch.tokens, batch.params, rotation_table(LAYOUT.vocabulary), torch.complex128)
    torch.testing.assert_close(batch.images, heisenberg_images(matrices).float(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("families", [0.0, 1.0])
def test_stream_yields_circuits_of_many_lengths(families: float) -> None:
    made = CircuitStream(LAYOUT, 1024, 0, AnsatzMixture(families=families))
    lengths = (made.batch(0).tokens[:, : LAYOUT.max_gates] != PAD).sum(1)
    assert len(lengths.unique()) == LAYOUT.max_gates + 1


def test_features_are_finite() -> None:
    batch = stream().batch(1)
    assert bool(batch.images.isfinite().all())
    assert bool(batch.spectra.isfinite().all())


def test_mixture_says_how_many_random_circuits_have_haar_gates() -> None:
    """Between Haar gates no angle is special; in every other style, some are."""

    def generic(share: float) -> float:
        batch = CircuitStream(LAYOUT, 512, 0, AnsatzMixture(families=0.0, haar=share)).batch(0)
        angles = batch.params[:, : LAYOUT.max_gates, :4]
        placed = (batch.tokens[:, : LAYOUT.max_gates] != PAD)[..., None] & (angles.new_ones(4) > 0)
        special = (torch.remainder(angles, torch.pi / 4).sub(torch.pi / 8).abs() > torch.pi / 8 - 1e-4) & placed
        return float((~special.any((1, 2)))[placed.any((1, 2))].float().mean())

    assert generic(1.0) > 0.95
    assert generic(0.0) < 0.2


@pytest.mark.parametrize("num_qubits", [3, 4, 5])
def test_couplings_are_single_pairs_or_join_all_qubits(num_qubits: int) -> None:
    layout = ansatz_layout(num_qubits, 6)
    mixture = AnsatzMixture(one_pair=0.2, line=0.4, sparse=0.5)
    allowed, used = draw_couplings(400, layout, mixture, torch.Generator().manual_seed(0))
    assert not bool((used & ~allowed).any())
    for row in (*allowed, *used):
        chosen = [pair for pair, is_in in zip(layout.pairs, row.tolist(), strict=True) if is_in]
        assert len(chosen) == 1 or is_connected(num_qubits, chosen)
    sizes = allowed.sum(1)
    assert {1, len(layout.pairs)} <= set(sizes.tolist())
    assert bool(((sizes > 1) & (sizes < len(layout.pairs))).any())
    assert bool((used.sum(1) < sizes).any()) == (num_qubits > 3)


def is_connected(num_qubits: int, pairs: list[tuple[int, int]]) -> bool:
    reached = {0}
    for _ in range(num_qubits):
        reached |= {qubit for pair in pairs if reached & set(pair) for qubit in pair}
    return len(reached) == num_qubits
