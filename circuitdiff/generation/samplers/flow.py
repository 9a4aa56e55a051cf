"""Angles on their way from uniform noise to data, those that are kept along the path that ends at their values."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from circuitdiff.diffusion.circle import uniform_angles, wrap
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import InpaintingMask


class AngleFlow:
    """Euler steps of the flow on the circle, from noise that is drawn when it is made."""

    def __init__(self, state: InpaintingMask, targets: int, steps: int, generator: torch.Generator) -> None:
        """Draw the noise: (targets, circuits of the state, positions, MAX_PARAMS)."""
        self.state, self.steps = state, steps
        self._noise = uniform_angles((targets, *state.params.shape), generator)
        self._angles = self._noise

    def step(self, denoise: Denoise, tokens: Tensor, step: int) -> Tensor:
        """Move the angles by one step of the network, shown some tokens; return its logits."""
        time = step / self.steps
        kept = self._noise + time * wrap(self.state.params - self._noise)
        shown = torch.where(self.state.keep_params[..., None], kept, self._angles)
        times = torch.full(tokens.shape[:2], time, dtype=torch.float32, device=tokens.device)
        logits, velocity = denoise(tokens, shown, times)
        self._angles = shown + velocity / self.steps
        return logits

    def end(self) -> Tensor:
        """Return the angles, radians in [0, 2 pi); those that are kept as they were given."""
        found = torch.remainder(self._angles, 2 * math.pi)
        return torch.where(self.state.keep_params[..., None], self.state.params, found)
