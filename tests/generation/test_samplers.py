"""What every sampler must keep to, and what the sampler of angles returns."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from circuitdiff.circuits.vocabulary import MASK, PAD
from circuitdiff.generation.constraint import (
    Constraint,
    greatest,
    length_scores,
    make_constraint,
    open_positions,
    possible_lengths,
)
from circuitdiff.generation.denoise import Denoise, bind, guided
from circuitdiff.generation.inpainting import keep_nothing
from circuitdiff.generation.samplers import SAMPLERS, Schedule, beam_search, sample_angles, sample_gates
from tests.small_models import SMALL, small_denoiser, small_model

LAYOUT = SMALL.layout
K = SMALL.max_gates
BLANK = keep_nothing(LAYOUT)
DRAWING = sorted(set(SAMPLERS) - {"angles"})
"""Samplers that draw gates; the sampler of angles is given them."""


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def denoiser(targets: int, seed: int = 0) -> Denoise:
    return bind(small_denoiser(seed=seed), small_model(seed=seed).encode(torch.eye(8).expand(targets, 8, 8).numpy()))


def constraint_on(pairs: Tensor, shortest: int = 0, longest: int = K) -> Constraint:
    """Return a constraint of which pairs (targets, pairs) may be entangled, and of how often."""
    allowed = torch.zeros(len(pairs), len(LAYOUT.vocabulary), dtype=torch.bool)
    allowed[:, list(LAYOUT.drawn_tokens)] = pairs
    return make_constraint(LAYOUT, allowed, shortest, longest)


def free(targets: int = 1) -> Constraint:
    return constraint_on(torch.ones(targets, 3, dtype=torch.bool))


@pytest.mark.parametrize("name", DRAWING)
@settings(max_examples=25, deadline=None)
@given(
    allowed=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()).filter(any), min_size=1, max_size=3),
    bounds=st.tuples(st.integers(0, K), st.integers(0, K)).map(sorted),
    steps=st.integers(1, 7),
    seed=st.integers(0, 2**31),
)
def test_samplers_never_break_the_constraint(
    name: str, allowed: list[tuple[bool, ...]], bounds: list[int], steps: int, seed: int
) -> None:
    constraint = constraint_on(torch.tensor(allowed), *bounds)
    found = SAMPLERS[name](denoiser(len(allowed)), BLANK, constraint, Schedule(6, steps), seeded(seed))
    assert found.tokens.shape == (len(allowed), 6, LAYOUT.num_positions)
    assert found.scores.shape == (len(allowed), 6)
    assert (found.tokens[..., K:] == BLANK.tokens[:, K:]).all(), "final gates are kept"
    tokens = found.tokens[..., :K]
    real = tokens != PAD
    assert bool((tokens != MASK).all())
    assert bool((real == real.cummin(dim=-1).values).all()), "PAD fills the end"
    assert bool((real.sum(-1) >= bounds[0]).all())
    assert bool((real.sum(-1) <= bounds[1]).all())
    permitted = constraint.allowed[torch.arange(len(allowed))[:, None, None], tokens]
    assert bool((permitted | ~real).all())


@pytest.mark.parametrize("name", DRAWING)
def test_samplers_keep_what_is_kept(name: str) -> None:
    first, second = LAYOUT.drawn_tokens[:2]
    kept = BLANK.tokens.clone()
    kept[0, 1], kept[0, 3] = first, second
    state = replace(BLANK, tokens=kept, keep_tokens=BLANK.keep_tokens | (kept != PAD))
    found = SAMPLERS[name](denoiser(2), state, free(2), Schedule(8, 3), seeded())
    assert bool((found.tokens[..., 1] == first).all() and (found.tokens[..., 3] == second).all())
    assert bool((found.tokens[..., [0, 2]] != PAD).all())


@pytest.mark.parametrize("name", DRAWING)
def test_samplers_repeat_themselves_for_a_seed(name: str) -> None:
    state = torch.random.get_rng_state()
    first, second = (SAMPLERS[name](denoiser(2), BLANK, free(2), Schedule(16, 4), seeded(5)) for _ in range(2))
    assert torch.equal(first.tokens, second.tokens)
    assert torch.equal(first.angles(), second.angles())
    torch.testing.assert_close(first.scores, second.scores)
    assert torch.equal(torch.random.get_rng_state(), state), "the global generator is left alone"


def test_searched_circuits_are_distinct_and_in_order_of_their_likelihood() -> None:
    found = beam_search(denoiser(1), BLANK, free(), Schedule(32), seeded())
    assert len(torch.unique(found.tokens[0], dim=0)) == 32
    assert bool((found.scores[0].diff() <= 0).all())


def test_search_finds_every_circuit_there_is() -> None:
    one_pair = constraint_on(torch.tensor([[True, False, False]]))
    found = beam_search(denoiser(1), BLANK, one_pair, Schedule(10), seeded())
    real = found.scores[0] > -torch.inf
    assert int(real.sum()) == K + 1
    torch.testing.assert_close(found.scores[0][real].exp().sum(), torch.tensor(1.0), atol=1e-4, rtol=0)


def test_equal_partial_circuits_share_an_evaluation() -> None:
    seen: list[int] = []
    inner = denoiser(1)

    def counting(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        seen.append(tokens.shape[1])
        return inner(tokens, angles, time)

    sample_gates(counting, BLANK, constraint_on(torch.ones(1, 3).bool(), 2, 2), Schedule(500, 2), seeded())
    assert seen[:2] == [1, 1]
    assert seen[2] <= 2 * 3


def test_length_probabilities_are_those_of_the_first_pad() -> None:
    logits = torch.full((1, 1, K, len(LAYOUT.vocabulary)), -30.0)
    at_most = [0.1, 0.1, 0.6, 0.9, 0.9]
    for position, share in enumerate(at_most):
        logits[..., position, PAD] = math.log(share)
        logits[..., position, LAYOUT.drawn_tokens[0]] = math.log(1 - share)
    possible = possible_lengths(free(), BLANK)
    found = length_scores(lambda *_: (logits, logits), BLANK, possible).softmax(-1)[0]
    torch.testing.assert_close(found, torch.tensor([[0.1, 0, 0.5, 0.3, 0, 0.1]]), atol=1e-5, rtol=0)


def test_masked_circuits_know_the_budget() -> None:
    possible = possible_lengths(constraint_on(torch.ones(1, 3).bool(), 1, 2), BLANK)
    assert open_positions(BLANK, greatest(possible), K).tolist() == [[[MASK, MASK, PAD, PAD, PAD]]]


def test_angles_follow_a_constant_flow_to_its_end() -> None:
    tokens = torch.tensor([LAYOUT.tokens_on([(0, 1)])])
    state = replace(BLANK, tokens=tokens).with_gates_kept()

    def rotating(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        assert angles is not None
        return angles, torch.full_like(angles, 0.5)

    still, moved = (
        sample_angles(denoise, state, free(), Schedule(1, 4), seeded(3)).angles()
        for denoise in (lambda t, a, s: (a, torch.zeros_like(a)), rotating)
    )
    torch.testing.assert_close(torch.remainder(still + 0.5, 2 * math.pi), moved, atol=1e-5, rtol=0)
    assert moved.min() >= 0
    assert moved.max() <= 2 * math.pi


def test_angles_are_not_drawn_for_gates_that_are_open() -> None:
    with pytest.raises(ValueError, match="every gate is kept"):
        sample_angles(denoiser(1), BLANK, free(), Schedule(1), seeded())


def test_guidance_of_scale_one_changes_nothing() -> None:
    conditional, unconditional = denoiser(1, seed=0), denoiser(1, seed=1)
    tokens = torch.full((1, 2, K), MASK)
    plain = conditional(tokens, None, None)[0]
    torch.testing.assert_close(guided(conditional, unconditional, 1.0)(tokens, None, None)[0], plain)
    pushed = guided(conditional, unconditional, 2.0)(tokens, None, None)[0]
    torch.testing.assert_close(pushed, 2 * plain - unconditional(tokens, None, None)[0])
