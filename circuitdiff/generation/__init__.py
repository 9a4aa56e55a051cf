"""Samplers, constraints and guidance, and the model as its users see it."""

from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.inpainting import Template
from circuitdiff.generation.proposals import Placement

__all__ = ["CircuitDiffusion", "Placement", "Template"]
