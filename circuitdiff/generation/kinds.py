"""Which kind of model speaks the layout of a configuration."""

from __future__ import annotations

from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.gate_diffusion import GateDiffusion
from circuitdiff.generation.skeleton_diffusion import SkeletonDiffusion
from circuitdiff.models.config import DenoiserConfig


def kind_of(config: DenoiserConfig) -> type[CircuitDiffusion]:
    """Return the class that wraps networks of a configuration."""
    return SkeletonDiffusion if config.final_gate else GateDiffusion
