"""Connected parts of circuits: gates that follow each other on a few qubits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from circuitdiff.circuits.circuit import Circuit, Operation

MAX_QUBITS = 3
MAX_GATES = 7


def windows(circuit: Circuit, most_gates: int = MAX_GATES, most_qubits: int = MAX_QUBITS) -> Iterator[tuple[int, ...]]:
    """Yield indices of gates, two or more, that touch each other and can be brought next to each other; each set once.

    For each first gate and each set of qubits that has its own, these are the beginnings of the run of gates that
    follow on these qubits alone.
    """
    seen: set[tuple[int, ...]] = set()
    for first, operation in enumerate(circuit.operations):
        others = [q for q in range(circuit.num_qubits) if q not in operation.qubits]
        for more in range(most_qubits - len(operation.qubits) + 1):
            for chosen in combinations(others, more):
                run = _run(circuit.operations, first, {*operation.qubits, *chosen}, most_gates)
                for length in range(2, len(run) + 1):
                    window = run[:length]
                    if window not in seen and _is_connected([circuit.operations[i] for i in window]):
                        seen.add(window)
                        yield window


def _run(operations: Sequence[Operation], first: int, qubits: set[int], most: int) -> tuple[int, ...]:
    """Return the gates from one on that lie within some qubits, as far as no other gate comes between."""
    found: list[int] = []
    open_qubits = set(qubits)
    for index in range(first, len(operations)):
        touched = set(operations[index].qubits)
        if touched <= open_qubits:
            found.append(index)
        else:
            open_qubits -= touched
        if len(found) == most or not open_qubits:
            break
    return tuple(found)


def _is_connected(operations: Sequence[Operation]) -> bool:
    groups: list[set[int]] = []
    for operation in operations:
        joined = set(operation.qubits).union(*(group for group in groups if group & set(operation.qubits)))
        groups = [group for group in groups if not group & joined] + [joined]
    return len(groups) == 1
