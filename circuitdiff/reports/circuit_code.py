"""A circuit as code to take away: OpenQASM, Qiskit, Cirq, circuitdiff."""

from __future__ import annotations

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.program import Program


def codes(circuit: Circuit | Program) -> dict[str, str]:
    """Return source text by the name of its language; of programs that measure or branch, OpenQASM 3 alone."""
    found = {"OpenQASM 3": circuit.to_qasm()}
    if isinstance(circuit, Program):
        if not circuit.is_circuit:
            return found
        circuit = circuit.circuit()
    expanded = circuit.expand()
    return found | {
        "OpenQASM 2": circuit.to_qasm(version=2),
        "Qiskit": _qiskit(expanded),
        "Cirq": _cirq(expanded),
        "circuitdiff": _circuitdiff(circuit),
    }


def _qiskit(circuit: Circuit) -> str:
    calls = "\n".join(f"circuit.{op.name}({_arguments(op)})" for op in circuit.operations)
    phase = f", global_phase={circuit.global_phase!r}" if circuit.global_phase else ""
    return f"from qiskit import QuantumCircuit\n\ncircuit = QuantumCircuit({circuit.num_qubits}{phase})\n{calls}\n"


def _cirq(circuit: Circuit) -> str:
    from circuitdiff.interop import to_cirq_json

    return f'import cirq\n\ncircuit = cirq.read_json(json_text="""{to_cirq_json(circuit)}""")\n'


def _circuitdiff(circuit: Circuit) -> str:
    gates = "\n".join(f"    {(op.name, tuple(op.qubits), _floats(op))!r}," for op in circuit.operations)
    return (
        f"import circuitdiff\n\ngates = [\n{gates}\n]\n"
        f"circuit = circuitdiff.Circuit.from_gates({circuit.num_qubits}, gates)\n"
    )


def _floats(operation: Operation) -> tuple[float, ...]:
    return tuple(map(float, operation.params))


def _arguments(operation: Operation) -> str:
    return ", ".join([*map(repr, _floats(operation)), *map(str, operation.qubits)])
