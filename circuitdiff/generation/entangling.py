"""How many gates entanglement takes: what no circuit can do with fewer, and what a plain construction needs."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from circuitdiff.circuits.coupling import Pair

PLAIN_ENTANGLERS = frozenset({"cx", "cz"})
"""Gates that leave |0...0> as it is, so that each set of qubits they connect needs another gate too."""


def fewest_gates(srv: Collection[int], pairs: Collection[Pair]) -> tuple[int, int] | None:
    """Return how many gates Schmidt ranks take, with gates on one qubit and `PLAIN_ENTANGLERS` on some pairs.

    Gates on two qubits connect each entangled qubit to another, perhaps through further qubits. A connected set of m
    qubits takes m - 1 of them, and one gate on a single qubit. The construction is as short where no further qubits
    are needed; one that is only passed through is disentangled again.

    Args:
        srv: Schmidt rank, 1 or 2, of each qubit.
        pairs: on which gates on two qubits may act.

    Returns:
        The least number of gates, and that of the construction; None where `pairs` do not connect the qubits.
    """
    entangled = {qubit for qubit, rank in enumerate(srv) if rank == 2}
    others = sorted(set(range(len(srv))) - entangled)
    for size in range(len(others) + 1):
        for passed in combinations(others, size):
            within = entangled.union(passed)
            if all(len(_reached(qubit, within, pairs) & entangled) > 1 for qubit in entangled):
                return len(within), len(within) + size
    return None


def _reached(start: int, within: set[int], pairs: Collection[Pair]) -> set[int]:
    found, frontier = {start}, [start]
    while frontier:
        qubit = frontier.pop()
        ends = {a + b - qubit for a, b in pairs if qubit in (a, b)}
        frontier += (ends & within) - found
        found |= ends & within
    return found
