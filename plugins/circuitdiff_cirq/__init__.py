"""circuitdiff inside Cirq: a transformer, and a target gateset that ends with it."""

from circuitdiff_cirq.gateset import CircuitDiffGateset
from circuitdiff_cirq.transformer import resynthesize

__all__ = ["CircuitDiffGateset", "resynthesize"]
