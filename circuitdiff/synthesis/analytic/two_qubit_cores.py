"""Two-qubit gates as single-qubit gates around ``exp(-i angle/2 Z Z)``, read off the gate library.

Every two-qubit gate of the library is a product of Pauli rotations; those with one rotation on both qubits (all but
swap and iswap) are ``after . exp(-i angle/2 Z Z) . before`` with single-qubit ``before`` and ``after``.
"""

from __future__ import annotations

import cmath
from dataclasses import dataclass
from functools import lru_cache
from math import pi

from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import FRAMES, IDENTITY, Matrix, dagger, scaled, times, turn

Locals = tuple[Matrix, Matrix]
"""Unitaries on a gate's first and second qubit."""

QUARTER = pi / 2


@dataclass(frozen=True)
class Core:
    """``after . exp(-i angle/2 Z Z) . before``; phases are part of ``after``."""

    before: Locals
    angle: float
    after: Locals


@lru_cache(maxsize=4096)
def cores(name: str, params: tuple[float, ...]) -> tuple[Core, ...]:
    """Return a two-qubit gate as cores in time order: one for most, two for iswap, three for swap."""
    definition = GATES[name]
    done: list[Core] = []
    pending: list[Matrix] = [IDENTITY, IDENTITY]
    for rotation in definition.rotations:
        angle = rotation.angle(params)
        if "I" in rotation.pauli:
            for place, letter in enumerate(rotation.pauli):
                if letter != "I":
                    pending[place] = times(turn(letter, angle), pending[place])
            continue
        frames = [FRAMES[letter] for letter in rotation.pauli]
        before = tuple(times(dagger(frame), local) for frame, local in zip(frames, pending, strict=True))
        done.append(Core((before[0], before[1]), angle, (IDENTITY, IDENTITY)))
        pending = frames
    phase = cmath.exp(1j * definition.phase(params))
    last = done.pop()
    return (*done, Core(last.before, last.angle, (scaled(pending[0], phase), pending[1])))


@lru_cache(maxsize=4096)
def equivalent_core(name: str, angle: float) -> tuple[tuple[float, ...], Core] | None:
    """Find the parameters with which a gate realises ``exp(-i angle/2 Z Z)``.

    Returns:
        The parameters, and ``before``, ``after`` such that ``after . gate . before`` is the core, of that ``angle``;
        None where the gate has no such parameters.
    """
    definition = GATES[name]
    joint = [r for r in definition.rotations if "I" not in r.pauli]
    if definition.num_qubits != 2 or len(joint) != 1 or name == "dcz":
        return None
    params: tuple[float, ...] = ()
    if joint[0].param is not None:
        params = ((angle - joint[0].offset) / joint[0].scale,)
    elif abs(abs(joint[0].offset) - QUARTER) > 1e-12 or abs(abs(angle) - QUARTER) > 1e-9:
        return None
    (core,) = cores(name, params)
    before = (dagger(core.before[0]), dagger(core.before[1]))
    after = (dagger(core.after[0]), dagger(core.after[1]))
    if core.angle * angle < 0 and not params:
        # exp(-i pi/4 ZZ) = (Z x Z) exp(i pi/4 ZZ) up to a phase of -i, and the reverse
        sign = -1j if angle > 0 else 1j
        z: Matrix = (1, 0, 0, -1)
        after = (scaled(times(z, after[0]), sign), times(z, after[1]))
    return params, Core(before, angle, after)
