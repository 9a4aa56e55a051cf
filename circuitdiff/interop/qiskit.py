"""Qiskit circuits; both sides count qubits from the least significant bit, so indices stay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.interop.matching import phase_between, single_qubit_operation
from circuitdiff.interop.qiskit_loading import load_qiskit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_OPERATIONS = 1_000_000
"""Most operations that a circuit may hold after gates outside the library were taken apart."""

MAX_MATRIX_QUBITS = 6
"""Instructions without a definition are read from their matrix up to this size."""

_IGNORED = frozenset({"barrier", "delay"})
_CONTROL_FLOW = frozenset({"if_else", "while_loop", "for_loop", "switch_case", "box", "break_loop", "continue_loop"})


def to_qiskit(circuit: Circuit) -> QuantumCircuit:
    """Return the same circuit, global phase included, as a Qiskit circuit."""
    load_qiskit()
    from qiskit import QuantumCircuit

    converted = QuantumCircuit(circuit.num_qubits, global_phase=circuit.global_phase)
    classes = standard_gates()
    for name, qubits, params in circuit.expand().operations:
        converted.append(classes[name](*params), qubits)
    return converted


def with_output_layout(circuit: QuantumCircuit, permutation: Sequence[int]) -> QuantumCircuit:
    """Return a circuit with the layout that says: its qubit ``q`` ends as the output qubit ``permutation[q]``."""
    from qiskit.transpiler import Layout, TranspileLayout

    marked = circuit.copy()
    indices = {qubit: index for index, qubit in enumerate(marked.qubits)}
    ends = {marked.qubits[output]: place for place, output in enumerate(permutation)}
    marked._layout = TranspileLayout(
        initial_layout=Layout(indices),
        input_qubit_mapping=indices,
        final_layout=Layout(ends),
        _input_qubit_count=marked.num_qubits,
        _output_qubit_list=marked.qubits,
    )
    return marked


def from_qiskit(circuit: QuantumCircuit) -> Circuit:
    """Read a Qiskit circuit; gates outside the library are taken apart by their definitions.

    Barriers and delays are left out.  The unitary is the same, global phase included.

    Raises:
        InputError: measurements, resets, control flow, unbound parameters or such that are not finite, instructions
            that are not unitary or cannot be taken apart, or more than `MAX_OPERATIONS` operations.
    """
    if circuit.parameters:
        listed = ", ".join(sorted(parameter.name for parameter in circuit.parameters))
        raise InputError(f"circuit has unbound parameters: {listed}")
    reader = _Reader()
    reader.read(circuit, range(circuit.num_qubits))
    if not np.isfinite(reader.phase):
        raise InputError(f"circuit has a global phase that is not finite: {reader.phase}")
    return Circuit.from_gates(circuit.num_qubits, reader.operations, reader.phase)


def read_gate(operation: Any, qubits: tuple[int, ...]) -> tuple[list[Operation], float]:
    """Return one instruction on some qubits as gates of the library, and a phase in radians.

    Raises:
        InputError: the instruction is none, or holds numbers that are not finite.
    """
    reader = _Reader()
    reader.instruction(operation, qubits)
    if not np.isfinite(reader.phase):
        raise InputError(f"gate {operation.name!r} has a phase that is not finite: {reader.phase}")
    checked = Circuit.from_gates(max(qubits, default=-1) + 1, reader.operations)
    return list(checked.expand().operations), reader.phase


class _Reader:
    """Gathers the operations and the phase of circuits inside circuits."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.phase = 0.0

    def read(self, circuit: QuantumCircuit, qubits: Sequence[int]) -> None:
        """Read a circuit whose qubits are ``qubits`` of the register."""
        self.phase += float(circuit.global_phase)
        places = dict(zip(circuit.qubits, qubits, strict=True))
        for item in circuit.data:
            self.instruction(item.operation, tuple(places[q] for q in item.qubits))
            if len(self.operations) > MAX_OPERATIONS:
                raise InputError(f"circuit has more than {MAX_OPERATIONS} operations")

    def instruction(self, operation: Any, qubits: tuple[int, ...]) -> None:
        """Read one instruction."""
        name = operation.name
        if name in _IGNORED:
            return
        if name in _CONTROL_FLOW or getattr(operation, "condition", None) is not None:
            raise InputError(f"instruction {name!r} depends on classical bits, which no unitary does")
        if operation.num_clbits or name in ("reset", "initialize"):
            raise InputError(f"instruction {name!r} on qubit {qubits[0]} is not unitary")
        if name == "global_phase":
            self.phase += float(operation.params[0])
        elif _is_standard(operation):
            self.operations.append(Operation(name, qubits, tuple(float(p) for p in operation.params)))
        elif not self.recognised(operation, qubits):
            self.take_apart(operation, qubits)

    def recognised(self, operation: Any, qubits: tuple[int, ...]) -> bool:
        """Read an instruction that bears the name of a library gate and has its matrix, as after parsing OpenQASM."""
        definition = GATES.get(operation.name)
        if definition is None or definition.num_qubits != len(qubits):
            return False
        params = tuple(float(p) for p in operation.params)
        if len(params) != definition.num_params:
            return False
        phase = phase_between(_matrix(operation), definition.matrix(params))
        if phase is None:
            return False
        self.operations += Circuit(len(qubits), (Operation(operation.name, qubits, params),)).expand().operations
        self.phase += phase
        return True

    def take_apart(self, operation: Any, qubits: tuple[int, ...]) -> None:
        """Read an instruction's definition, or failing that its matrix."""
        if operation.name == "unitary" and len(qubits) <= 2:
            return self.matrix(np.asarray(operation.params[0], dtype=np.complex128), qubits)
        inner = getattr(operation, "definition", None)
        if inner is not None:
            return self.read(inner, qubits)
        if len(qubits) > MAX_MATRIX_QUBITS:
            raise InputError(f"gate {operation.name!r} on {len(qubits)} qubits has no definition to take it apart by")
        return self.matrix(_matrix(operation), qubits)

    def matrix(self, matrix: NDArray[np.complex128], qubits: tuple[int, ...]) -> None:
        """Read a unitary matrix by way of an exact decomposition."""
        from qiskit.circuit.library import UnitaryGate
        from qiskit.synthesis import TwoQubitWeylDecomposition

        if len(qubits) == 1:
            operation, phase = single_qubit_operation(matrix, qubits[0])
            self.operations.append(operation)
            self.phase += phase
            return
        inner = _Reader()
        if len(qubits) == 2:
            # without a fidelity of None the decomposition would round the matrix to a near special case
            inner.read(TwoQubitWeylDecomposition(matrix, fidelity=None).circuit(simplify=False), (0, 1))
        else:
            inner.read(UnitaryGate(matrix).definition, range(len(qubits)))
        circuit = Circuit(len(qubits), tuple(inner.operations))
        self.operations += circuit.permuted(qubits, max(qubits) + 1).operations
        self.phase += float(np.angle(np.vdot(circuit.unitary(), matrix)))


def _matrix(operation: Any) -> NDArray[np.complex128]:
    from qiskit.exceptions import QiskitError
    from qiskit.quantum_info import Operator

    try:
        return np.asarray(Operator(operation).data, dtype=np.complex128)
    except (QiskitError, TypeError, ValueError) as error:
        raise InputError(f"gate {operation.name!r} is neither in the library nor can it be taken apart") from error


def standard_gates() -> dict[str, type]:
    """Return Qiskit's class for every gate of the library that Qiskit has under the same name."""
    return {name: kind for name, kind in _named_by_qiskit().items() if name in GATES}


@cache
def _named_by_qiskit() -> dict[str, type]:
    load_qiskit()
    from qiskit.circuit.library import get_standard_gate_name_mapping

    return {name: gate.base_class for name, gate in get_standard_gate_name_mapping().items()}


def _is_standard(operation: Any) -> bool:
    """Tell whether an instruction is Qiskit's own gate of that name; open controls have other names."""
    known = _named_by_qiskit().get(operation.name) if operation.name in GATES else None
    return known is getattr(operation, "base_class", type(operation))
