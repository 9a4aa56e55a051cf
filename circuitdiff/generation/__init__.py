"""The model as its users see it, its samplers, and circuits checked after they are drawn."""

from circuitdiff.generation.circuit_diffusion import CircuitDiffusion
from circuitdiff.generation.inpainting import InpaintingMask
from circuitdiff.generation.sampling import Sampling

__all__ = ["CircuitDiffusion", "InpaintingMask", "Sampling"]
