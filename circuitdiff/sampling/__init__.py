"""Samplers, constraints and guidance, and the model as its users see it."""

from circuitdiff.sampling.circuit_diffusion import CircuitDiffusion, Placement

__all__ = ["CircuitDiffusion", "Placement"]
