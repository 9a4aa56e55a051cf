"""A small seeded network of general circuits, for tests that need one."""

from __future__ import annotations

import torch

from circuitdiff.generation import CircuitDiffusion
from circuitdiff.models.config import RANKS, UNITARY, DenoiserConfig
from circuitdiff.models.denoiser import Denoiser

SMALL_GATES = DenoiserConfig(
    gates=("h", "cx", "ccx", "rx", "cp"),
    max_gates=7,
    conditions=(UNITARY, RANKS),
    width=16,
    heads=2,
    encoder_layers=1,
    decoder_layers=1,
    stem_width=16,
    stem_layers=1,
)


def small_gate_model(config: DenoiserConfig = SMALL_GATES, seed: int = 0) -> CircuitDiffusion:
    """Random weights, spread so that predictions differ by position and target."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return CircuitDiffusion(Denoiser(config).eval().requires_grad_(False), "small-gates")
