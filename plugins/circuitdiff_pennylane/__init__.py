"""circuitdiff inside PennyLane: resynthesis and state preparation as transforms of tapes and QNodes."""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Unpack

import numpy as np
import pennylane as qml
from pennylane.measurements import MeasurementProcess
from pennylane.operation import Operator
from pennylane.queuing import AnnotatedQueue
from pennylane.tape import QuantumScript

import circuitdiff
from circuitdiff import BlockSettings, InputError, OpaqueOperation, Operation, resynthesize_steps

__all__ = ["prepare_states", "resynthesize"]

GATES: dict[str, type[Operator]] = {
    **{"h": qml.H, "x": qml.X, "y": qml.Y, "z": qml.Z, "s": qml.S, "t": qml.T, "sx": qml.SX},
    **{"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ, "p": qml.PhaseShift, "u": qml.U3},
    **{"cx": qml.CNOT, "cy": qml.CY, "cz": qml.CZ, "ch": qml.CH, "swap": qml.SWAP, "iswap": qml.ISWAP, "ecr": qml.ECR},
    **{"crx": qml.CRX, "cry": qml.CRY, "crz": qml.CRZ, "cp": qml.ControlledPhaseShift},
    **{"rxx": qml.IsingXX, "ryy": qml.IsingYY, "rzz": qml.IsingZZ},
}
"""PennyLane's gates on one and two wires by the library's names."""

MAX_MATRIX_WIRES = 6
"""Operations up to this size are compared with what PennyLane decomposes them into."""

NAMES = {gate.__name__: name for name, gate in GATES.items()}


@qml.transform
def resynthesize(
    tape: QuantumScript,
    *,
    gate_set: str = "u,cx",
    pairs: Iterable[tuple[Any, Any]] | None = None,
    timeout: float | None = None,
    **settings: Unpack[BlockSettings],
) -> tuple[Sequence[QuantumScript], Callable[[Sequence[Any]], Any]]:
    """Rewrite blocks of a tape or QNode; where no two-qubit gate is saved, it comes back as it was.

    Gates on three or more wires are first decomposed by PennyLane. Trainable and batched parameters, mid-circuit
    measurements and what they control, channels and barriers stay where they are.

    Args:
        tape: on any wires.
        gate_set: of what is written; names of `GATES`, or a preset made of them.
        pairs: coupled wires of the device, all by default; blocks are rewritten for exactly their couplings.
        timeout: wall-clock seconds.
        settings: ``block_size``, ``effort``, ``tol``, ``seed``, ``model`` and ``cache``: see
            `circuitdiff.BlockSettings`.

    Raises:
        circuitdiff.InputError: an option out of range, or a gate that is none of `GATES` would have to be written.
    """
    with AnnotatedQueue():  # PennyLane records for the whole process: one thread at a time
        lowered, phase = _lowered(tape)
    places = {wire: place for place, wire in enumerate(tape.copy(operations=lowered).wires)}
    steps = [_step(operation, places) for operation in lowered]
    coupled = None if pairs is None else [(places[a], places[b]) for a, b in pairs if a in places and b in places]
    found = resynthesize_steps(steps, gate_set=gate_set, pairs=coupled, timeout=timeout, **settings)
    if not found.saved:
        return (tape,), _only
    with AnnotatedQueue():
        return (_rewritten(tape, found.steps, list(places), phase + found.global_phase),), _only


def _rewritten(
    tape: QuantumScript, steps: Sequence[Operation | OpaqueOperation], wires: Sequence[Any], phase: float
) -> QuantumScript:
    operations = [_written(step, wires) for step in steps]
    if abs(cmath.exp(1j * phase) - 1) > 1e-12:
        operations.append(qml.GlobalPhase(-phase))
    result = tape.copy(operations=operations)
    if result.wires != tape.wires:  # states are reported in the order in which a tape first mentions its wires
        result = tape.copy(operations=[qml.Identity(wires=tape.wires), *operations])
    return result


PREPARATIONS = ("StatePrep", "MottonenStatePreparation")


@qml.transform
def prepare_states(
    tape: QuantumScript, **settings: Any
) -> tuple[Sequence[QuantumScript], Callable[[Sequence[Any]], Any]]:
    """Write ``StatePrep`` and ``MottonenStatePreparation`` on wires in zero with as few two-qubit gates as possible.

    What is batched, trainable, or not the first on its wires stays.

    Args:
        tape: on any wires.
        settings: keywords of `circuitdiff.compile`; a gate set is made of names of `GATES`, and a coupling map numbers
            the wires of a preparation from the last.

    Raises:
        circuitdiff.InputError: an option out of range, a gate that is none of `GATES` would have to be written, or
            ``up_to``: operations cannot say in which order their wires end.
    """
    if "up_to" in settings:
        raise circuitdiff.InputError("up_to is not offered here: operations of PennyLane keep the order of their wires")
    with AnnotatedQueue():
        return (tape.copy(operations=list(_with_states_prepared(tape, settings))),), _only


def _with_states_prepared(tape: QuantumScript, settings: dict[str, Any]) -> Iterator[Operator]:
    touched: set[Any] = set()
    for operation in tape.operations:
        is_first = not touched & set(operation.wires)
        touched |= set(operation.wires)
        if operation.name in PREPARATIONS and is_first and _is_constant(operation):
            yield from _prepared(operation, settings)
        else:
            yield operation


def _prepared(operation: Operator, settings: dict[str, Any]) -> list[Operator]:
    amplitudes = np.asarray(operation.data[0], dtype=np.complex128)
    n = len(operation.wires)
    if amplitudes.shape != (1 << n,):
        return [operation]
    circuit = circuitdiff.compile(amplitudes, **settings).circuit
    wires = list(reversed(operation.wires))  # the first wire is the most significant, as our last qubit is
    written = [_written(step, wires) for step in circuit.operations]
    return [*written, qml.GlobalPhase(-circuit.global_phase)]


def _only(results: Sequence[Any]) -> Any:
    return results[0]


def _lowered(tape: QuantumScript) -> tuple[list[Operator | MeasurementProcess], float]:
    """Return a tape's operations, those that are none of `GATES` decomposed, and the phase in radians that this loses.

    PennyLane leaves phases out of some of its decompositions, which shows where a circuit is controlled.
    """
    lowered: list[Operator | MeasurementProcess] = []
    phase = 0.0
    for operation in tape.operations:
        if operation.name in NAMES or not getattr(operation, "has_decomposition", False):
            lowered.append(operation)
            continue
        alone = QuantumScript([operation])
        (parts,), _ = qml.transforms.decompose(
            alone, gate_set={*NAMES, "GlobalPhase"}, stopping_condition=_has_no_parts
        )
        for part in parts.operations:
            if isinstance(part, qml.GlobalPhase) and _is_constant(part):
                phase -= float(part.data[0])
            else:
                lowered.append(part)
        if _is_constant(operation) and operation.has_matrix and 0 < len(operation.wires) <= MAX_MATRIX_WIRES:
            given, made = (qml.matrix(script, wire_order=operation.wires) for script in (alone, parts))
            phase += cmath.phase(complex(np.vdot(made, given)))
    return lowered, phase


def _is_constant(operation: Operator | MeasurementProcess) -> bool:
    """Tell whether no parameter is to be trained, traced or batched."""
    is_free = any(qml.math.requires_grad(x) or qml.math.is_abstract(x) for x in getattr(operation, "data", ()))
    return not is_free and not getattr(operation, "batch_size", None)


def _has_no_parts(operation: Operator) -> bool:
    return not operation.has_decomposition


def _step(operation: Operator | MeasurementProcess, places: dict[Any, int]) -> Operation | OpaqueOperation:
    qubits = tuple(places[wire] for wire in operation.wires)
    data = getattr(operation, "data", ())
    if operation.name in NAMES and _is_constant(operation) and not any(qml.math.ndim(x) for x in data):
        return Operation(NAMES[operation.name], qubits, tuple(map(float, data)))
    if isinstance(operation, qml.GlobalPhase):
        return OpaqueOperation((), operation)
    is_gate = getattr(operation, "has_matrix", False) and not isinstance(operation, qml.ops.Conditional)
    if is_gate and qubits:
        return OpaqueOperation(qubits, operation)
    return OpaqueOperation(
        (*(qubits or places.values()), len(places)), operation
    )  # measurements and conditions in their order


def _written(step: Operation | OpaqueOperation, wires: Sequence[Any]) -> Operator:
    if isinstance(step, OpaqueOperation):
        return step.payload
    if step.name not in GATES:
        raise InputError(f"PennyLane is written with {', '.join(GATES)}; the gate set has {step.name}")
    return GATES[step.name](*step.params, wires=[wires[q] for q in step.qubits])
