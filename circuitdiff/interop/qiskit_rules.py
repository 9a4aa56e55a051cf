"""Rewrite rules for Qiskit: templates for `TemplateOptimization`, and equivalences for its library."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from circuitdiff.interop.qiskit import standard_gates

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import EquivalenceLibrary

SymbolicGate = tuple[str, Sequence[int], Sequence[tuple[float, float, float]]]
"""A gate's name, its qubits, and for each angle the factors of a and b and what to add, radians."""


def to_parametrised(num_qubits: int, gates: Sequence[SymbolicGate]) -> QuantumCircuit:
    """Return a Qiskit circuit with the parameters a and b."""
    from qiskit import QuantumCircuit

    circuit = QuantumCircuit(num_qubits)
    for name, qubits, angles in gates:
        values = [_expression(*angle) for angle in angles]
        circuit.append(standard_gates()[name](*values), list(qubits))
    return circuit


@cache
def _symbols() -> tuple[Any, Any]:
    from qiskit.circuit import Parameter

    return Parameter("a"), Parameter("b")


def _expression(one: float, other: float, offset: float) -> Any:
    """Return ``one * a + other * b + offset``, plain numbers and symbols where they are."""
    terms = [s if factor == 1 else factor * s for factor, s in zip((one, other), _symbols(), strict=True) if factor]
    return sum(terms[1:], terms[0]) + offset if terms[1:] or (terms and offset) else terms[0] if terms else offset


def to_template(num_qubits: int, lhs: Sequence[SymbolicGate], rhs: Sequence[SymbolicGate]) -> QuantumCircuit:
    """Return the identity ``rhs^-1 lhs`` up to global phase, of which `TemplateOptimization` finds the left side."""
    return to_parametrised(num_qubits, lhs).compose(to_parametrised(num_qubits, rhs).inverse())


def add_equivalence(
    library: EquivalenceLibrary, num_qubits: int, gate: SymbolicGate, circuit: Sequence[SymbolicGate]
) -> None:
    """Tell Qiskit's library that a gate, of angles ``a`` or none, is a circuit; the phase is set right.

    The gate must be on qubits ``0, 1, ...`` in order.
    """
    import numpy as np
    from qiskit.quantum_info import Operator

    single, several = to_parametrised(num_qubits, [gate]), to_parametrised(num_qubits, circuit)
    at = {symbol: 0.7 for symbol in {*single.parameters, *several.parameters}}
    first, second = (
        Operator(c.assign_parameters({s: v for s, v in at.items() if s in c.parameters})).data
        for c in (single, several)
    )
    several.global_phase += float(np.angle(np.vdot(second, first)))
    library.add_equivalence(single.data[0].operation, several)
