"""The network: shapes, sharing, and what it must not see."""

from __future__ import annotations

import numpy as np
import torch

from circuitdiff.circuits.vocabulary import MASK
from circuitdiff.generation.requests import Request, conditions_of
from circuitdiff.models.condition import Condition
from tests.small_models import SMALL, small_denoiser, small_model

N, K = SMALL.num_qubits, SMALL.max_gates


def condition(targets: int, seed: int = 0, target_given: bool = True) -> Condition:
    rng = np.random.default_rng(seed)
    matrices = rng.normal(size=(targets, 2**N, 2**N)) + 1j * rng.normal(size=(targets, 2**N, 2**N))
    unitaries = np.linalg.qr(matrices)[0]
    request = Request(N, SMALL.layout.permitted(), unitaries[0] if target_given else None)
    return conditions_of(request, unitaries, SMALL, "cpu")


def test_outputs_have_the_shapes_of_their_inputs() -> None:
    model = small_denoiser()
    encoded = model.encode(condition(2))
    tokens = torch.full((2, 4, K + N), MASK)
    logits, velocity = model(tokens, torch.zeros(2, 4, K + N, 4), torch.zeros(2, 4), encoded)
    assert logits.shape == (2, 4, K + N, len(SMALL.layout.vocabulary))
    assert velocity.shape == (2, 4, K + N, 4)


def test_circuits_of_a_batch_do_not_see_each_other() -> None:
    model = small_denoiser()
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(2, 5, (3, 4, K), generator=generator)
    encoded = model.encode(condition(3))
    together, _ = model(tokens, None, None, encoded)
    alone, _ = model(tokens[1:2, 2:3], None, None, encoded[1:2])
    torch.testing.assert_close(together[1, 2], alone[0, 0], atol=1e-5, rtol=1e-4)


def test_an_absent_unitary_is_not_seen() -> None:
    model = small_denoiser()
    tokens = torch.full((1, 1, K), MASK)
    first, second = (
        model(tokens, None, None, model.encode(condition(1, seed, target_given=False)))[0] for seed in (1, 2)
    )
    torch.testing.assert_close(first, second)
    given, other = (model(tokens, None, None, model.encode(condition(1, seed)))[0] for seed in (1, 2))
    assert not torch.allclose(given, other)


def test_the_global_phase_of_a_target_is_not_seen() -> None:
    model = small_model()
    rng = np.random.default_rng(0)
    unitary = np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))[0]
    encoded = [model.encode(phase * unitary[None]).remembered for phase in (1, np.exp(1j))]
    torch.testing.assert_close(encoded[0], encoded[1], atol=1e-5, rtol=1e-4)
