"""A small seeded network, for tests that need one."""

from __future__ import annotations

from dataclasses import replace

import torch

from circuitdiff.generation import CircuitDiffusion
from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.training.config import ANSATZ

SMALL = replace(
    ANSATZ, max_gates=5, width=16, heads=2, encoder_layers=1, decoder_layers=1, stem_width=16, stem_layers=1
)


def small_denoiser(config: DenoiserConfig = SMALL, seed: int = 0) -> Denoiser:
    """Random weights; predictions differ by position and target."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Denoiser(config).eval().requires_grad_(False)
        torch.nn.init.normal_(model.velocity.weight, std=0.1)
        return model


def small_model(config: DenoiserConfig = SMALL, seed: int = 0) -> CircuitDiffusion:
    """The same, with its samplers."""
    return CircuitDiffusion(small_denoiser(config, seed), "small")
