"""What every structure sampler must keep to, and what the angle sampler returns."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation.angles import sample_angles
from circuitdiff.generation.beam import search_structures
from circuitdiff.generation.denoise import (
    Constraint,
    Denoise,
    bind,
    blank_structures,
    guided,
    length_log_probabilities,
    make_constraint,
)
from circuitdiff.generation.structures import Structures, sample_structures
from tests.small_models import SMALL, small_denoiser, small_model

SKELETON = SMALL.layout
K = SMALL.max_gates
SAMPLERS = [sample_structures, search_structures]
Sampler = Callable[[Denoise, Constraint, int, int, torch.Generator], Structures]


def denoiser(targets: int, seed: int = 0) -> Denoise:
    return bind(small_denoiser(seed=seed), small_model(seed=seed).encode(torch.eye(8).expand(targets, 8, 8).numpy()))


def constraint_on(pairs: Tensor, shortest: Tensor, longest: Tensor) -> Constraint:
    """Return a constraint of which pairs (targets, pairs) may be entangled, and of how often."""
    allowed = torch.zeros(len(pairs), len(SKELETON.vocabulary), dtype=torch.bool)
    allowed[:, list(SKELETON.drawn_tokens)] = pairs
    return make_constraint(allowed, K, shortest, longest)


def free(targets: int = 1) -> Constraint:
    return constraint_on(
        torch.ones(targets, 3, dtype=torch.bool), torch.zeros(targets).long(), torch.full((targets,), K)
    )


@pytest.mark.parametrize("sampler", SAMPLERS)
@settings(max_examples=25, deadline=None)
@given(
    allowed=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()).filter(any), min_size=1, max_size=3),
    bounds=st.tuples(st.integers(0, K), st.integers(0, K)).map(sorted),
    steps=st.integers(1, 7),
    seed=st.integers(0, 2**31),
)
def test_structures_never_break_the_constraint(
    sampler: Sampler, allowed: list[tuple[bool, ...]], bounds: list[int], steps: int, seed: int
) -> None:
    mask = torch.tensor(allowed)
    shortest, longest = (torch.full((len(allowed),), bound) for bound in bounds)
    constraint = constraint_on(mask, shortest, longest)
    found = sampler(denoiser(len(allowed)), constraint, 6, steps, torch.Generator().manual_seed(seed))
    assert found.tokens.shape == (len(allowed), 6, K)
    real = found.tokens != PAD
    assert bool((found.tokens != MASK).all())
    assert bool((real == real.cummin(dim=-1).values).all()), "PAD fills the end"
    assert bool((real.sum(-1) >= bounds[0]).all())
    assert bool((real.sum(-1) <= bounds[1]).all())
    permitted = constraint.allowed[torch.arange(len(allowed))[:, None, None], found.tokens]
    assert bool((permitted | ~real).all())


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samplers_repeat_themselves_for_a_seed(sampler: Sampler) -> None:
    first, second = (sampler(denoiser(2), free(2), 16, 4, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first.tokens, second.tokens)
    torch.testing.assert_close(first.scores, second.scores)


def test_sampling_leaves_the_global_generator_alone() -> None:
    torch.manual_seed(0)
    state = torch.random.get_rng_state()
    sample_structures(denoiser(1), free(), 8, 3, torch.Generator().manual_seed(1))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_searched_structures_are_distinct_and_in_order_of_their_likelihood() -> None:
    found = search_structures(denoiser(1), free(), 32, 0, torch.Generator())
    assert len(torch.unique(found.tokens[0], dim=0)) == 32
    assert bool((found.scores[0].diff() <= 0).all())


def test_search_finds_every_structure_there_is() -> None:
    one_pair = constraint_on(torch.tensor([[True, False, False]]), torch.tensor([0]), torch.tensor([K]))
    found = search_structures(denoiser(1), one_pair, 10, 0, torch.Generator())
    real = found.scores[0] > -torch.inf
    assert int(real.sum()) == K + 1
    torch.testing.assert_close(found.scores[0][real].exp().sum(), torch.tensor(1.0), atol=1e-4, rtol=0)


def test_equal_partial_structures_share_an_evaluation() -> None:
    seen: list[int] = []
    inner = denoiser(1)

    def counting(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        seen.append(tokens.shape[1])
        return inner(tokens, angles, time)

    constraint = constraint_on(torch.ones(1, 3).bool(), torch.tensor([2]), torch.tensor([2]))
    sample_structures(counting, constraint, 500, 2, torch.Generator().manual_seed(0))
    assert seen[:2] == [1, 1]
    assert seen[2] <= 2 * 3


def test_length_probabilities_are_those_of_the_first_pad() -> None:
    logits = torch.full((1, 1, K, len(SKELETON.vocabulary)), -30.0)
    at_most = [0.1, 0.1, 0.6, 0.9, 0.9]
    for position, share in enumerate(at_most):
        logits[..., position, PAD] = math.log(share)
        logits[..., position, SKELETON.drawn_tokens[0]] = math.log(1 - share)
    found = length_log_probabilities(lambda *_: (logits, logits), free()).exp()
    torch.testing.assert_close(found, torch.tensor([[0.1, 0, 0.5, 0.3, 0, 0.1]]), atol=1e-5, rtol=0)


def test_blank_structures_know_the_budget() -> None:
    constraint = constraint_on(torch.ones(1, 3).bool(), torch.tensor([1]), torch.tensor([2]))
    assert blank_structures(constraint).tolist() == [[[MASK, MASK, PAD, PAD, PAD]]]


def test_angles_follow_a_constant_flow_to_its_end() -> None:
    tokens = torch.tensor([SKELETON.tokens_on([(0, 1)])])[None]

    def rotating(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        assert angles is not None
        return angles, torch.full_like(angles, 0.5)

    still = sample_angles(lambda t, a, s: (a, torch.zeros_like(a)), tokens, 4, torch.Generator().manual_seed(3))
    moved = sample_angles(rotating, tokens, 4, torch.Generator().manual_seed(3))
    torch.testing.assert_close(torch.remainder(still + 0.5, 2 * math.pi), moved, atol=1e-5, rtol=0)
    assert moved.min() >= 0
    assert moved.max() <= 2 * math.pi


def test_guidance_of_scale_one_changes_nothing() -> None:
    conditional, unconditional = denoiser(1, seed=0), denoiser(1, seed=1)
    tokens = torch.full((1, 2, K), MASK)
    plain = conditional(tokens, None, None)[0]
    torch.testing.assert_close(guided(conditional, unconditional, 1.0)(tokens, None, None)[0], plain)
    pushed = guided(conditional, unconditional, 2.0)(tokens, None, None)[0]
    torch.testing.assert_close(pushed, 2 * plain - unconditional(tokens, None, None)[0])
