"""Circuits as products of Pauli rotations, with every Clifford moved out of the way.

A circuit with free angles is ``V(theta) = C . R_m ... R_2 R_1`` with a constant Clifford ``C`` and rotations
``R_j = exp(-i/2 (offset_j + scale_j theta_k) P_j)``: fixed quarter turns are pushed to the end, which only permutes
the Pauli strings of the rotations they pass.  Instantiating ``V`` to ``U`` is then instantiating the bare rotations to
``C^dagger U``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import pi
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.pauli import Pauli, apply_rotation, multiply, parse_pauli


@dataclass(frozen=True)
class Program:
    """Pauli rotations in time order; Pauli ``(x, z)`` has the index ``x << n | z``.

    Attributes:
        paulis: (m,) int64 indices.
        scale, offset: (m,) float64; the angle is ``offset + scale * theta[param]`` radians.
        param: (m,) int64, -1 for a fixed angle.
        first_param: (m,) int64, the lowest parameter of rotation ``j`` and all after it.
        clifford: (d, d) complex128, the constant applied last.
    """

    num_qubits: int
    num_params: int
    paulis: NDArray[np.int64]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    param: NDArray[np.int64]
    first_param: NDArray[np.int64]
    clifford: NDArray[np.complex128]


def build_program(gates: Sequence[tuple[str, tuple[int, ...]]], num_qubits: int) -> Program:
    """Turn gates with free parameters into a rotation program; parameters are numbered in the order of the gates."""
    image, sign, clifford = _no_turn(num_qubits)
    rotations: list[tuple[int, float, float, int]] = []
    num_params = 0
    for name, qubits in gates:
        for step in _steps(name, qubits, num_qubits):
            if isinstance(step, _Turn):
                image, sign = image[step.image], step.sign * sign[step.image]
                clifford = step.matrix @ clifford
                continue
            param = -1 if step.param is None else num_params + step.param
            flip = float(sign[step.pauli])
            rotations.append((int(image[step.pauli]), flip * step.scale, flip * step.offset, param))
        num_params += GATES[name].num_params
    lowest = np.array([p if p >= 0 else num_params for *_, p in rotations], dtype=np.int64)
    return Program(
        num_qubits=num_qubits,
        num_params=num_params,
        paulis=np.array([r[0] for r in rotations], dtype=np.int64),
        scale=np.array([r[1] for r in rotations], dtype=np.float64),
        offset=np.array([r[2] for r in rotations], dtype=np.float64),
        param=np.array([r[3] for r in rotations], dtype=np.int64),
        first_param=np.minimum.accumulate(lowest[::-1])[::-1].copy(),
        clifford=clifford,
    )


class _Turn(NamedTuple):
    """Quarter turns in a row: where they send every Pauli, with what sign, and their matrix."""

    image: NDArray[np.int64]
    sign: NDArray[np.float64]
    matrix: NDArray[np.complex128]


class _Rotation(NamedTuple):
    """A rotation that stays one, about the Pauli of an index."""

    pauli: int
    scale: float
    offset: float
    param: int | None


@cache
def _steps(name: str, qubits: tuple[int, ...], num_qubits: int) -> tuple[_Turn | _Rotation, ...]:
    """Return what a gate is made of, in time order, quarter turns that follow each other as one."""
    steps: list[_Turn | _Rotation] = []
    for rotation in GATES[name].rotations:
        pauli = parse_pauli(rotation.pauli, qubits)
        quarters = rotation.offset / (pi / 2)
        if rotation.param is not None or abs(quarters - round(quarters)) >= 1e-12:
            index = pauli.x << num_qubits | pauli.z
            steps.append(_Rotation(index, rotation.scale, rotation.offset, rotation.param))
            continue
        moved, flips = _quarter_turn(pauli, round(quarters) % 4, num_qubits)
        before = steps.pop() if steps and isinstance(steps[-1], _Turn) else _no_turn(num_qubits)
        assert isinstance(before, _Turn)
        matrix = apply_rotation(pauli, rotation.offset, before.matrix)
        steps.append(_Turn(before.image[moved], flips * before.sign[moved], matrix))
    return tuple(steps)


def _no_turn(num_qubits: int) -> _Turn:
    return _Turn(np.arange(4**num_qubits), np.ones(4**num_qubits), np.eye(1 << num_qubits, dtype=np.complex128))


@cache
def _quarter_turn(pauli: Pauli, quarters: int, num_qubits: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where ``c^dagger Q c`` sends every Pauli ``Q`` and with what sign, ``c = exp(-i quarters pi/4 P)``."""
    indices = np.arange(4**num_qubits)
    signs = np.ones(4**num_qubits)
    for index in range(4**num_qubits):
        other = Pauli(index >> num_qubits, index & ((1 << num_qubits) - 1))
        if pauli.commutes(other) or quarters == 0:
            continue
        if quarters == 2:
            signs[index] = -1.0
            continue
        power, product = multiply(pauli, other)
        indices[index] = product.x << num_qubits | product.z
        signs[index] = (1.0 if power == 3 else -1.0) * (1.0 if quarters == 1 else -1.0)
    return indices, signs


@cache
def rotation_pairs(num_qubits: int) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Tabulate how a rotation about ``P`` turns the Pauli coordinates of a Hermitian matrix.

    Conjugation ``R^dagger Q R`` turns each pair ``(Q, Q')`` with ``i P Q = s Q'`` by the rotation's angle.

    Returns:
        (4^n, 4^n / 4, 2) indices of the pairs, and their signs ``s`` (4^n, 4^n / 4); row 0 (identity) is unused.
    """
    count = 4**num_qubits
    low = (1 << num_qubits) - 1
    pairs = np.zeros((count, max(1, count // 4), 2), dtype=np.int32)
    signs = np.zeros((count, max(1, count // 4)))
    indices = np.arange(count)
    x, z = indices >> num_qubits, indices & low
    ones = np.array([int(v).bit_count() for v in range(count)])
    for p in range(1, count):
        px, pz = p >> num_qubits, p & low
        anti = (ones[px & z] + ones[pz & x]) % 2 == 1
        partner = indices ^ p
        mine = indices[anti & (indices < partner)]
        power = ones[px & pz] + ones[x[mine] & z[mine]]
        power = power - ones[(x[mine] ^ px) & (z[mine] ^ pz)] + 2 * ones[pz & x[mine]]
        pairs[p, :, 0], pairs[p, :, 1] = mine, partner[mine]
        signs[p] = np.where((power + 1) % 4 == 0, 1.0, -1.0)
    return pairs, signs
