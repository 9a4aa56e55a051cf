"""circuitdiff inside BQSKit: a synthesis pass for blocks."""

from circuitdiff_bqskit.synthesis import CircuitDiffSynthesisPass

__all__ = ["CircuitDiffSynthesisPass"]
