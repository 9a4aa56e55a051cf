"""The one judge of every circuit that leaves the compiler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet


def verify(circuit: Circuit, target: NDArray[np.complex128], gate_set: GateSet, coupling: Coupling) -> float:
    """Re-simulate a circuit in complex128 and return its infidelity to the (d, d) target.

    Raises:
        RuntimeError: the circuit uses a gate or a coupling that the device lacks, which is a fault of ours.
    """
    foreign = circuit.gate_names - set(gate_set.gates)
    if foreign:
        raise RuntimeError(f"the compiled circuit uses {sorted(foreign)}, not in gate set {gate_set.name}")
    if not coupling.allows(circuit.pairs):
        broken = sorted(circuit.pairs - set(coupling.pairs))
        raise RuntimeError(f"the compiled circuit couples {broken}, not on the coupling map {coupling.name}")
    return infidelity(target, circuit.unitary())
