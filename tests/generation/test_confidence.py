"""What samples of circuits with angles must keep to: masks, bounds, and whatever is kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import MASK, NUM_SPECIAL, PAD
from circuitdiff.diffusion.circle import wrap
from circuitdiff.generation.constraint import Constraint, make_constraint, possible_lengths
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import InpaintingMask, keep_gates, keep_nothing, refill_gates
from circuitdiff.generation.samplers import CircuitBatch, Schedule, sample_by_confidence
from tests.small_gate_models import SMALL_GATES

LAYOUT = SMALL_GATES.layout
SIZE, WORDS = LAYOUT.max_gates, len(LAYOUT.vocabulary)
ENTANGLING = torch.from_numpy(LAYOUT.is_entangling)


def noise_network(seed: int) -> Denoise:
    """Return a network that answers by a fixed random table of what it is shown."""
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(WORDS, SIZE, WORDS, generator=generator)

    def denoise(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        logits = torch.nn.functional.one_hot(tokens, WORDS).float().sum(-2) @ mix.flatten(1)
        velocity = torch.zeros(*tokens.shape, 4) if angles is None else torch.sin(3 * angles)
        return logits.view(*tokens.shape[:2], SIZE, WORDS), velocity

    return denoise


def constraint(mask: list[bool] | None = None, max_gates: int = SIZE, max_two_qubit: int = SIZE) -> Constraint:
    allowed = torch.from_numpy(LAYOUT.permitted()) if mask is None else torch.tensor([False, False, *mask])
    return make_constraint(LAYOUT, allowed[None], 0, max_gates, max_two_qubit)


def drawn(denoise: Denoise, kept: InpaintingMask, within: Constraint, how: Schedule, seed: int) -> CircuitBatch:
    return sample_by_confidence(denoise, kept, within, how, torch.Generator().manual_seed(seed))


def random_circuit(seed: int, num_gates: int) -> Circuit:
    rng = np.random.default_rng(seed)
    tokens = torch.from_numpy(rng.integers(NUM_SPECIAL, WORDS, (1, num_gates)))
    params = torch.from_numpy(rng.uniform(0, 6, (1, num_gates, 4)))
    return decode(tokens, params, LAYOUT.vocabulary)[0]


@settings(max_examples=60, deadline=None)
@given(
    mask=st.lists(st.booleans(), min_size=WORDS - NUM_SPECIAL, max_size=WORDS - NUM_SPECIAL),
    bounds=st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)),
    keep=st.lists(st.booleans(), min_size=0, max_size=SIZE),
    samples=st.integers(1, 5),
    steps=st.integers(1, 9),
    angles=st.booleans(),
    remask=st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 2**31),
)
def test_masks_and_bounds_are_never_violated_and_kept_parts_are_kept(
    mask: list[bool],
    bounds: tuple[int, int],
    keep: list[bool],
    samples: int,
    steps: int,
    angles: bool,
    remask: float,
    seed: int,
) -> None:
    within = constraint(mask, *bounds)
    circuit = random_circuit(seed, len(keep))
    template = keep_gates(circuit, LAYOUT, keep) if keep else keep_nothing(LAYOUT)
    assume(bool(possible_lengths(within, template).any()))
    how = Schedule(samples, steps, angles=angles, remask=remask)
    found = drawn(noise_network(seed), template, within, how, seed)
    assert (found.params is not None) == angles
    tokens, params = found.tokens[0], found.angles()[0]
    assert tokens.shape == (samples, SIZE)
    assert bool((tokens != MASK).all())
    gates = tokens != PAD
    assert torch.equal(gates, gates.cummin(dim=1).values), "PAD fills the end"
    assert bool(within.allowed[0][tokens[gates & ~template.keep_tokens]].all())
    assert int(gates.sum(1).max()) <= bounds[0]
    assert int(ENTANGLING[tokens].sum(1).max()) <= bounds[1]
    for position, kept in enumerate(keep):
        if kept:
            assert bool((tokens[:, position] == template.tokens[0, position]).all())
            assert not angles or bool((params[:, position] == template.params[0, position]).all())


@settings(max_examples=40, deadline=None)
@given(
    keep=st.lists(st.booleans(), min_size=1, max_size=SIZE),
    growth=st.integers(0, 3),
    seed=st.integers(0, 2**31),
)
def test_refilled_circuits_keep_their_gates_in_order(keep: list[bool], growth: int, seed: int) -> None:
    circuit = random_circuit(seed, len(keep))
    generator = torch.Generator().manual_seed(seed)
    template = refill_gates(circuit, LAYOUT, keep, 6, generator, growth)
    found = drawn(noise_network(seed), template, constraint(), Schedule(6, 3), seed)
    wanted = [operation[:2] for operation, kept in zip(circuit.operations, keep, strict=True) if kept]
    runs = sum(not kept and (place == 0 or keep[place - 1]) for place, kept in enumerate(keep))
    for row, refilled in enumerate(decode(found.tokens[0], found.angles()[0], LAYOUT.vocabulary)):
        assert refilled.num_gates <= circuit.num_gates + growth * runs
        places = [place for place in range(refilled.num_gates) if bool(template.keep_tokens[row, place])]
        assert [refilled.operations[place][:2] for place in places] == wanted


def test_kept_angles_are_shown_on_their_way_from_noise() -> None:
    circuit = Circuit.from_gates(3, [("rx", (0,), (1.5,)), ("cp", (0, 1), (2.5,))])
    template = keep_gates(circuit, LAYOUT, [True, True], keep_angles=[True, False])
    seen: list[Tensor] = []

    def denoise(tokens: Tensor, angles: Tensor | None, time: Tensor | None) -> tuple[Tensor, Tensor]:
        assert angles is not None
        seen.append(angles[0, 0, :2, 0])
        return torch.zeros(*tokens.shape, WORDS), torch.full_like(angles, 0.25)

    found = drawn(denoise, template, constraint(max_gates=2), Schedule(1, 4), 0).angles()[0]
    steps = wrap(torch.stack(seen).diff(dim=0))
    torch.testing.assert_close(steps[:, 0], wrap(1.5 - seen[0][0]).expand(3) / 4)
    torch.testing.assert_close(steps[:, 1], torch.full((3,), 0.25 / 4))
    assert float(found[0, 0, 0]) == pytest.approx(1.5)
    torch.testing.assert_close(wrap(found[0, 1, 0] - seen[0][1]), torch.tensor(0.25), atol=1e-5, rtol=0)


def test_a_kept_end_closes_the_circuit() -> None:
    tokens = torch.full((1, SIZE), PAD)
    closed = torch.arange(SIZE)[None] >= 3
    template = InpaintingMask(tokens, torch.zeros(1, SIZE, 4), closed, closed)
    assert possible_lengths(constraint(), template)[0, 0].tolist() == [True] * 4 + [False] * (SIZE - 3)
