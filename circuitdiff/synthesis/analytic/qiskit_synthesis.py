"""Qiskit's synthesis of a unitary, with every qubit brought back to where it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.synthesis.analytic.pair_blocks import resynthesise_pairs

MAX_MANAGERS = 64
LEVEL = 3
"""Qiskit's optimisation level."""

U_CX = GateSet("u,cx", ("u", "cx"))


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
        yield _converted(_transpiled(U, None, 0, None), n)
        return
    layouts = [None] * seeds + [tuple(range(n))]
    found = [_transpiled(U, coupling, seed, layout) for seed, layout in enumerate(layouts)]
    yield from (_in_place(circuit, coupling) for circuit in found)


def _transpiled(U: NDArray[np.complex128], coupling: Coupling | None, seed: int, layout: tuple[int, ...] | None) -> Any:
    from qiskit import QuantumCircuit

    n = U.shape[0].bit_length() - 1
    circuit = QuantumCircuit(n)
    circuit.unitary(U, range(n))
    return _pass_manager(coupling, seed, layout).run(circuit)


_CACHES = threading.local()
"""Pass managers of each thread: a pass manager that runs cannot be borrowed by another thread."""


def _pass_manager(coupling: Coupling | None, seed: int, layout: tuple[int, ...] | None) -> Any:
    """Return a pass manager that this thread may use."""
    cache: dict[Any, Any] = _CACHES.__dict__.setdefault("managers", {})
    key = (coupling, seed, layout)
    if key not in cache:
        if len(cache) >= MAX_MANAGERS:
            cache.clear()
        cache[key] = _new_pass_manager(*key)
    return cache[key]


def _new_pass_manager(coupling: Coupling | None, seed: int, layout: tuple[int, ...] | None) -> Any:
    """Return the passes of ``transpile(..., optimization_level=3)``; building them costs more than running them."""
    from qiskit.transpiler import generate_preset_pass_manager

    if coupling is None:
        return _unrouted_pass_manager()
    return generate_preset_pass_manager(
        optimization_level=LEVEL,
        basis_gates=list(U_CX.gates),
        coupling_map=[[*pair] for a, b in coupling.pairs for pair in ((a, b), (b, a))],
        seed_transpiler=seed,
        initial_layout=list(layout) if layout is not None else None,
    )


def _unrouted_pass_manager() -> Any:
    """Return the same passes where all pairs are coupled, without loading every stage plugin that is installed.

    Some of those import a vendor's whole package, which takes longer than the synthesis.
    """
    from importlib.metadata import entry_points

    from qiskit.passmanager.flow_controllers import ConditionalController, DoWhileController
    from qiskit.transpiler import PassManager, PassManagerConfig, StagedPassManager, Target, passes

    target = Target.from_configuration(list(U_CX.gates))
    config = PassManagerConfig(basis_gates=list(U_CX.gates), target=target, approximation_degree=1.0, seed_transpiler=0)
    plugins = [
        next(iter(entry_points(group=f"qiskit.transpiler.{s}", name="default"))) for s in ("init", "translation")
    ]
    init, translation = (plugin.load()().pass_manager(config, LEVEL) for plugin in plugins)
    measure = [passes.Size(recurse=True), passes.Depth(recurse=True), passes.MinimumPoint(["depth", "size"], "found")]
    loop = [
        passes.TwoQubitPeepholeOptimization(target, approximation_degree=1.0),
        passes.RemoveIdentityEquivalent(target=target),
        passes.Optimize1qGatesDecomposition(target=target),
        passes.CommutativeCancellation(target=target),
        passes.GatesInBasis(target=target),
        ConditionalController(translation.to_flow_controller(), condition=lambda seen: not seen["all_gates_in_basis"]),
    ]
    repeated = DoWhileController([*loop, *measure], do_while=lambda seen: not seen["found_minimum_point"])
    return StagedPassManager(init=init, translation=translation, optimization=PassManager([*measure, repeated]))


def _converted(circuit: Any, num_qubits: int) -> Circuit:
    indices = {bit: i for i, bit in enumerate(circuit.qubits)}
    operations = tuple(
        Operation(item.operation.name, tuple(indices[q] for q in item.qubits), tuple(map(float, item.operation.params)))
        for item in circuit.data
    )
    return Circuit(num_qubits, operations, float(circuit.global_phase))


def _in_place(circuit: Any, coupling: Coupling) -> Circuit:
    """Undo the permutations of a routed circuit at both ends."""
    n = coupling.num_qubits
    start = circuit.layout.initial_index_layout(filter_ancillas=True)
    end = circuit.layout.final_index_layout(filter_ancillas=True)
    plain = _converted(circuit, n)
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
