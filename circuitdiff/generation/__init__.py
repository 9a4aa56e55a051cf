"""Samplers, constraints and guidance, and the models as their users see them."""

from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.gate_diffusion import GateDiffusion
from circuitdiff.generation.inpainting import Template
from circuitdiff.generation.skeleton_diffusion import Placement, SkeletonDiffusion

__all__ = ["CircuitDiffusion", "GateDiffusion", "Placement", "SkeletonDiffusion", "Template"]
