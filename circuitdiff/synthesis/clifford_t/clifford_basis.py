"""The 24 single-qubit Cliffords and T in the gates of a gate set, with few gates."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from circuitdiff.circuits.circuit import T_GATES, Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import Matrix, sequence_matrix
from circuitdiff.errors import InputError
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.clifford_t.operators import cliffords, multiply, quaternion
from circuitdiff.synthesis.clifford_t.sequences import Names, count_t, product

CLIFFORD_ENTANGLERS = ("cz", "cx", "cy", "ecr", "iswap")
"""Gates that make a CZ together with single-qubit Cliffords, the most convenient first."""


@dataclass(frozen=True)
class CliffordBasis:
    """How a gate set writes Cliffords, T and CZ.

    Attributes:
        sequences: for each of `cliffords`, gates in time order.
        t: those of t and tdg that it has.
        cz: operations on qubits 0 and 1 over entanglers and ``clifford`` gates, whose parameter is an index.
    """

    sequences: tuple[Names, ...]
    t: tuple[str, ...]
    cz: tuple[Operation, ...]


@lru_cache(maxsize=16)
def clifford_basis(gate_set: GateSet) -> CliffordBasis:
    """Return how a gate set writes things.

    Raises:
        InputError: the set lacks T, what makes all Cliffords of it, or an entangler that is a Clifford.
    """
    if not set(T_GATES) & set(gate_set.gates):
        raise InputError(f"gate set {gate_set.name} has no t gate to approximate rotations with")
    t = tuple(name for name in T_GATES if name in gate_set.gates)
    return CliffordBasis(_clifford_sequences(gate_set), t, _cz(gate_set))


@lru_cache(maxsize=16)
def makes_clifford_t(gate_set: GateSet) -> bool:
    """Tell whether a gate set has no angles and makes T, every single-qubit Clifford, and CZ if it entangles."""
    try:
        return gate_set.is_discrete and bool(clifford_basis(gate_set).t)
    except InputError:
        return False


@lru_cache(maxsize=1024)
def clifford_index(matrix: Matrix) -> int:
    """Return the index in `cliffords` of a 2x2 unitary, -1 where it is no Clifford."""
    overlaps = np.abs(cliffords() @ quaternion(matrix))
    index = int(np.argmax(overlaps))
    return index if overlaps[index] > 1 - 1e-12 else -1


@lru_cache(maxsize=1)
def multiplication() -> tuple[tuple[int, ...], ...]:
    """Return the index of the product ``a b`` of every two of `cliffords`."""
    group = cliffords()
    products = np.abs(multiply(group[:, None], group[None]) @ group.T)
    return tuple(tuple(int(i) for i in row) for row in np.argmax(products, axis=-1))


@lru_cache(maxsize=1)
def quarter_turns() -> tuple[int, ...]:
    """Return the indices of identity, s, z and sdg, which commute with CZ; place ``-i`` inverts place ``i``."""
    return tuple(clifford_index(product(names)) for names in ((), ("s",), ("z",), ("sdg",)))


def _clifford_sequences(gate_set: GateSet) -> tuple[Names, ...]:
    """Return the sequences with the fewest T, then the fewest gates: shortest paths from the identity."""
    steps: list[tuple[int, Names]] = []
    for name in gate_set.single_qubit:
        if GATES[name].num_params == 0 and name != "id":
            names: Names = (name, name) if name in T_GATES else (name,)
            index = clifford_index(product(names))
            steps += [(index, names)] if index >= 0 else []
    table = multiplication()
    best: dict[int, Names] = {}
    queue: list[tuple[int, int, Names, int]] = [(0, 0, (), 0)]
    while queue:
        _, _, word, element = heapq.heappop(queue)
        if element in best:
            continue
        best[element] = word
        for index, names in steps:
            longer = (*word, *names)
            heapq.heappush(queue, (count_t(longer), len(longer), longer, table[index][element]))
    if len(best) < len(table):
        raise InputError(f"gate set {gate_set.name} does not make every single-qubit Clifford, as t needs it")
    return tuple(best[index] for index in range(len(table)))


def _cz(gate_set: GateSet) -> tuple[Operation, ...]:
    name = next((name for name in CLIFFORD_ENTANGLERS if name in gate_set.gates), None)
    if name is None:
        if not gate_set.entanglers:
            return ()
        raise InputError(f"gate set {gate_set.name} has no entangler of {', '.join(CLIFFORD_ENTANGLERS)}")
    translated = translate_basis(Circuit(2, (Operation("cz", (0, 1)),)), GateSet(f"u,{name}", ("u", name)))
    return tuple(_as_clifford(operation) for operation in translated.operations)


def _as_clifford(operation: Operation) -> Operation:
    if operation.name != "u":
        return operation
    index = clifford_index(sequence_matrix(((operation.name, operation.params),)))
    return Operation("clifford", operation.qubits, (float(index),))
