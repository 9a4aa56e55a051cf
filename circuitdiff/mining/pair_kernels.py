"""The inner loops of gate-pair encoding, over flat arrays of gates."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

SLOTS = 3
"""Most qubits of a gadget."""

NONE = SLOTS
"""Says of a qubit that the other gate is not on it."""

OVERLAPS = (NONE + 1) ** SLOTS
"""Ways in which two gates can share qubits: for each slot of the second, a slot of the first or `NONE`."""


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _slot(qubits: NDArray[np.int8], gate: int, qubit: int) -> int:
    """Return the slot of a gate that a qubit takes, `NONE` where the gate is not on it."""
    for slot in range(SLOTS):
        if qubits[gate, slot] == qubit:
            return slot
    return NONE


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _overlap(qubits: NDArray[np.int8], first: int, second: int) -> int:
    """Return how two gates share qubits, -1 where they share none or have too many together."""
    code, weight, shared, total = 0, 1, 0, 0
    for slot in range(SLOTS):
        if qubits[first, slot] >= 0:
            total += 1
    for slot in range(SLOTS):
        qubit = qubits[second, slot]
        if qubit < 0:
            break
        place = _slot(qubits, first, qubit)
        if place == NONE:
            total += 1
        else:
            shared += 1
        code += weight * place
        weight *= NONE + 1
    return code if shared > 0 and total <= SLOTS else -1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _meet(qubits: NDArray[np.int8], first: int, second: int) -> bool:
    """Tell whether two gates share a qubit."""
    for slot in range(SLOTS):
        if qubits[first, slot] >= 0 and _slot(qubits, second, qubits[first, slot]) != NONE:
            return True
    return False


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _after(kind: NDArray[np.int32], qubits: NDArray[np.int8], gate: int, end: int) -> int:
    """Return the first gate after one that shares a qubit with it, -1 where there is none."""
    for other in range(gate + 1, end):
        if kind[other] >= 0 and _meet(qubits, gate, other):
            return other
    return -1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _before(kind: NDArray[np.int32], qubits: NDArray[np.int8], gate: int, begin: int) -> int:
    """Return the last gate before one that shares a qubit with it, -1 where there is none."""
    for other in range(gate - 1, begin - 1, -1):
        if kind[other] >= 0 and _meet(qubits, other, gate):
            return other
    return -1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def count_pairs(
    kind: NDArray[np.int32], qubits: NDArray[np.int8], start: NDArray[np.int64], table: NDArray[np.int32]
) -> None:
    """Count neighbours into `table` (kinds, kinds, OVERLAPS); a gate of kind -1 is not there."""
    for circuit in range(len(start) - 1):
        begin, end = start[circuit], start[circuit + 1]
        for gate in range(begin, end):
            if kind[gate] < 0:
                continue
            after = _after(kind, qubits, gate, end)
            if after >= 0:
                overlap = _overlap(qubits, gate, after)
                if overlap >= 0:
                    table[kind[gate], kind[after], overlap] += 1
            before = _before(kind, qubits, gate, begin)
            if before >= 0 and _after(kind, qubits, before, end) != gate:
                overlap = _overlap(qubits, before, gate)
                if overlap >= 0:
                    table[kind[before], kind[gate], overlap] += 1


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def merge_pairs(
    kind: NDArray[np.int32],
    qubits: NDArray[np.int8],
    start: NDArray[np.int64],
    table: NDArray[np.int32],
    slots: NDArray[np.int8],
    new_kind: int,
) -> int:
    """Merge the pairs that `table` names, in place, and return how many there were.

    Args:
        kind: (gates,), see `count_pairs`.
        qubits: (gates, SLOTS), -1 past the last.
        start: (circuits + 1,).
        table: (kinds, kinds, OVERLAPS), 0 or a row of `slots`.
        slots: (rows, SLOTS), the slot of the gadget that each qubit of the pair gets: those of the first gate, then
            those that the second alone has.
        new_kind: of the merged gates.
    """
    merged = 0
    for circuit in range(len(start) - 1):
        begin, end = start[circuit], start[circuit + 1]
        for gate in range(begin, end):
            if kind[gate] < 0:
                continue
            after = _after(kind, qubits, gate, end)
            if after >= 0 and _merge(kind, qubits, gate, after, after, table, slots, new_kind):
                merged += 1
                continue
            before = _before(kind, qubits, gate, begin)
            if before >= 0 and _merge(kind, qubits, before, gate, before, table, slots, new_kind):
                merged += 1
    return merged


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _merge(
    kind: NDArray[np.int32],
    qubits: NDArray[np.int8],
    first: int,
    second: int,
    place: int,
    table: NDArray[np.int32],
    slots: NDArray[np.int8],
    new_kind: int,
) -> bool:
    """Merge two gates into one at `place`, one of them, where `table` names the pair."""
    overlap = _overlap(qubits, first, second)
    if overlap < 0:
        return False
    row = table[kind[first], kind[second], overlap]
    if row == 0:
        return False
    joined = np.full(SLOTS, -1, dtype=np.int8)
    used = 0
    for slot in range(SLOTS):
        if qubits[first, slot] >= 0:
            joined[slots[row, used]] = qubits[first, slot]
            used += 1
    for slot in range(SLOTS):
        qubit = qubits[second, slot]
        if qubit >= 0 and _slot(qubits, first, qubit) == NONE:
            joined[slots[row, used]] = qubit
            used += 1
    kind[first] = -1
    kind[second] = -1
    kind[place] = new_kind
    for slot in range(SLOTS):
        qubits[place, slot] = joined[slot]
    return True
