"""The caller's settings of torch change no result, and are left as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import numpy as np
import pytest
import torch
from scipy.stats import unitary_group

import circuitdiff
from circuitdiff import CircuitDiffusion, CircuitSpec, Sampling

TARGET = unitary_group.rvs(8, random_state=1)


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextmanager
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


SETTINGS = {
    "float64": lambda: default_dtype(torch.float64),
    "bfloat16": lambda: default_dtype(torch.bfloat16),
    "device": lambda: torch.device("meta"),
    "deterministic": deterministic,
    "inference": torch.inference_mode,
    "no_grad": torch.no_grad,
}


def settings() -> tuple[object, ...]:
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_num_threads(),
    )


def answers(within: AbstractContextManager[object]) -> list[object]:
    """Load both kinds of model and ask them everything, under some settings."""
    with within:
        before = settings()
        model = CircuitDiffusion.from_pretrained("circuitdiff-3q-small")
        gates = CircuitDiffusion.from_pretrained("circuitdiff-gates-3q")
        entangling = CircuitDiffusion.from_pretrained("circuitdiff-entanglement")
        drawn = gates.sample(TARGET, CircuitSpec(gates=("h", "cx", "rz")), sampling=Sampling(4, 4))
        keep = [False] + [True] * (drawn[0].num_gates - 1)
        found = [
            model.propose(TARGET, sampling=Sampling(4, sampler="beam")),
            model.propose(TARGET, sampling=Sampling(4, 4, sampler="gates")),
            model.propose_angles(TARGET, [((0, 1), (1, 2))], steps=4)[0].tolist(),
            model.sample(TARGET, sampling=Sampling(2, 4)),
            drawn,
            gates.sample(TARGET, CircuitSpec(gates=("h", "cx", "rz")), sampling=Sampling(2, 4, 2.0, remask=0.2)),
            gates.search(TARGET, CircuitSpec(gates=("h", "cx")), sampling=Sampling(16, 4)),
            gates.edit(drawn[0], keep, TARGET, sampling=Sampling(2, 4)),
            entangling.sample(spec=CircuitSpec(schmidt_ranks=(2, 2, 2)), sampling=Sampling(4, 4)),
        ]
        assert settings() == before
    return found


@pytest.fixture(scope="module")
def usual() -> list[object]:
    return answers(nullcontext())


@pytest.mark.parametrize("name", SETTINGS)
def test_samples_do_not_depend_on_torch_settings(name: str, usual: list[object]) -> None:
    assert answers(SETTINGS[name]()) == usual


@pytest.mark.parametrize("name", ["float64", "device", "inference"])
def test_compile_does_not_depend_on_torch_settings(name: str) -> None:
    target = np.kron(unitary_group.rvs(2, random_state=4), unitary_group.rvs(4, random_state=3))
    usual = circuitdiff.compile(target, effort="fast")
    with SETTINGS[name]():
        before = settings()
        found = circuitdiff.compile(target, effort="fast")
        assert settings() == before
    assert found.circuit == usual.circuit
