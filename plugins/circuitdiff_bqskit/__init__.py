"""circuitdiff inside BQSKit: a synthesis pass for blocks, and an instantiater."""

from circuitdiff_bqskit.instantiater import CircuitDiffInstantiater
from circuitdiff_bqskit.synthesis import CircuitDiffSynthesisPass

__all__ = ["CircuitDiffInstantiater", "CircuitDiffSynthesisPass"]
