"""Angles that are exact fractions of pi where that costs no fidelity, and the gates that this frees."""

from __future__ import annotations

from dataclasses import replace
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

SNAP_STEP = pi / 24
SNAP_TOLS = (1e-6, 1e-8)
"""An angle this close (radians) to a multiple of the step is taken for that multiple; the first that does no harm."""

SLACK = 1e-14
"""Infidelity that snapping may add: rounding, no more."""


def simplify(circuit: Circuit, target: NDArray[np.complex128], gate_set: GateSet) -> Circuit:
    """Snap angles, drop what became the identity, and keep the result where it is as close to the (d, k) target."""
    allowed = max(infidelity(target, circuit.columns(target.shape[1])), SLACK)
    for tolerance in SNAP_TOLS:
        snapped = replace(circuit, operations=tuple(_snapped(op, tolerance) for op in circuit.operations))
        if snapped.operations == circuit.operations:
            break
        shorter = translate_basis(snapped, gate_set)
        if infidelity(target, shorter.columns(target.shape[1])) <= allowed:
            return shorter
    return circuit


def _snapped(operation: Operation, tolerance: float) -> Operation:
    return operation._replace(params=tuple(_snap(angle, tolerance) for angle in operation.params))


def _snap(angle: float, tolerance: float) -> float:
    nearest = round(angle / SNAP_STEP) * SNAP_STEP
    return nearest if abs(angle - nearest) < tolerance else angle
