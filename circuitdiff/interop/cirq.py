"""Cirq circuits.

The qubit with index ``i`` here is the ``i``-th of the Cirq circuit's qubits in their order.  Cirq puts the first qubit
in the most significant bit of a matrix, so matrices, unlike indices, are reversed bit by bit between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.unitary_io import reverse_qubits
from circuitdiff.errors import InputError
from circuitdiff.interop.matching import match_fixed, phase_between, single_qubit_operation

if TYPE_CHECKING:
    import cirq

MAX_OPERATIONS = 1_000_000
"""Most operations that a circuit may hold after gates outside the library were taken apart."""

MAX_TEXT = 1 << 24
"""Most characters of JSON that are read."""

MAX_CHECKED_QUBITS = 6
"""Operations up to this size are checked against their matrix, which also gives their global phase."""


def to_cirq(circuit: Circuit) -> cirq.Circuit:
    """Return the same circuit, global phase included, on Cirq's line qubits 0..n-1.

    Qubits on which nothing acts get an identity, so that the register keeps its size.
    """
    import cirq

    qubits = cirq.LineQubit.range(circuit.num_qubits)
    operations: list[Any] = []
    phase = circuit.global_phase
    for name, places, params in circuit.expand().operations:
        operations.append(_cirq_gate(name, params).on(*(qubits[q] for q in places)))
        phase -= params[0] / 2 if name == "u" else 0.0
    used = {q for op in circuit.operations for q in op.qubits}
    operations += [cirq.I(qubits[q]) for q in range(circuit.num_qubits) if q not in used]
    if phase:
        operations.append(cirq.global_phase_operation(complex(np.exp(1j * phase))))
    return cirq.Circuit(operations)


def from_cirq(circuit: cirq.AbstractCircuit, qubit_order: Sequence[cirq.Qid] | None = None) -> Circuit:
    """Read a Cirq circuit; gates outside the library are taken apart by Cirq.

    Args:
        circuit: of qubits alone, without measurements and free symbols.
        qubit_order: which qubit has index 0, 1, ...; by default they are sorted as Cirq does.

    Raises:
        InputError: measurements, channels, classical control, free symbols, qudits, gates that cannot be taken
            apart, or more than `MAX_OPERATIONS` operations.
    """
    import cirq

    if cirq.is_parameterized(circuit):
        raise InputError(f"circuit has unbound parameters: {', '.join(sorted(cirq.parameter_names(circuit)))}")
    order = list(qubit_order) if qubit_order is not None else sorted(circuit.all_qubits())
    missing = circuit.all_qubits() - set(order)
    if missing:
        raise InputError(f"qubit order leaves out {min(missing)!r}")
    if any(qubit.dimension != 2 for qubit in order):
        raise InputError("circuit acts on qudits; only qubits are supported")
    indices = {qubit: i for i, qubit in enumerate(order)}
    operations: list[Operation] = []
    phase = 0.0
    for operation in circuit.all_operations():
        read, extra = _read(operation, indices)
        operations += read
        phase += extra
        if len(operations) > MAX_OPERATIONS:
            raise InputError(f"circuit has more than {MAX_OPERATIONS} operations")
    return Circuit.from_gates(len(order), operations, phase)


def to_cirq_json(circuit: Circuit) -> str:
    """Return a circuit as Cirq's JSON."""
    import cirq

    return str(cirq.to_json(to_cirq(circuit)))


def from_cirq_json(text: str) -> Circuit:
    """Read a circuit from Cirq's JSON.

    Raises:
        InputError: text that is no JSON of a Cirq circuit, or a circuit that `from_cirq` refuses.
    """
    import cirq

    if len(text) > MAX_TEXT:
        raise InputError(f"JSON of {len(text)} characters, more than the {MAX_TEXT} that are read")
    try:
        circuit = cirq.read_json(json_text=text)
        if not isinstance(circuit, cirq.AbstractCircuit):
            raise InputError(f"the JSON holds a {type(circuit).__name__}, not a Cirq circuit")
        return from_cirq(circuit)
    except InputError:
        raise
    except Exception as error:  # resolvers and gates let through whatever their arithmetic raises
        message = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise InputError(f"not readable Cirq JSON: {message[:200]}") from error


