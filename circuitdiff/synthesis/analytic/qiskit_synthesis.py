"""Qiskit's synthesis of a unitary, with every qubit brought back to where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import U_CX
from circuitdiff.interop.qiskit_synthesis import RoutedCircuit, synthesize_unitary
from circuitdiff.synthesis.analytic.pair_blocks import resynthesise_pairs


def qiskit_circuits(U: NDArray[np.complex128], coupling: Coupling, seeds: int) -> Iterator[Circuit]:
    """Yield Qiskit's circuits (optimisation level 3) for a unitary in u and cx, exact on the same qubits.

    On a coupling map that is not complete, Qiskit may start and end with the qubits in other places.  Its circuits are
    laid over the map in every way that its symmetries allow, and swaps, absorbed by the gates beside them where
    possible, put the qubits in order.

    Args:
        U: (d, d) unitary.
        coupling: allowed pairs.
        seeds: routing attempts, each with Qiskit's own choice of places; there is one more with the places given.
    """
    n = coupling.num_qubits
    if coupling.is_complete:
        yield synthesize_unitary(U, U_CX.gates).circuit
        return
    layouts = [None] * seeds + [tuple(range(n))]
    found = [synthesize_unitary(U, U_CX.gates, coupling, seed, layout) for seed, layout in enumerate(layouts)]
    yield from (_in_place(routed, coupling) for routed in found)


def _in_place(routed: RoutedCircuit, coupling: Coupling) -> Circuit:
    """Undo the permutations of a routed circuit at both ends."""
    n, start, end, plain = coupling.num_qubits, routed.start, routed.end, routed.circuit
    options: list[Circuit] = []
    for symmetry in automorphisms(coupling):
        before = routing_swaps(tuple(symmetry[place] for place in start), coupling)
        after = routing_swaps(tuple(symmetry[place] for place in end), coupling)
        swaps = [tuple(Operation("swap", pair) for pair in pairs) for pairs in (before, after[::-1])]
        middle = plain.permuted(symmetry).operations
        options.append(Circuit(n, (*swaps[0], *middle, *swaps[1]), plain.global_phase))
    shortest = min(options, key=lambda option: sum(op.name == "swap" for op in option.operations))
    return resynthesise_pairs(shortest, U_CX, holding="swap")


@lru_cache(maxsize=256)
def automorphisms(coupling: Coupling) -> tuple[tuple[int, ...], ...]:
    """Return the relabellings of qubits that map the coupling map to itself, the identity first."""
    from itertools import permutations

    pairs = set(coupling.pairs)
    return tuple(
        p
        for p in permutations(range(coupling.num_qubits))
        if {(min(p[a], p[b]), max(p[a], p[b])) for a, b in pairs} == pairs
    )


def routing_swaps(places: Sequence[int], coupling: Coupling) -> tuple[tuple[int, int], ...]:
    """Return a shortest sequence of swaps on couplings that takes the state of each qubit ``q`` to ``places[q]``."""
    return _swap_table(coupling)[tuple(places)]


@lru_cache(maxsize=256)
def _swap_table(coupling: Coupling) -> dict[tuple[int, ...], tuple[tuple[int, int], ...]]:
    home = tuple(range(coupling.num_qubits))
    table: dict[tuple[int, ...], tuple[tuple[int, int], ...]] = {home: ()}
    frontier = [home]
    while frontier:
        reached = []
        for places in frontier:
            for a, b in coupling.pairs:
                moved = tuple(b if p == a else a if p == b else p for p in places)
                if moved not in table:
                    table[moved] = (*table[places], (a, b))
                    reached.append(moved)
        frontier = reached
    return table
