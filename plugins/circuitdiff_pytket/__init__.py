"""circuitdiff inside pytket: resynthesis as a pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import pi
from typing import Any, Unpack

from pytket.circuit import Circuit, Command, Conditional, OpType, Qubit
from pytket.passes import AutoRebase, BasePass, CustomPass, DecomposeBoxes, SequencePass
from pytket.unit_id import UnitID

from circuitdiff import BlockSettings, OpaqueOperation, Operation, resynthesize_steps

__all__ = ["CircuitDiffResynthesis"]

NO_GATES = frozenset({OpType.Barrier, OpType.Measure, OpType.Reset, OpType.Phase, OpType.ClassicalTransform})
"""What is neither a gate nor a box that could be decomposed into gates."""

GATES = {OpType.U3: "u", OpType.CX: "cx"}


def CircuitDiffResynthesis(  # noqa: N802
    *,
    pairs: Iterable[tuple[Qubit, Qubit]] | None = None,
    timeout: float | None = None,
    **settings: Unpack[BlockSettings],
) -> BasePass:
    """Return a pass that rewrites a circuit into U3 and CX; where no two-qubit gate is saved, it stays as it was.

    Measurements, barriers, conditional and symbolic gates keep their places, and a permutation of the outputs stays.
    Boxes and gates on three qubits and more count as what they come to when they are made.

    Args:
        pairs: coupled qubits of the device, all by default; blocks are rewritten for exactly their couplings.
        timeout: wall-clock seconds a circuit.
        settings: ``block_size``, ``effort``, ``tol``, ``seed``, ``model`` and ``cache``: see
            `circuitdiff.BlockSettings`.

    Raises:
        circuitdiff.InputError: an option out of range.
    """
    options = {"timeout": timeout, **settings}
    resynthesize_steps((), **options)
    coupled = None if pairs is None else tuple(pairs)
    return CustomPass(partial(_resynthesized, pairs=coupled, options=options), "CircuitDiffResynthesis")


def _resynthesized(
    circuit: Circuit, pairs: Sequence[tuple[Qubit, Qubit]] | None, options: Mapping[str, Any]
) -> Circuit:
    lowered = _lower(circuit)
    places: dict[UnitID, int] = {unit: place for place, unit in enumerate((*lowered.qubits, *lowered.bits))}
    steps = [_step(command, places) for command in lowered.get_commands()]
    coupled = None if pairs is None else [(places[a], places[b]) for a, b in pairs if a in places and b in places]
    found = resynthesize_steps(steps, pairs=coupled, **options)
    result = _written(found.steps, lowered)
    result.add_phase(lowered.phase + found.global_phase / pi)
    return result if result.n_2qb_gates() < _count_two_qubit_gates(circuit) else circuit


def _lower(circuit: Circuit) -> Circuit:
    lowered = circuit.copy()
    SequencePass([DecomposeBoxes(), AutoRebase(set(GATES))]).apply(lowered)
    return lowered


def _count_two_qubit_gates(circuit: Circuit) -> int:
    """Count two-qubit gates; a box, or a gate on more qubits, counts as what it comes to when it is made."""
    return sum(map(_count_of_command, circuit.get_commands()))


def _count_of_command(command: Command) -> int:
    op = command.op
    while isinstance(op, Conditional):
        op = op.op
    if op.type in NO_GATES or (op.is_gate() and op.n_qubits <= 2):
        return int(op.is_gate() and op.n_qubits == 2)
    alone = Circuit(op.n_qubits)
    alone.add_gate(op, range(op.n_qubits))
    return _lower(alone).n_2qb_gates()


def _step(command: Command, places: dict[UnitID, int]) -> Operation | OpaqueOperation:
    wires = tuple(places.setdefault(unit, len(places)) for unit in command.args)
    if command.op.type in GATES and not command.op.free_symbols():
        return Operation(GATES[command.op.type], wires, tuple(float(x) * pi for x in command.op.params))
    return OpaqueOperation(wires, command)


def _written(steps: Sequence[Operation | OpaqueOperation], like: Circuit) -> Circuit:
    """Return a circuit of some steps on the qubits and bits of another, with its permutation of the outputs."""
    types = {name: kind for kind, name in GATES.items()}
    circuit = Circuit(0, like.name)
    for qubit in like.qubits:
        circuit.add_qubit(qubit)
    for bit in like.bits:
        circuit.add_bit(bit)
    for step in steps:
        if isinstance(step, Operation):
            circuit.add_gate(types[step.name], [x / pi for x in step.params], [like.qubits[q] for q in step.qubits])
        elif step.payload.op.type == OpType.Barrier:
            circuit.add_barrier(step.payload.args)
        else:
            circuit.add_gate(step.payload.op, step.payload.args)
    home = {qubit: qubit for qubit in like.qubits}  # whose content each qubit has
    for source, end in like.implicit_qubit_permutation().items():
        (now,) = (qubit for qubit, content in home.items() if content == source)
        if now != end:
            circuit.SWAP(now, end)
            home[now], home[end] = home[end], home[now]
    circuit.replace_SWAPs()
    return circuit
