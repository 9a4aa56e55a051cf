"""Rotations whose angles are not known, moved past what they commute with, so that the gates around them come together.

A rotation about a Pauli commutes, whatever its angle, with every gate that commutes with that Pauli: one about Z with
the control of a CX, one about X with its target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import numpy as np

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.pauli import apply_pauli, parse_pauli
from circuitdiff.circuits.program import OpaqueOperation, Step, wires_of

REACH = 200
"""How many steps a rotation is moved by at the most, those on other wires included."""


Join = Callable[[OpaqueOperation, OpaqueOperation], OpaqueOperation | None]
"""Returns one rotation in place of two about the same Pauli, None where they cannot be one."""


def joined(steps: Sequence[Step], join: Join) -> tuple[Step, ...]:
    """Return the steps with rotations about the same Pauli made one where all between them commutes with it."""
    ordered: list[Step] = []
    for step in steps:
        found = _partner(step, ordered, join) if isinstance(step, OpaqueOperation) and step.pauli else None
        if found is None:
            ordered.append(step)
        else:
            place, both = found
            ordered[place] = both
    return tuple(ordered)


def _partner(step: OpaqueOperation, before: Sequence[Step], join: Join) -> tuple[int, OpaqueOperation] | None:
    """Return the place of an earlier rotation with which another can be one, and that."""
    for place in range(len(before) - 1, max(-1, len(before) - 1 - REACH), -1):
        other = before[place]
        is_alike = isinstance(other, OpaqueOperation) and other.pauli and set(_letters(other)) == set(_letters(step))
        both = join(other, step) if is_alike else None  # type: ignore[arg-type]
        if both is not None:
            return place, both
        if not _commute(step, other):
            break
    return None


def _letters(rotation: OpaqueOperation) -> Iterator[tuple[int, str]]:
    return zip(rotation.wires, rotation.pauli, strict=True)


def brought_forward(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps with every rotation of an unknown angle as early as it can come."""
    return _moved(steps, [True] * len(steps))


def carried(steps: Sequence[Step], rng: np.random.Generator) -> tuple[Step, ...]:
    """Return the steps with about half of those rotations as early, or as late, as they can come."""
    if not any(map(_is_rotation, steps)):
        return tuple(steps)
    which = (rng.random(len(steps)) < 0.5).tolist()
    if rng.random() < 0.5:
        return _moved(steps, which)
    return _moved(steps[::-1], which)[::-1]


def _moved(steps: Sequence[Step], which: Sequence[bool]) -> tuple[Step, ...]:
    ordered: list[Step] = []
    for step, moves in zip(steps, which, strict=True):
        at = last = len(ordered)
        if moves and isinstance(step, OpaqueOperation) and step.pauli:
            while at and last - at < REACH and _commute(step, ordered[at - 1]):
                at -= 1
        ordered.insert(at, step)
    return tuple(ordered)


def _is_rotation(step: Step) -> bool:
    return isinstance(step, OpaqueOperation) and bool(step.pauli)


def _commute(rotation: OpaqueOperation, other: Step) -> bool:
    """Tell whether a rotation commutes with another step for certain."""
    letters = dict(_letters(rotation))
    if letters.keys().isdisjoint(wires_of(other)):
        return True
    if isinstance(other, Operation):
        return _gate_commutes(other.name, other.params, "".join(letters.get(q, "I") for q in other.qubits))
    if not other.pauli:
        return False
    return parse_pauli(rotation.pauli, rotation.wires).commutes(parse_pauli(other.pauli, other.wires))


@lru_cache(maxsize=4096)
def _gate_commutes(name: str, params: tuple[float, ...], letters: str) -> bool:
    gate, pauli = GATES[name].matrix(params), parse_pauli(letters, tuple(range(len(letters))))
    return bool(np.allclose(apply_pauli(pauli, gate), apply_pauli(pauli, gate.conj().T).conj().T, atol=1e-12))
