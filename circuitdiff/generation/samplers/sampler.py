"""The signature that all samplers share, and the table of samplers by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.errors import InputError
from circuitdiff.generation.constraint import Constraint
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.registry import Registry


@dataclass(frozen=True)
class Schedule:
    """How a sampler goes about it.

    Attributes:
        num_samples: circuits a target.
        steps: evaluations of the network, after one for the numbers of gates.
        temperature: of the gates; below 1 favours the likeliest.
        left_to_right: whether the first gates are unmasked first, rather than those of highest confidence.
        angles: whether any gate has an angle; where none has, the network is shown none.
        remask: chance with which a gate drawn earlier is masked again before a step, falling to 0 at the last (Wang et
            al., arXiv 2503.00307).
    """

    num_samples: int
    steps: int = 12
    temperature: float = 1.0
    left_to_right: bool = False
    angles: bool = True
    remask: float = 0.0


class CircuitBatch(NamedTuple):
    """Sampled circuits."""

    tokens: Tensor  # (targets, samples, positions) int64: gates, then PAD, then the layout's final gates
    params: Tensor | None  # (targets, samples, positions, MAX_PARAMS) radians; None where the sampler draws no angles
    scores: Tensor  # (targets, samples) log-probability of the gates along the path on which they were drawn

    def angles(self) -> Tensor:
        """Return the angles, zeros where the sampler draws none."""
        if self.params is not None:
            return self.params
        return torch.zeros(*self.tokens.shape, MAX_PARAMS, dtype=torch.float32, device=self.tokens.device)


Sampler = Callable[[Denoise, InpaintingMask, Constraint, Schedule, torch.Generator], CircuitBatch]
"""Draws circuits for every target of a denoiser: `(denoise, state, constraint, schedule, generator)`.

The state says what is kept, and its masked positions are what is drawn; it is the same for all targets, of one circuit
or of as many as there are samples. What the constraint forbids has probability zero. The generator is of the device of
the state, and nothing else is random.
"""

SAMPLERS: Registry[Sampler] = Registry("sampler")
"""By name; `register_sampler` adds to it."""


def register_sampler(name: str) -> Callable[[Sampler], Sampler]:
    """Return a decorator that enters a sampler under a name, by which `Sampling.sampler` asks for it."""
    return partial(SAMPLERS.register, name)


def sampler(name: str) -> Sampler:
    """Return a sampler by name.

    Raises:
        InputError: there is none of that name.
    """
    if name not in SAMPLERS:
        raise InputError(f"unknown sampler {name!r}; there are: {', '.join(sorted(SAMPLERS))}")
    return SAMPLERS[name]
