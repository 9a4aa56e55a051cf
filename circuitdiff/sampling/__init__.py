"""Samplers, constraints and guidance, and the models as their users see them."""

from circuitdiff.sampling.circuit_diffusion import CircuitDiffusion
from circuitdiff.sampling.gate_diffusion import GateDiffusion
from circuitdiff.sampling.skeleton_diffusion import Placement, SkeletonDiffusion
from circuitdiff.sampling.templates import Template

__all__ = ["CircuitDiffusion", "GateDiffusion", "Placement", "SkeletonDiffusion", "Template"]
