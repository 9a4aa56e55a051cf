"""The judge: is a circuit what was asked for, whoever made it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet


class Device(NamedTuple):
    """What a circuit has to fit."""

    gate_set: GateSet
    coupling: Coupling


class Verdict(NamedTuple):
    """The measured infidelity, and what is wrong with the circuit, None where nothing is."""

    infidelity: float
    fault: str | None


def verdict_on(
    circuit: Circuit,
    target: NDArray[np.complex128],
    device: Device,
    tol: float,
    initial: Sequence[int] | None = None,
    final: Sequence[int] | None = None,
) -> Verdict:
    """Simulate a circuit in complex128 and compare it with what was asked for.

    Args:
        circuit: on the device's qubits.
        target: (d, d) unitary on the program's qubits.
        device: gates and couplings allowed.
        tol: infidelity that still counts as exact.
        initial: for each program qubit, the device qubit that holds it at the start; in place where None.
        final: the same at the end, where a compiler leaves its output permuted.
    """
    n = circuit.num_qubits
    if n != device.coupling.num_qubits:
        return Verdict(1.0, f"{n} qubits instead of {device.coupling.num_qubits}")
    unitary = circuit.unitary()
    columns, rows = _basis_states(initial, n), _basis_states(final, n)
    distance = infidelity(target, unitary[np.ix_(rows, columns)])
    if not np.isfinite(unitary).all() or not distance <= tol:
        return Verdict(float(np.nan_to_num(distance, nan=1.0)), f"not exact: infidelity {distance:.1e} > {tol:.0e}")
    foreign = sorted(circuit.gate_names - set(device.gate_set.gates))
    if foreign:
        return Verdict(distance, f"gate {foreign[0]} is not in {device.gate_set.name}")
    broken = sorted(circuit.pairs - set(device.coupling.pairs))
    if broken:
        return Verdict(distance, f"coupling {broken[0][0]}-{broken[0][1]} is not on {device.coupling.name}")
    return Verdict(distance, None)


def _basis_states(places: Sequence[int] | None, num_qubits: int) -> NDArray[np.int64]:
    """Return (d,): for each basis state of the program, the device's state with bit ``q`` at ``places[q]``."""
    states = np.arange(1 << num_qubits)
    moved = np.zeros_like(states)
    for qubit, place in enumerate(range(num_qubits) if places is None else places):
        moved |= (states >> qubit & 1) << place
    return moved
