"""circuitdiff inside Cirq: a transformer, a target gateset that ends with it, and circuits for amplitudes."""

from circuitdiff_cirq.gateset import CircuitDiffGateset
from circuitdiff_cirq.states import prepare_state
from circuitdiff_cirq.transformer import resynthesize

__all__ = ["CircuitDiffGateset", "prepare_state", "resynthesize"]
