"""``resynthesize``: a Cirq transformer that rewrites blocks with fewer two-qubit gates."""

from __future__ import annotations

import cmath
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Unpack

import cirq

from circuitdiff import BlockSettings, Circuit, InputError, OpaqueOperation, Operation, resynthesize_steps

MAX_GATE_QUBITS = 3
"""Gates on more are left as they are."""


class _Original(NamedTuple):
    """A Cirq operation, and the phase in radians by which it differs from the library's."""

    operation: cirq.Operation
    phase: float


@cirq.transformer(add_deep_support=True)
def resynthesize(
    circuit: cirq.AbstractCircuit,
    *,
    context: cirq.TransformerContext | None = None,
    gate_set: str = "u,cz",
    pairs: Iterable[tuple[cirq.Qid, cirq.Qid]] | None = None,
    timeout: float | None = None,
    **settings: Unpack[BlockSettings],
) -> cirq.Circuit:
    """Rewrite blocks of a circuit; where no two-qubit gate is saved, it comes back as it was.

    Measurements, what they control, channels, symbols, operations with a tag to ignore, and two-qubit gates that are
    none of the library's (such as a square root of iSWAP) stay. Moments are packed anew.

    Args:
        circuit: of any width, on qubits.
        context: ``deep`` and ``tags_to_ignore`` are respected.
        gate_set: of what is written.
        pairs: coupled qubits of the device, all by default; blocks are rewritten for exactly their couplings.
        timeout: wall-clock seconds.
        settings: ``block_size``, ``effort``, ``tol``, ``seed``, ``model`` and ``cache``: see
            `circuitdiff.BlockSettings`.

    Raises:
        circuitdiff.InputError: an option out of range.
    """
    qubits = sorted(circuit.all_qubits())
    places = {qubit: place for place, qubit in enumerate(qubits)}
    ignored = frozenset(context.tags_to_ignore) if context is not None else frozenset()
    originals: dict[Operation, _Original] = {}
    steps, phase = [], 0.0
    for given in circuit.all_operations():
        step = None if ignored & set(given.tags) else _read(given, places, originals)
        phase += 0.0 if step is None else originals[step].phase
        steps.append(_fence(given, places) if step is None else step)
    coupled = None if pairs is None else [(places[a], places[b]) for a, b in pairs if a in places and b in places]
    found = resynthesize_steps(steps, gate_set=gate_set, pairs=coupled, timeout=timeout, **settings)
    if not found.saved:
        return circuit.unfreeze(copy=True)
    return _written(found.steps, phase + found.global_phase, qubits, originals)


def _read(
    given: cirq.Operation, places: dict[cirq.Qid, int], originals: dict[Operation, _Original]
) -> Operation | None:
    """Return an operation as one of the library and note what it was; None where it is none."""
    ordered = sorted(given.qubits)
    is_gate = 1 <= len(ordered) <= MAX_GATE_QUBITS and not cirq.is_parameterized(given)
    if not is_gate or not cirq.has_unitary(given) or isinstance(given.untagged, cirq.CircuitOperation):
        return None
    try:
        local = Circuit.from_cirq(cirq.Circuit(given.untagged))
    except InputError:
        return None
    if local.num_gates > 1:
        return None
    alone = local.operations[0] if local.operations else Operation("id", (0,))
    if not local.operations and len(ordered) > 1:
        return None
    step = alone._replace(qubits=tuple(places[ordered[q]] for q in alone.qubits))
    originals.setdefault(step, _Original(given, local.global_phase))
    return step


def _fence(given: cirq.Operation, places: dict[cirq.Qid, int]) -> OpaqueOperation:
    """Let an operation stay; all that have to do with measurement keys keep their order."""
    has_keys = bool(cirq.measurement_key_objs(given) or cirq.control_keys(given))
    return OpaqueOperation((*(places[q] for q in given.qubits), *[len(places)] * has_keys), given)


def _written(
    steps: Sequence[Operation | OpaqueOperation],
    phase: float,
    qubits: Sequence[cirq.Qid],
    originals: dict[Operation, _Original],
) -> cirq.Circuit:
    operations: list[cirq.Operation] = []
    for step in steps:
        if isinstance(step, OpaqueOperation):
            operations.append(step.payload)
            continue
        if step not in originals:
            originals[step] = _converted(step, qubits)
        operations.append(originals[step].operation)
        phase -= originals[step].phase
    if abs(cmath.exp(1j * phase) - 1) > 1e-12:
        operations.append(cirq.global_phase_operation(cmath.exp(1j * phase)))
    return cirq.Circuit(operations)


def _converted(step: Operation, qubits: Sequence[cirq.Qid]) -> _Original:
    """Return Cirq's operation for one of the library, and the phase by which it differs."""
    local = Circuit(len(step.qubits), (step._replace(qubits=tuple(range(len(step.qubits)))),)).to_cirq()
    places = {cirq.LineQubit(place): qubits[qubit] for place, qubit in enumerate(step.qubits)}
    operations = list(local.transform_qubits(places).all_operations())
    (gate,) = (operation for operation in operations if operation.qubits)
    phases = [cmath.phase(complex(cirq.unitary(op).item())) for op in operations if not op.qubits]
    return _Original(gate, -sum(phases))
