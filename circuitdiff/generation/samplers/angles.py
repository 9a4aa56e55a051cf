"""Angles for given gates, by integrating the flow on the circle."""

from __future__ import annotations

import logging

import torch

from circuitdiff.counting import counted
from circuitdiff.generation.constraint import Constraint
from circuitdiff.generation.denoise import Denoise
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.generation.samplers.flow import AngleFlow
from circuitdiff.generation.samplers.sampler import CircuitBatch, Schedule, register_sampler

logger = logging.getLogger(__name__)


@register_sampler("angles")
def sample_angles(
    denoise: Denoise, state: InpaintingMask, constraint: Constraint, schedule: Schedule, generator: torch.Generator
) -> CircuitBatch:
    """Keep every gate, and integrate the flow from uniform noise with Euler steps.

    Raises:
        ValueError: some gates are not kept.
    """
    if not bool(state.keep_tokens.all()):
        raise ValueError("angles are drawn for circuits of which every gate is kept")
    state = state.expand(schedule.num_samples)
    tokens = state.tokens.expand(len(constraint), -1, -1)
    flow = AngleFlow(state, len(constraint), schedule.steps, generator)
    for step in counted(range(schedule.steps), "drawing angles: step", logger):
        flow.step(denoise, tokens, step)
    scores = torch.zeros(tokens.shape[:2], dtype=torch.float32, device=tokens.device)
    return CircuitBatch(tokens, flow.end(), scores)
