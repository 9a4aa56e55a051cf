"""Clifford+T circuits that Qiskit's merging of rotations leaves in Clifford+T.

Two rotations by multiples of pi/4 may merge to three eighths of a turn, which Qiskit writes as ``rz``; its Clifford+T
pipeline then approximates the blocks around it.  Written as ``tdg`` and a Pauli Z that moves to the end of the circuit,
every odd rotation is a ``t`` or a ``tdg``.
"""

from __future__ import annotations

from math import pi

from qiskit import QuantumCircuit
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.transpiler.passes import CommutativeOptimization

MAX_ROUNDS = 8
"""How often rotations are merged and Paulis moved at the most; the second round mostly finds nothing."""

EIGHTHS = {"t": 1, "s": 2, "z": 4, "sdg": 6, "tdg": 7}
"""Gates about Z, in multiples of pi/4."""

_NAMES = {eighths: name for name, eighths in EIGHTHS.items() if name != "z"}


def without_other_rotations(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return a circuit of the same operation up to phase whose rotations stay t, tdg, s and sdg when they are merged.

    Args:
        circuit: over h, x, z, s, sdg, t, tdg, cx and cz.
    """
    for _ in range(MAX_ROUNDS):
        merged = dag_to_circuit(CommutativeOptimization().run(circuit_to_dag(circuit)))
        if not merged.count_ops().get("rz", 0):
            break
        circuit = _with_paulis_last(merged)
    return circuit


def _with_paulis_last(circuit: QuantumCircuit) -> QuantumCircuit:
    """Move Paulis to the end; ``x`` and ``z`` say where there is one on the way."""
    result = QuantumCircuit(circuit.num_qubits)
    places = {qubit: place for place, qubit in enumerate(circuit.qubits)}
    x, z = [False] * circuit.num_qubits, [False] * circuit.num_qubits
    for item in circuit.data:
        name, qubits = item.operation.name, [places[qubit] for qubit in item.qubits]
        a, b = qubits[0], qubits[-1]
        if name in ("x", "y"):
            x[a], z[a] = not x[a], z[a] ^ (name == "y")
            continue
        if name in EIGHTHS or name == "rz":
            eighths = EIGHTHS[name] if name in EIGHTHS else round(item.operation.params[0] / (pi / 4))
            eighths = (-eighths if x[a] else eighths) % 8
            if eighths in (3, 4, 5):
                z[a], eighths = not z[a], (eighths + 4) % 8
            if eighths:
                getattr(result, _NAMES[eighths])(a)
            continue
        if name == "h":
            x[a], z[a] = z[a], x[a]
        elif name == "cx":
            x[b], z[a] = x[b] ^ x[a], z[a] ^ z[b]
        elif name == "cz":
            z[a], z[b] = z[a] ^ x[b], z[b] ^ x[a]
        result.append(item.operation, qubits)
    for place in range(circuit.num_qubits):
        if x[place]:
            result.x(place)
        if z[place]:  # as a gate about Z it would merge with a rotation before it
            result.h(place)
            result.x(place)
            result.h(place)
    return result
