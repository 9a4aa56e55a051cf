"""The forward process and the loss of the gate mode."""

from __future__ import annotations

import math

import torch

from circuitdiff.circuits.vocabulary import MASK
from circuitdiff.diffusion.masked import mask_tokens, masked_cross_entropy, stratified_times


def test_stratified_times_put_one_time_in_each_interval() -> None:
    times = stratified_times(100, 4, torch.Generator().manual_seed(0))
    assert times.min() > 0
    assert times.max() <= 1
    assert torch.equal(((1 - times) * 4).floor().long(), torch.arange(4).expand(100, 4))


def test_masking_has_the_marginal_of_its_time() -> None:
    time = torch.tensor([0.0, 0.3, 1.0])
    tokens = torch.full((3, 20_000), 5)
    noisy, masked = mask_tokens(
        tokens, time, torch.ones_like(tokens, dtype=torch.bool), torch.Generator().manual_seed(0)
    )
    torch.testing.assert_close(masked.float().mean(1), time, atol=0.02, rtol=0)
    assert torch.equal(noisy == MASK, masked)
    assert torch.equal(noisy[~masked], tokens[~masked])


def test_masking_leaves_ineligible_positions_alone() -> None:
    tokens = torch.full((8, 10), 5)
    eligible = torch.zeros_like(tokens, dtype=torch.bool)
    eligible[:, :4] = True
    _, masked = mask_tokens(tokens, torch.ones(8), eligible, torch.Generator().manual_seed(0))
    assert torch.equal(masked, eligible)


def test_cross_entropy_counts_masked_positions_alone() -> None:
    tokens = torch.tensor([[2, 3], [2, 3]])
    logits = torch.zeros(2, 2, 4)
    logits[0, 1, 0] = 50.0  # sure, wrong, and not asked for
    masked = torch.tensor([[True, False], [False, False]])
    loss = masked_cross_entropy(logits, tokens, masked)
    torch.testing.assert_close(loss, torch.tensor(math.log(4)))


def test_cross_entropy_of_nothing_masked_is_zero() -> None:
    tokens = torch.tensor([[2, 3]])
    assert masked_cross_entropy(torch.zeros(1, 2, 4), tokens, torch.zeros(1, 2, dtype=torch.bool)) == 0
