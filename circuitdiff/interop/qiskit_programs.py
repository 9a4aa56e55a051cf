"""Qiskit circuits with all that is no gate: read as programs, and written back under their own names."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.program import OpaqueOperation, Program, Step
from circuitdiff.errors import InputError
from circuitdiff.interop.layouts import with_output_permutation
from circuitdiff.interop.openqasm import Registers, named_places, qasm_to_qiskit, statements_to_qasm, to_qasm
from circuitdiff.interop.qiskit import MAX_OPERATIONS, read_gate, standard_gates
from circuitdiff.interop.qpy import qpy_to_qiskit

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import CircuitInstruction, Qubit


def program_from_qiskit(circuit: QuantumCircuit, *, drop_barriers: bool = False) -> Program:
    """Read a Qiskit circuit; what is no gate, or has unbound parameters, becomes an opaque operation.

    Gates outside the library are taken apart by their definitions, also in bodies of control flow.

    Raises:
        InputError: more than `circuitdiff.interop.qiskit.MAX_OPERATIONS` operations, or numbers that are not finite.
    """
    places = {qubit: place for place, qubit in enumerate(circuit.qubits)}
    return _program(circuit, places, len(places), drop_barriers)


def program_from_qasm(text: str, *, drop_barriers: bool = False) -> Program:
    """Read OpenQASM 2 or 3 with all that is no gate; see `circuitdiff.interop.from_qasm`."""
    return program_from_qiskit(qasm_to_qiskit(text), drop_barriers=drop_barriers)


def program_from_qpy(data: bytes, *, drop_barriers: bool = False) -> Program:
    """Read the one circuit of a QPY file with all that is no gate; see `circuitdiff.interop.from_qpy`."""
    return program_from_qiskit(qpy_to_qiskit(data), drop_barriers=drop_barriers)


def program_to_qiskit(program: Program) -> QuantumCircuit:
    """Return a program that was read from a Qiskit circuit as one, with the registers, bits and layout of its source.

    Raises:
        InputError: the program has no source.
    """
    if program.source is None:
        raise InputError("the program was not read from a Qiskit circuit and has no registers to be written with")
    written = _written(program, dict(enumerate(program.source.qubits)))
    written._layout = program.source._layout  # Qiskit keeps it in its QPY and copies it the same way
    return written


def program_to_qasm(program: Program, version: int = 3) -> str:
    """Return a program as OpenQASM 3 or 2; one of gates, measurements, resets and barriers loses no digit.

    Raises:
        InputError: another version, or something that the language has no words for.
    """
    program = _without_aliases(program)
    registers = _plain_registers(program.source)
    if program.source is not None and program.source.parameters:
        registers = None
    if program.is_circuit and registers is not None:
        return to_qasm(program.circuit(), version, registers)
    if version not in (2, 3):
        raise InputError(f"OpenQASM has versions 2 and 3, not {version}")
    if registers is not None and registers.are_writable and all(map(_is_plain, program.steps)):
        steps = list(_plain_statements(program, registers, version))
        return statements_to_qasm(steps, program.global_phase, registers, version)
    from qiskit import qasm2, qasm3
    from qiskit.exceptions import QiskitError

    circuit = program_to_qiskit(program)
    try:
        if version == 2:
            return f"{qasm2.dumps(circuit)}\n"
        phase = f"gphase({float(circuit.global_phase)!r});\n" if _has_phase(circuit) else ""  # Qiskit leaves it out
        return f"{qasm3.dumps(circuit, disable_constants=True).rstrip()}\n{phase}"
    except (QiskitError, ValueError, TypeError) as error:
        message = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise InputError(f"OpenQASM {version} cannot say this circuit: {message.strip(chr(34))[:200]}") from error


def _is_plain(step: Step) -> bool:
    """Tell whether a step is a gate, or one of the statements that OpenQASM 2 and 3 have a word for."""
    if isinstance(step, Operation):
        return step.name != "dcz"
    item = step.payload
    is_conditional = getattr(item.operation, "condition", None) is not None
    return item.name in ("measure", "reset", "barrier") and bool(item.qubits) and not is_conditional


def _plain_statements(program: Program, registers: Registers, version: int) -> Iterator[Operation | str]:
    """Yield gates as they are, and measurements, resets and barriers as OpenQASM."""
    qubits, bits = named_places(registers.qubits), named_places(registers.bits)
    for step in program.steps:
        if isinstance(step, Operation):
            yield step
            continue
        item = step.payload
        touched = [qubits[wire] for wire in step.wires[: len(item.qubits)]]
        if item.name != "measure":
            yield f"{item.name} {', '.join(touched)};"
            continue
        bit = bits[step.wires[1] - program.num_qubits - 1]
        yield f"measure {touched[0]} -> {bit};" if version == 2 else f"{bit} = measure {touched[0]};"


def _has_phase(circuit: QuantumCircuit) -> bool:
    return isinstance(circuit.global_phase, float | int) and circuit.global_phase != 0


def program_to_qpy(program: Program, output_permutation: Sequence[int] | None = None) -> bytes:
    """Return a QPY file that holds the program, and as its layout that output ``q`` belongs on ``permutation[q]``."""
    from qiskit import qpy

    buffer = io.BytesIO()
    qpy.dump(with_output_permutation(program_to_qiskit(program), output_permutation), buffer)
    return buffer.getvalue()


def _program(circuit: QuantumCircuit, places: Mapping[Qubit, int], num_qubits: int, drop_barriers: bool) -> Program:
    """Read a circuit whose qubits are ``places`` of a register; bits and variables are wires from there on."""
    wires: dict[Any, int] = {bit: num_qubits + 1 + number for number, bit in enumerate(circuit.clbits)}
    variables = (num_qubits,) if circuit.num_vars else ()  # one wire for all of them
    steps: list[Step] = []
    phase = 0.0
    for item in circuit.data:
        qubits = tuple(places[q] for q in item.qubits)
        gates = _read(item, qubits)
        if gates is not None:
            steps += gates[0]
            phase += gates[1]
        elif not (drop_barriers and item.name == "barrier"):
            bodies = getattr(item.operation, "blocks", ())
            inner = [dict(zip(body.qubits, qubits, strict=True)) for body in bodies]
            read = (_program(b, p, num_qubits, drop_barriers) for b, p in zip(bodies, inner, strict=True))
            touched = (*qubits, *(wires[bit] for bit in item.clbits), *variables)
            layers = int(not getattr(item.operation, "_directive", False))
            steps.append(OpaqueOperation(touched, item, tuple(read), layers))
        if len(steps) > MAX_OPERATIONS:
            raise InputError(f"circuit has more than {MAX_OPERATIONS} operations")
    source = circuit.copy_empty_like()
    source._layout = circuit._layout
    if isinstance(source.global_phase, float | int):  # a parametrised one stays with the source
        phase, source.global_phase = phase + float(source.global_phase), 0.0
    if not isfinite(phase):
        raise InputError(f"circuit has a global phase that is not finite: {phase}")
    return Program(num_qubits, tuple(steps), phase, source)


def _read(item: CircuitInstruction, qubits: tuple[int, ...]) -> tuple[list[Operation], float] | None:
    """Return an instruction as gates and a phase; None for what is none, or has unbound parameters.

    Raises:
        InputError: numbers that are not finite.
    """
    from qiskit.circuit import ControlFlowOp, ParameterExpression

    operation = item.operation
    if item.clbits or getattr(operation, "_directive", False) or isinstance(operation, ControlFlowOp):
        return None
    if item.name in ("delay", "reset", "initialize"):
        return None
    if any(isinstance(param, ParameterExpression) and param.parameters for param in item.params):
        return None
    if any(isinstance(param, float) and not isfinite(param) for param in item.params):
        raise InputError(f"gate {item.name!r} has a parameter that is not finite")
    try:
        return read_gate(operation, qubits)
    except InputError:
        return None


def _written(program: Program, bits: Mapping[int, Qubit]) -> QuantumCircuit:
    """Return a program on the qubits of its source, ``bits`` by index."""
    from qiskit.circuit import CircuitInstruction

    circuit = program.source.copy_empty_like()
    circuit.global_phase += program.global_phase
    classes = standard_gates()
    for step in program.steps:
        if isinstance(step, Operation):
            gate = classes[step.name](*step.params)
            circuit._append(CircuitInstruction(gate, [bits[q] for q in step.qubits]))
            continue
        item = step.payload
        if step.bodies:
            inner = [dict(zip(step.wires, body.source.qubits, strict=False)) for body in step.bodies]
            blocks = [_written(b, p) for b, p in zip(step.bodies, inner, strict=True)]
            item = item.replace(operation=item.operation.replace_blocks(blocks))
        circuit._append(item.replace(qubits=[bits[wire] for wire in step.wires[: len(item.qubits)]]))
    return circuit


def _plain_registers(source: QuantumCircuit | None) -> Registers | None:
    """Return the registers of a circuit by name; None where a bit is in none or several, or there are variables."""
    if source is None or source.num_vars:
        return None
    for registers, bits in ((source.qregs, source.qubits), (source.cregs, source.clbits)):
        if [bit for register in registers for bit in register] != bits:
            return None
    qubits, bits = (tuple((r.name, r.size) for r in registers) for registers in (source.qregs, source.cregs))
    return Registers(qubits, bits)


def _without_aliases(program: Program) -> Program:
    """Return a program whose source has each bit in one register where some hold bits of others (``let``).

    Of two names for the same bits the later one is taken, which is what gates are written with.
    """
    source = program.source
    if source is None or source.num_vars:
        return program
    chosen = [*_disjoint(source.qregs), *_disjoint(source.cregs)]
    if len(chosen) == len(source.qregs) + len(source.cregs):
        return program
    from qiskit import QuantumCircuit

    bare = QuantumCircuit(*chosen, name=source.name, global_phase=source.global_phase)
    same_bits = bare.qubits == source.qubits and bare.clbits == source.clbits
    return replace(program, source=bare) if same_bits else program


def _disjoint(registers: Sequence[Any]) -> list[Any]:
    """Return registers without those that hold a bit of a later one, in their order."""
    chosen: list[Any] = []
    held: set[Any] = set()
    for register in reversed(registers):
        if held.isdisjoint(register):
            chosen.insert(0, register)
            held.update(register)
    return chosen
