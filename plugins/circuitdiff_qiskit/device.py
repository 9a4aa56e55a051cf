"""What a Qiskit device can do: its gates, its couplings, and what they cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import log1p
from typing import NamedTuple

from qiskit.dagcircuit import DAGCircuit
from qiskit.synthesis.one_qubit.one_qubit_decompose import ONE_QUBIT_EULER_BASIS_GATES
from qiskit.transpiler import CouplingMap, Target
from qiskit.transpiler.passes import CheckGateDirection, GateDirection, Optimize1qGatesDecomposition

from circuitdiff import GATES, InputError, gate_set_of

UNIVERSAL = "u,cx"
COSTS = ("count", "error", "duration")
WORST_ERROR = 1.0 - 1e-9

TIE = 1e-7
"""What an error weighs beside a gate: little enough that those of a hundred thousand gates make no whole one."""


class Basis(NamedTuple):
    """What circuits are written in.

    Attributes:
        gate_set: of the library.
        is_translated: whether gates on single qubits are written as ``u``, for Qiskit to put into the device's own.
    """

    gate_set: str
    is_translated: bool = False


def basis_of(target: Target | None, basis_gates: Collection[str] | None) -> Basis | None:
    """Return what to write for a device, ``u,cx`` where none is given, None where nothing universal can be built.

    Gates on single qubits that the library lacks (``u1``, ``u2``, ``u3``, ``r``) are left to Qiskit's own translation
    of single qubits, which adds no gate on two.
    """
    named = target is not None and target.operation_names
    names = set(target.operation_names if target is not None and named else basis_gates or ())
    if not names:
        return Basis(UNIVERSAL)
    rotations = _rotations_everywhere(target) if target is not None and named else names
    own = gate_set_of(names, rotations)
    if own is not None:
        return Basis(own)
    if not any(set(gates) <= names for gates in ONE_QUBIT_EULER_BASIS_GATES.values()):
        return None
    wide = [name for name in names if name in GATES and GATES[name].num_qubits > 1]
    translated = gate_set_of(["u", *wide], rotations)
    return None if translated is None else Basis(translated, is_translated=True)


def _rotations_everywhere(target: Target) -> set[str]:
    """Return the gates on two qubits that every coupled pair of a device has, in one direction at least."""
    pairs = {frozenset(pair) for pair in coupled_pairs(target, None) or ()}
    placed = {name: target[name] for name in target.operation_names if name in GATES and GATES[name].num_qubits == 2}
    return {
        name
        for name, places in placed.items()
        if places is None or None in places or pairs <= {frozenset(qubits) for qubits in places}
    }


def gate_set(target: Target | None, basis_gates: Collection[str] | None) -> str | None:
    """Return the gate set of `basis_of`."""
    basis = basis_of(target, basis_gates)
    return None if basis is None else basis.gate_set


def coupled_pairs(target: Target | None, coupling_map: CouplingMap | None) -> list[tuple[int, int]] | None:
    """Return the coupled pairs of a device, None where all are."""
    given = target.build_coupling_map() if target is not None else coupling_map
    return None if given is None else [(int(a), int(b)) for a, b in given.get_edges()]


def check_cost(cost: str) -> None:
    """Refuse a cost that there is not.

    Raises:
        InputError: it is none of `COSTS`.
    """
    if cost not in COSTS:
        raise InputError(f"unknown cost {cost!r}; there are: {', '.join(COSTS)}")


def gate_weights(target: Target | None, cost: str) -> Mapping[tuple[str, tuple[int, ...]], float] | None:
    """Return what each gate costs on each pair ``(low, high)``: its better direction's -log(1 - error), or its seconds.

    Where gates are counted, each is one; the errors, if the target has any, say which of equally many are better.

    Raises:
        InputError: the target does not say.
    """
    check_cost(cost)
    if cost != "count":
        weights = _figures(target, cost)
        if not weights:
            raise InputError(f"the target gives no {cost} of a two-qubit gate")
        return weights
    return {placed: 1.0 + TIE * error for placed, error in _figures(target, "error").items()} or None


def _figures(target: Target | None, kind: str) -> dict[tuple[str, tuple[int, ...]], float]:
    found: dict[tuple[str, tuple[int, ...]], float] = {}
    for name in () if target is None else target.operation_names:
        if name not in GATES or GATES[name].num_qubits != 2:
            continue
        for qubits, properties in (target[name] or {}).items():
            value = getattr(properties, kind, None)
            if qubits is None or value is None:
                continue
            figure = -log1p(-min(float(value), WORST_ERROR)) if kind == "error" else float(value)
            placed = (name, (min(qubits), max(qubits)))
            found[placed] = min(figure, found.get(placed, figure))
    return found


def directed(dag: DAGCircuit, target: Target | None, coupling_map: CouplingMap | None) -> DAGCircuit:
    """Turn gates into the directions that a device has, by gates on single qubits."""
    if coupled_pairs(target, coupling_map) is None:  # a target may have gates and no places for them
        return dag
    check = CheckGateDirection(coupling_map, target)
    check.run(dag)
    if check.property_set["is_direction_mapped"]:
        return dag
    turned = GateDirection(coupling_map, target).run(dag)
    return in_own_single_qubit_gates(turned, target, None) if target is not None else turned


def in_own_single_qubit_gates(
    dag: DAGCircuit, target: Target | None, basis_gates: Collection[str] | None
) -> DAGCircuit:
    """Rewrite runs on single qubits in the device's gates."""
    basis = None if basis_gates is None else list(basis_gates)
    return Optimize1qGatesDecomposition(basis=basis, target=target).run(dag)
