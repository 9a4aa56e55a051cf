"""Swaps that cost nothing: wires are relabelled, and the rest of the circuit with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.program import Program, Step

SWAP = "swap"


def without_swaps(steps: Sequence[Step]) -> tuple[tuple[Step, ...], dict[int, int]]:
    """Leave out swaps, and let what follows act on the other wire.

    Returns:
        The steps, and for each wire that has moved the one on which its content ends.
    """
    where: dict[int, int] = {}
    kept: list[Step] = []
    for step in steps:
        if isinstance(step, Operation) and step.name == SWAP:
            a, b = step.qubits
            where[a], where[b] = where.get(b, b), where.get(a, a)
        else:
            kept.append(_on_other_wires(step, where))
    return tuple(kept), {wire: place for wire, place in where.items() if wire != place}


def on_other_wires(steps: Sequence[Step], where: Mapping[int, int]) -> tuple[Step, ...]:
    """Return steps that follow contents to the wires on which those are."""
    return tuple(_on_other_wires(step, where) for step in steps)


def _on_other_wires(step: Step, where: Mapping[int, int]) -> Step:
    if not where:
        return step
    if isinstance(step, Operation):
        return step._replace(qubits=tuple(where.get(q, q) for q in step.qubits))
    return replace(step, wires=tuple(where.get(q, q) for q in step.wires))


def then(first: Mapping[int, int], second: Mapping[int, int]) -> dict[int, int]:
    """Return where contents end that are moved twice."""
    moved = {wire: second.get(place, place) for wire, place in first.items()}
    moved |= {wire: place for wire, place in second.items() if wire not in first}
    return {wire: place for wire, place in moved.items() if wire != place}


def output_permutation(where: Mapping[int, int], num_qubits: int) -> tuple[int, ...] | None:
    """Return for each qubit whose content it holds at the end, None where that is its own everywhere."""
    if not where:
        return None
    held = {place: wire for wire, place in where.items()}
    return tuple(held.get(qubit, qubit) for qubit in range(num_qubits))


def swaps_back(where: Mapping[int, int]) -> list[Operation]:
    """Return swaps that bring every content back to its own wire."""
    held = {place: wire for wire, place in where.items()}
    swaps: list[Operation] = []
    for wire in sorted(held):
        while held[wire] != wire:
            other = held[wire]
            swaps.append(Operation(SWAP, (wire, other)))
            held[wire], held[other] = held[other], other
    return swaps


def restored(circuit: Circuit, permutation: Sequence[int] | None) -> Circuit:
    """Return a circuit with its outputs put into order by swaps.

    Args:
        circuit: whose output qubit ``q`` holds what belongs on ``permutation[q]``.
        permutation: of its qubits, None for none.
    """
    return replace(circuit, operations=(*circuit.operations, *_swaps(permutation)))


def restored_program(program: Program, permutation: Sequence[int] | None) -> Program:
    """Do the same with a program."""
    return replace(program, steps=(*program.steps, *_swaps(permutation)))


def _swaps(permutation: Sequence[int] | None) -> list[Operation]:
    return swaps_back({wire: place for place, wire in enumerate(permutation or ()) if wire != place})
