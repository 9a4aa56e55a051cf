"""Which kind of model speaks the layout of a configuration."""

from __future__ import annotations

from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.gate_diffusion import GateDiffusion
from circuitdiff.generation.skeleton_diffusion import SkeletonDiffusion
from circuitdiff.models.checkpoint import NetworkConfig
from circuitdiff.models.gate_config import GateDenoiserConfig


def kind_of(config: NetworkConfig) -> type[CircuitDiffusion]:
    """Return the class that wraps networks of a configuration."""
    return GateDiffusion if isinstance(config, GateDenoiserConfig) else SkeletonDiffusion
