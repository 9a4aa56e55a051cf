"""Qiskit circuits with whatever a circuit may have in it, and how to compare them."""

from __future__ import annotations

from math import log1p

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import CXGate, UGate, UnitaryGate
from qiskit.quantum_info import Operator, random_unitary
from qiskit.transpiler import InstructionProperties, Target


def count(circuit: QuantumCircuit) -> int:
    """Return the number of gates on two or more qubits, those in bodies included."""
    inner = [body for item in circuit.data for body in getattr(item.operation, "blocks", ())]
    gates = sum(len(i.qubits) > 1 and not i.clbits and i.operation.name != "barrier" for i in circuit.data)
    return gates + sum(map(count, inner))


def toffolis() -> QuantumCircuit:
    circuit = QuantumCircuit(5, global_phase=0.4)
    for qubits in ((0, 1, 2), (1, 2, 3), (0, 2, 1)):
        circuit.ccx(*qubits)
    return circuit


def random_circuit(seed: int, num_qubits: int, size: int, theta: Parameter) -> QuantumCircuit:
    """Return a circuit with gates, a parameter, measurements, conditionals, barriers, delays and resets."""
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(num_qubits, size)
    for position in range(size):
        a, b = map(int, rng.permutation(num_qubits)[:2])
        match int(rng.integers(12)):
            case 0:
                circuit.rz(theta, a)
            case 1:
                circuit.measure(a, position)
            case 2:
                with circuit.if_test((position, 1)):
                    for _ in range(3):
                        circuit.cx(a, b)
            case 3:
                circuit.barrier(a, b)
            case 4:
                circuit.delay(10, a) if position % 2 else circuit.reset(a)
            case 5:
                circuit.u(*rng.uniform(-3, 3, 3), a)
            case 6:
                circuit.swap(a, b)
            case kind:
                circuit.cx(a, b) if kind % 2 else circuit.cz(a, b)
    return circuit


def stand_in(circuit: QuantumCircuit, theta: Parameter) -> QuantumCircuit:
    """Put unitaries, the same for the same classical bit, in the places of what is not unitary."""
    bound = circuit.assign_parameters({theta: 0.7}) if theta in circuit.parameters else circuit
    replaced = QuantumCircuit(*circuit.qregs, global_phase=bound.global_phase)
    replaced._layout = circuit._layout
    for item in bound.data:
        if item.operation.name in ("barrier", "delay"):
            continue
        if item.clbits or item.operation.name == "reset":
            seed = circuit.find_bit(item.clbits[0]).index if item.clbits else circuit.num_clbits
            wires = sorted(item.qubits, key=lambda q: circuit.find_bit(q).index)
            replaced.append(UnitaryGate(random_unitary(2 ** len(wires), seed=seed)), wires)
        else:
            replaced.append(item.operation, item.qubits)
    return replaced


def is_same(a: QuantumCircuit, b: QuantumCircuit) -> bool:
    """Tell whether two circuits agree, the order of outputs that their layouts say and global phase included.

    Infidelities as small as rounding, 1e-15 a block, still mean amplitudes that are off by 3e-8.
    """
    return bool(np.allclose(Operator.from_circuit(a).data, Operator.from_circuit(b).data, atol=1e-6))


def uneven_triangle() -> tuple[QuantumCircuit, Target]:
    """Return a circuit on three qubits that does without the pair on which a device's gates are bad, and the device."""
    errors = {(0, 1): 1e-3, (1, 2): 1e-3, (0, 2): 0.3}
    target = Target(num_qubits=3)
    target.add_instruction(UGate(*map(Parameter, "abc")), {(q,): None for q in range(3)})
    target.add_instruction(
        CXGate(),
        {
            pair: InstructionProperties(duration=1e-6 * error, error=error)
            for (a, b), error in errors.items()
            for pair in ((a, b), (b, a))
        },
    )
    circuit = QuantumCircuit(3)
    circuit.cswap(0, 1, 2)
    line = [[0, 1], [1, 0], [1, 2], [2, 1]]
    routed = transpile(
        circuit, basis_gates=["u", "cx"], coupling_map=line, initial_layout=[0, 1, 2], optimization_level=1
    )
    return QuantumCircuit(3).compose(routed, range(3)), target


def two_qubit_cost(circuit: QuantumCircuit, target: Target, of: str = "error") -> float:
    """Return the summed -log(1 - error), or seconds, of a circuit's two-qubit gates."""
    total = 0.0
    for item in circuit.data:
        if len(item.qubits) == 2:
            properties = target[item.operation.name][tuple(circuit.find_bit(q).index for q in item.qubits)]
            total += -log1p(-properties.error) if of == "error" else properties.duration
    return total
