"""What we take from Qiskit's synthesis, without its types: unitaries, Weyl decompositions, rotations in Clifford+T."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.interop.qiskit_loading import load_qiskit

MAX_MANAGERS = 64
LEVEL = 3
"""Qiskit's optimisation level."""

Matrix = NDArray[np.complex128]


class WeylDecomposition(NamedTuple):
    """``e^{i phase} (K1l ⊗ K1r) exp(i (a XX + b YY + c ZZ)) (K2l ⊗ K2r)``, the right factor on qubit 0."""

    coordinates: tuple[float, float, float]  # radians
    first: tuple[Matrix, Matrix]  # (2, 2) on qubits 0 and 1, applied first
    last: tuple[Matrix, Matrix]
    phase: float


@dataclass(frozen=True)
class RoutedCircuit:
    """A circuit on a coupling map, and where its qubits stand: ``start[q]`` at the beginning, ``end[q]`` at the end."""

    circuit: Circuit
    start: tuple[int, ...]
    end: tuple[int, ...]


def weyl_decomposition(unitary: Matrix) -> WeylDecomposition:
    """Return the Weyl decomposition of a (4, 4) unitary."""
    load_qiskit()
    from qiskit.synthesis.two_qubit import TwoQubitWeylDecomposition

    weyl = TwoQubitWeylDecomposition(unitary, fidelity=None)
    coordinates = (float(weyl.a), float(weyl.b), float(weyl.c))
    return WeylDecomposition(coordinates, (weyl.K2r, weyl.K2l), (weyl.K1r, weyl.K1l), float(weyl.global_phase))


def rz_in_clifford_t(angle: float, error: float) -> tuple[str, ...]:
    """Return names of gates for ``Rz(angle)`` up to phase, within an operator-norm error.

    Reference: Ross & Selinger, arXiv:1403.2975.
    """
    load_qiskit()
    from qiskit.synthesis import gridsynth_rz

    return tuple(item.operation.name for item in gridsynth_rz(angle, epsilon=error).data)


def synthesize_unitary(
    unitary: Matrix,
    gates: Sequence[str],
    coupling: Coupling | None = None,
    seed: int = 0,
    layout: tuple[int, ...] | None = None,
) -> RoutedCircuit:
    """Return what Qiskit's transpiler makes of a unitary (d, d) at optimisation level 3.

    Args:
        unitary: the target.
        gates: the basis.
        coupling: allowed pairs; None for all.
        seed: of the routing.
        layout: places of the qubits at the beginning; None for Qiskit's choice.
    """
    load_qiskit()
    from qiskit import QuantumCircuit

    n = unitary.shape[0].bit_length() - 1
    given = QuantumCircuit(n)
    given.unitary(unitary, range(n))
    made = _pass_manager(tuple(gates), coupling, seed, layout).run(given)
    in_place = tuple(range(n))
    if coupling is None:
        return RoutedCircuit(_converted(made, n), in_place, in_place)
    start = made.layout.initial_index_layout(filter_ancillas=True)
    end = made.layout.final_index_layout(filter_ancillas=True)
    return RoutedCircuit(_converted(made, n), tuple(start), tuple(end))


_CACHES = threading.local()
"""Pass managers of each thread: a pass manager that runs cannot be borrowed by another thread."""


def _pass_manager(gates: tuple[str, ...], coupling: Coupling | None, seed: int, layout: tuple[int, ...] | None) -> Any:
    """Return a pass manager that this thread may use."""
    cache: dict[Any, Any] = _CACHES.__dict__.setdefault("managers", {})
    key = (gates, coupling, seed, layout)
    if key not in cache:
        if len(cache) >= MAX_MANAGERS:
            cache.clear()
        cache[key] = _new_pass_manager(*key)
    return cache[key]


def _new_pass_manager(
    gates: tuple[str, ...], coupling: Coupling | None, seed: int, layout: tuple[int, ...] | None
) -> Any:
    """Return the passes of ``transpile(..., optimization_level=3)``; building them costs more than running them."""
    from qiskit.transpiler import generate_preset_pass_manager

    if coupling is None:
        return _unrouted_pass_manager(gates)
    return generate_preset_pass_manager(
        optimization_level=LEVEL,
        basis_gates=list(gates),
        coupling_map=[[*pair] for a, b in coupling.pairs for pair in ((a, b), (b, a))],
        seed_transpiler=seed,
        initial_layout=list(layout) if layout is not None else None,
    )


def _unrouted_pass_manager(gates: tuple[str, ...]) -> Any:
    """Return the same passes where all pairs are coupled, without loading every stage plugin that is installed.

    Some of those import a vendor's whole package, which takes longer than the synthesis.
    """
    from importlib.metadata import entry_points

    from qiskit.passmanager.flow_controllers import ConditionalController, DoWhileController
    from qiskit.transpiler import PassManager, PassManagerConfig, StagedPassManager, Target, passes

    target = Target.from_configuration(list(gates))
    config = PassManagerConfig(basis_gates=list(gates), target=target, approximation_degree=1.0, seed_transpiler=0)
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
