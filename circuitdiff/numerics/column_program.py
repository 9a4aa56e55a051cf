"""Circuits as Pauli rotations without tables of size 4^n: what column numerics run on, at any register size.

As in `pauli_program`, fixed quarter turns are pushed to the end, where they are taken off the target; a Clifford is
kept as the signed images of the single-qubit X and Z.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.pauli import Pauli, apply_rotation, multiply, parse_pauli

Signed = tuple[int, Pauli]
"""A Pauli string and the power of ``i`` before it."""


@dataclass(frozen=True)
class ColumnProgram:
    """Pauli rotations in time order, then quarter turns in time order.

    Attributes:
        xs, zs, units: (r,) int64, the bit masks of every Pauli and its power of ``i``, ``|x & z| mod 4``.
        scale, offset: (r,) float64; the angle is ``offset + scale * theta[param]`` radians.
        param: (r,) int64, the index of the gate angle, -1 for a fixed angle.
        turns: Paulis and angles in radians, multiples of pi/2.
    """

    xs: NDArray[np.int64]
    zs: NDArray[np.int64]
    units: NDArray[np.int64]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    param: NDArray[np.int64]
    turns: tuple[tuple[Pauli, float], ...]

    def undo_turns(self, columns: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return the (2^n, k) columns that the rotations alone must make."""
        for pauli, angle in reversed(self.turns):
            columns = apply_rotation(pauli, -angle, columns)
        return np.ascontiguousarray(columns)


def build_column_program(gates: Sequence[tuple[str, tuple[int, ...]]], num_qubits: int) -> ColumnProgram:
    """Turn gates into rotations; angles are numbered in the order of the gates."""
    images: dict[Pauli, Signed] = {}
    for q in range(num_qubits):
        images |= {letter: (0, letter) for letter in (Pauli(1 << q, 0), Pauli(0, 1 << q))}
    rows: list[tuple[Pauli, float, float, int]] = []
    turns: list[tuple[Pauli, float]] = []
    num_params = 0
    for name, qubits in gates:
        for rotation in GATES[name].rotations:
            pauli = parse_pauli(rotation.pauli, qubits)
            quarters = rotation.offset / (pi / 2)
            if rotation.param is None and abs(quarters - round(quarters)) < 1e-12:
                if round(quarters) % 4:
                    turns.append((pauli, rotation.offset))
                    _push(images, pauli, round(quarters) % 4)
                continue
            power, image = _image(images, pauli)
            sign = 1.0 - power  # Hermitian: the power is 0 or 2
            param = -1 if rotation.param is None else num_params + rotation.param
            rows.append((image, sign * rotation.scale, sign * rotation.offset, param))
        num_params += GATES[name].num_params
    return ColumnProgram(
        xs=np.array([row[0].x for row in rows], dtype=np.int64),
        zs=np.array([row[0].z for row in rows], dtype=np.int64),
        units=np.array([(row[0].x & row[0].z).bit_count() % 4 for row in rows], dtype=np.int64),
        scale=np.array([row[1] for row in rows], dtype=np.float64),
        offset=np.array([row[2] for row in rows], dtype=np.float64),
        param=np.array([row[3] for row in rows], dtype=np.int64),
        turns=tuple(turns),
    )


def _push(images: dict[Pauli, Signed], pauli: Pauli, quarters: int) -> None:
    """Let ``images`` be those of ``c^dagger Q c`` for every generator, with ``c = exp(-i quarters pi/4 P)``."""
    changed: dict[Pauli, Signed] = {}
    power, image = _image(images, pauli)
    for letter, (own, string) in images.items():
        if pauli.commutes(letter):
            continue
        if quarters == 2:
            changed[letter] = (own + 2) % 4, string
            continue
        turned, product = multiply(image, string)  # c^dagger Q c is i P Q for one quarter, -i P Q for three
        changed[letter] = (power + own + turned + (1 if quarters == 1 else 3)) % 4, product
    images.update(changed)


def _image(images: dict[Pauli, Signed], pauli: Pauli) -> Signed:
    """Return the image of a Hermitian Pauli string, ``i^|x&z| X^x Z^z``, as a product of the generators' images."""
    power, product = (pauli.x & pauli.z).bit_count() % 4, Pauli(0, 0)
    for x, z in ((pauli.x, 0), (0, pauli.z)):
        for q in range((x | z).bit_length()):
            if (x | z) >> q & 1:
                own, string = images[Pauli(x & 1 << q, z & 1 << q)]
                turned, product = multiply(product, string)
                power = (power + own + turned) % 4
    return power, product
