"""Samplers, one a file: from a denoiser, what is kept and a constraint to circuits."""

from circuitdiff.generation.samplers.angles import sample_angles
from circuitdiff.generation.samplers.beam import beam_search
from circuitdiff.generation.samplers.confidence import sample_by_confidence
from circuitdiff.generation.samplers.gates import sample_gates
from circuitdiff.generation.samplers.sampler import SAMPLERS, CircuitBatch, Sampler, Schedule, register_sampler, sampler

__all__ = [
    "SAMPLERS",
    "CircuitBatch",
    "Sampler",
    "Schedule",
    "beam_search",
    "register_sampler",
    "sample_angles",
    "sample_by_confidence",
    "sample_gates",
    "sampler",
]
