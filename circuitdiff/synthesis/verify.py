"""The one judge of every circuit that leaves the compiler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.spec.device import Device


def verify(circuit: Circuit, target: NDArray[np.complex128], device: Device) -> float:
    """Re-simulate a circuit in complex128 and return its infidelity to the (d, k) columns of the target.

    Raises:
        RuntimeError: the circuit uses a gate or a coupling that the device lacks, which is a fault of ours.
    """
    misfit = device.misfit(circuit)
    if misfit is not None:
        raise RuntimeError(f"the compiled circuit {misfit}")
    return infidelity(target, circuit.columns(target.shape[1]))