def _cirq_gate(name: str, params: tuple[float, ...]) -> Any:
    """Return Cirq's gate; ``u`` comes out with an extra phase of half its first angle."""
    import cirq

    if name == "u":
        theta, phi, lam = params
        return cirq.PhasedXZGate(x_exponent=theta / pi, z_exponent=(phi + lam) / pi, axis_phase_exponent=0.5 - lam / pi)
    if name == "ecr":
        return cirq.MatrixGate(reverse_qubits(GATES[name].matrix()), name="ecr")
    made: dict[str, Callable[..., Any] | Any] = {
        "id": cirq.I, "x": cirq.X, "y": cirq.Y, "z": cirq.Z, "h": cirq.H,
        "s": cirq.S, "sdg": cirq.S**-1, "t": cirq.T, "tdg": cirq.T**-1, "sx": cirq.X**0.5, "sxdg": cirq.X**-0.5,
        "cx": cirq.CNOT, "cy": cirq.ControlledGate(cirq.Y), "cz": cirq.CZ, "ch": cirq.ControlledGate(cirq.H),
        "swap": cirq.SWAP, "iswap": cirq.ISWAP, "ccx": cirq.CCNOT, "ccz": cirq.CCZ, "cswap": cirq.CSWAP,
    }  # fmt: skip
    if name in made:
        return made[name]
    turns = params[0] / pi
    match name:
        case "rx" | "ry" | "rz":
            return {"rx": cirq.rx, "ry": cirq.ry, "rz": cirq.rz}[name](params[0])
        case "crx" | "cry" | "crz":
            return cirq.ControlledGate({"crx": cirq.rx, "cry": cirq.ry, "crz": cirq.rz}[name](params[0]))
        case "p":
            return cirq.ZPowGate(exponent=turns)
        case "cp":
            return cirq.CZPowGate(exponent=turns)
        case "rzx":
            return cirq.PauliStringPhasorGate(
                cirq.DensePauliString("ZX"), exponent_neg=turns / 2, exponent_pos=-turns / 2
            )
    pairs = {"rxx": cirq.XXPowGate, "ryy": cirq.YYPowGate, "rzz": cirq.ZZPowGate}
    return pairs[name](exponent=turns, global_shift=-0.5)


def _read(operation: Any, indices: dict[Any, int]) -> tuple[list[Operation], float]:
    """Return a Cirq operation as library operations and a phase."""
    import cirq

    operation = operation.untagged
    _check_unitary(operation)
    qubits = tuple(indices[q] for q in operation.qubits)
    if not qubits:
        return [], float(np.angle(cirq.unitary(operation)[0, 0]))
    if len(qubits) > MAX_CHECKED_QUBITS:
        return _taken_apart(operation, indices)
    matrix = reverse_qubits(np.asarray(cirq.unitary(operation), dtype=np.complex128))
    found = _angled(operation.gate, qubits, matrix) or match_fixed(matrix, qubits)
    if found is None and len(qubits) == 1:
        found = single_qubit_operation(matrix, qubits[0])
    if found is not None:
        return [found[0]], found[1]
    parts, _ = _taken_apart(operation, indices)
    places = {q: i for i, q in enumerate(qubits)}
    local = Circuit(len(qubits), tuple(op._replace(qubits=tuple(places[q] for q in op.qubits)) for op in parts))
    phase = phase_between(matrix, local.unitary())
    if phase is None:
        raise InputError(f"Cirq takes {_name(operation)} apart into something else")
    return parts, phase


def _check_unitary(operation: Any) -> None:
    import cirq

    if operation.classical_controls:
        raise InputError(f"operation {_name(operation)} depends on measurements, which no unitary does")
    if cirq.is_measurement(operation) or not cirq.has_unitary(operation):
        raise InputError(f"operation {_name(operation)} is not unitary")


def _taken_apart(operation: Any, indices: dict[Any, int]) -> tuple[list[Operation], float]:
    """Read what Cirq decomposes an operation into."""
    import cirq

    parts = cirq.decompose_once(operation, default=None)
    if parts is None and len(operation.qubits) == 2:
        parts = cirq.two_qubit_matrix_to_cz_operations(
            *operation.qubits, cirq.unitary(operation), allow_partial_czs=True, clean_operations=False
        )
    if parts is None:
        raise InputError(f"operation {_name(operation)} is neither in the library nor can it be taken apart")
    operations: list[Operation] = []
    phase = 0.0
    for part in parts:
        read, extra = _read(part, indices)
        operations += read
        phase += extra
    return operations, phase


_ANGLED = {
    "Rx": "rx", "Ry": "ry", "Rz": "rz", "ZPowGate": "p", "CZPowGate": "cp",
    "XXPowGate": "rxx", "YYPowGate": "ryy", "ZZPowGate": "rzz", "MSGate": "rxx",
}  # fmt: skip
"""Cirq's classes with an exponent, and the gates with that times pi as their angle."""


def _angled(gate: Any, qubits: tuple[int, ...], matrix: NDArray[np.complex128]) -> tuple[Operation, float] | None:
    """Find the gate with an angle that a Cirq gate is, and its phase, unless a gate without one fits."""
    import cirq

    if isinstance(gate, cirq.ControlledGate) and gate.num_controls() == 1:
        name = {"Rx": "crx", "Ry": "cry", "Rz": "crz"}.get(type(gate.sub_gate).__name__)
        exponent = getattr(gate.sub_gate, "exponent", None)
    elif isinstance(gate, cirq.PauliStringPhasorGate) and gate.dense_pauli_string == cirq.DensePauliString("ZX"):
        name, exponent = "rzx", gate.exponent_relative
    else:
        name = _ANGLED.get(type(gate).__name__)
        exponent = getattr(gate, "exponent", None)
    if name is None or exponent is None:
        return None
    if name in ("p", "cp"):
        fixed = match_fixed(matrix, qubits)
        if fixed is not None:
            return fixed
    operation = Operation(name, qubits, (float(exponent) * pi,))
    phase = phase_between(matrix, GATES[name].matrix(operation.params))
    return None if phase is None else (operation, phase)


def _name(operation: Any) -> str:
    return repr(str(operation)[:60])
