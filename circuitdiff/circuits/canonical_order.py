"""One sequence for one circuit: canonical order of commuting gates, and removal of what cancels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES, fixed_matrix

ANGLE_TOL = 1e-12
"""Entries by which a gate may differ from a multiple of the identity and still be dropped."""

_ADDITIVE = frozenset(name for name, gate in GATES.items() if gate.num_params == 1)
"""Gates of one angle: two in a row are one with the sum of the angles."""


def canonical_order(circuit: Circuit) -> Circuit:
    """Sort operations by the layer in which they can start at the earliest, then by their lowest qubit.

    Operations that share a qubit keep their order, so the unitary is the same; circuits that differ only in the order
    of gates on disjoint qubits come out equal.
    """
    ready = [0] * circuit.num_qubits
    keyed: list[tuple[int, int, Operation]] = []
    for operation in circuit.operations:
        layer = max(ready[q] for q in operation.qubits)
        for q in operation.qubits:
            ready[q] = layer + 1
        keyed.append((layer, min(operation.qubits), operation))
    keyed.sort(key=lambda item: item[:2])
    return replace(circuit, operations=tuple(operation for _, _, operation in keyed))


def reduce_trivial(circuit: Circuit) -> Circuit:
    """Drop identities, cancel gates next to their inverses, and add the angles of equal rotations in a row.

    "Next to" means that nothing stands between on any of their qubits.  Unitary and global phase stay.
    """
    kept: list[Operation | None] = []
    last: list[list[int]] = [[] for _ in range(circuit.num_qubits)]  # indices into kept, per qubit
    phase = circuit.global_phase
    for operation in circuit.operations:
        current: Operation | None = operation
        while current is not None:
            extra = _identity_phase(current)
            if extra is not None:
                phase += extra
                break
            index = _neighbour(current, kept, last)
            before = kept[index] if index is not None else None
            merged = _merged(before, current) if before is not None else _KEEP
            if merged is _KEEP:
                for q in current.qubits:
                    last[q].append(len(kept))
                kept.append(current)
                break
            assert index is not None
            kept[index] = None
            for q in current.qubits:
                last[q].pop()
            current = merged
    return Circuit(circuit.num_qubits, tuple(op for op in kept if op is not None), phase)


_KEEP = Operation("keep", ())
"""Stands for two operations that do not merge."""


def _neighbour(operation: Operation, kept: list[Operation | None], last: list[list[int]]) -> int | None:
    """Return the index of the operation right before on exactly the same qubits."""
    places = {last[q][-1] if last[q] else None for q in operation.qubits}
    index = places.pop()
    if places or index is None:
        return None
    before = kept[index]
    return index if before is not None and len(before.qubits) == len(operation.qubits) else None


def _merged(first: Operation, second: Operation) -> Operation | None:
    """Return one operation for two in a row, None where they cancel, or `_KEEP`."""
    ordered = GATES[first.name].symmetric and GATES[second.name].symmetric
    same = sorted(first.qubits) == sorted(second.qubits) if ordered else first.qubits == second.qubits
    if not same:
        return _KEEP
    if first.name == second.name and first.name in _ADDITIVE:
        return second._replace(params=(first.params[0] + second.params[0],))
    inverse = GATES[first.name].inverse(first.params)
    places = tuple(range(len(first.qubits)))
    if len(inverse) == 1 and inverse[0] == (second.name, places, second.params):
        return None
    return _KEEP


def _identity_phase(operation: Operation) -> float | None:
    """Return the phase of an operation that is the identity up to one, else None."""
    name, _, params = operation
    if GATES[name].num_params > 1:
        return None
    matrix = GATES[name].matrix(params) if params else fixed_matrix(name)
    phase = matrix[0, 0]
    return float(np.angle(phase)) if np.abs(matrix - phase * np.eye(len(matrix))).max() < ANGLE_TOL else None
