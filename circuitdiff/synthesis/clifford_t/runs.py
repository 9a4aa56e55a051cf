"""Circuits that are approximated already: what a run of T gates stands for is read back, to be approximated anew.

A run of single-qubit gates with more T than an approximation within the budget needs becomes one gate of any angles.
Where it is a rotation about a Pauli axis but for Cliffords and for a part of the budget, it becomes that, so that it
can merge with others.
"""

from __future__ import annotations

from dataclasses import replace

from circuitdiff.circuits.circuit import T_GATES, Circuit, Operation
from circuitdiff.circuits.single_qubit import IDENTITY, gate_matrix, times, zyz
from circuitdiff.synthesis.clifford_t.nearest import EXACT
from circuitdiff.synthesis.clifford_t.operators import t_estimate
from circuitdiff.synthesis.clifford_t.sequences import pauli_rotation

Run = list[Operation]


def without_long_runs(circuit: Circuit, tol: float, part: float) -> Circuit:
    """Return a circuit with rotations in the place of runs that cost more T than they need within a tolerance.

    Args:
        circuit: over gates of the library.
        tol: infidelity of the whole that will be allowed.
        part: of the tolerance, by which all runs together may differ from what they are read as, roughly.
    """
    segments = _segments(circuit)
    runs = [segment for segment in segments if len(segment[0].qubits) == 1]
    counted = [run for run in runs if _t_count(run) > t_estimate(True, tol)]
    share = tol / max(1, len(counted))
    longest = t_estimate(True, share)
    operations: list[Operation] = []
    for segment in segments:
        is_long = len(segment[0].qubits) == 1 and _t_count(segment) > longest
        operations += _read(segment, part * share) if is_long else segment
    return replace(circuit, operations=tuple(operations))


def _segments(circuit: Circuit) -> list[Run]:
    """Return runs of gates on one qubit, as long as they can be, and every other gate by itself, in time order."""
    pending: dict[int, Run] = {}
    segments: list[Run] = []
    for operation in circuit.operations:
        if len(operation.qubits) == 1:
            pending.setdefault(operation.qubits[0], []).append(operation)
            continue
        segments += [pending.pop(q) for q in operation.qubits if q in pending]
        segments.append([operation])
    return [*segments, *pending.values()]


def _t_count(run: Run) -> int:
    return sum(operation.name in T_GATES for operation in run)


def _read(run: Run, infidelity: float) -> Run:
    """Return a run as a rotation and Cliffords where it is one within an infidelity, else as one gate."""
    qubit, matrix = run[0].qubits, IDENTITY
    for operation in run:
        matrix = times(gate_matrix(operation.name, operation.params), matrix)
    found = pauli_rotation(matrix, max(infidelity, EXACT))
    if found is None:
        phi, theta, lam, _ = zyz(matrix)
        return [Operation("u", qubit, (theta, phi, lam))]
    first, angle, last = found
    middle = [Operation("rz", qubit, (angle,))]
    return [*(Operation(n, qubit) for n in first), *middle, *(Operation(n, qubit) for n in last)]
