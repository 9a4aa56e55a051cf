"""The order of a circuit's outputs as Qiskit keeps it: in the layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def with_output_permutation(circuit: QuantumCircuit, permutation: Sequence[int] | None) -> QuantumCircuit:
    """Return a circuit whose layout says that its output qubit ``q`` holds what belongs on ``permutation[q]``.

    A layout that it has already is carried on; None leaves it as it is.
    """
    if permutation is None:
        return circuit
    from qiskit.transpiler import Layout, TranspileLayout

    qubits = circuit.qubits
    written, before = circuit.copy(), circuit._layout
    if before is None:
        trivial = Layout(dict(enumerate(qubits)))
        final = Layout({place: qubits[wire] for place, wire in enumerate(permutation)})
        indices = {qubit: index for index, qubit in enumerate(qubits)}
        written._layout = TranspileLayout(trivial, indices, final, len(qubits), list(qubits))
        return written
    ends = before.final_layout
    starts = [q if ends is None else circuit.find_bit(ends[q]).index for q in range(len(qubits))]
    final = Layout({place: qubits[starts[wire]] for place, wire in enumerate(permutation)})
    written._layout = TranspileLayout(
        before.initial_layout, before.input_qubit_mapping, final, before._input_qubit_count, list(qubits)
    )
    return written
