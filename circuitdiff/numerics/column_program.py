"""Circuits as blocks of Pauli rotations on few qubits: what column numerics run on, at any register size.

Gates that follow each other on the same two qubits are one block, whose matrix is small whatever the register's size:
to apply it takes one pass over the columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.gates import GATES, Rotation
from circuitdiff.circuits.pauli import parse_pauli

PAIR = 2
"""Qubits of a block that gates on fewer qubits are put into."""

Gate = tuple[str, tuple[int, ...]]


@dataclass(frozen=True)
class ColumnProgram:
    """Blocks in time order, and the rotations that each is made of.

    Attributes:
        qubits: (b, w) int64, the qubits of every block, the least significant first; -1 fills up.
        first: (b + 1,) int64, where the rotations of each block begin.
        letters: (r, 3) int64, X mask and Z mask over places in the block, and power of ``i``, ``|x & z| mod 4``.
        scale, offset: (r,) float64; the angle is ``offset + scale * theta[param]`` radians.
        param: (r,) int64, the index of the gate angle, -1 for a fixed angle.
    """

    qubits: NDArray[np.int64]
    first: NDArray[np.int64]
    letters: NDArray[np.int64]
    scale: NDArray[np.float64]
    offset: NDArray[np.float64]
    param: NDArray[np.int64]

    def angles(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the angles of all rotations, radians."""
        angles = self.offset.copy()
        angles[self._is_free] += self.scale[self._is_free] * theta[self.param[self._is_free]]
        return angles

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The parameters in the order of their first rotations."""
        return np.array(list(dict.fromkeys(self.param[self._is_free].tolist())), dtype=np.int64)

    @cached_property
    def slots(self) -> NDArray[np.int64]:
        """The place (r,) of every rotation's parameter in `order`, -1 for a fixed angle."""
        places = np.full(int(self.param.max(initial=-1)) + 2, -1, dtype=np.int64)
        places[self.order] = np.arange(len(self.order))
        return places[self.param]  # a fixed angle's -1 takes the last entry, which no parameter has

    @cached_property
    def middle(self) -> int:
        """A block near the middle that no parameter has rotations both before and from it on; else the end."""
        bounds = self.first[1:-1]
        highest = np.maximum.accumulate(self.slots) if len(self.slots) else self.slots
        later = np.where(self.slots < 0, len(self.order), self.slots)
        lowest = np.minimum.accumulate(later[::-1])[::-1]
        splits = [b + 1 for b, at in enumerate(bounds) if 0 < at < len(later) and highest[at - 1] < lowest[at]]
        count = len(self.qubits)
        return min(splits, key=lambda split: abs(2 * split - count), default=count)

    @cached_property
    def _is_free(self) -> NDArray[np.bool_]:
        return self.param >= 0


class _Block:
    """Gates on a few qubits, each with the number of its first parameter."""

    def __init__(self, qubits: Iterable[int]) -> None:
        self.qubits = sorted(set(qubits))
        self.gates: list[tuple[Gate, int]] = []


def build_column_program(gates: Sequence[Gate], num_qubits: int) -> ColumnProgram:
    """Turn gates into blocks; angles are numbered in the order of the gates."""
    blocks: list[_Block] = []
    latest: dict[int, _Block] = {}
    waiting: dict[int, list[tuple[Gate, int]]] = {q: [] for q in range(num_qubits)}
    count = 0
    for gate in gates:
        name, qubits = gate
        numbered, count = (gate, count), count + GATES[name].num_params
        if len(qubits) == 1:
            waiting[qubits[0]].append(numbered)
            continue
        found = {id(latest[q]): latest[q] for q in qubits if q in latest}
        block = next(iter(found.values())) if len(found) == 1 and all(q in latest for q in qubits) else None
        if block is None:
            block = _Block(qubits)
            blocks.append(block)
        for q in qubits:
            block.gates += waiting[q]
            waiting[q], latest[q] = [], block
        block.gates.append(numbered)
    _close(blocks, latest, waiting)
    return _program(blocks)


def _close(blocks: list[_Block], latest: dict[int, _Block], waiting: dict[int, list[tuple[Gate, int]]]) -> None:
    """Put gates on single qubits that nothing follows into the last block of their qubit, or into new ones."""
    alone = []
    for q, gates in waiting.items():
        if q in latest:
            latest[q].gates += gates
        elif gates:
            alone.append(q)
    for at in range(0, len(alone), PAIR):
        block = _Block(alone[at : at + PAIR])
        block.gates = [gate for q in block.qubits for gate in waiting[q]]
        blocks.append(block)


def _program(blocks: Sequence[_Block]) -> ColumnProgram:
    width = max((len(block.qubits) for block in blocks), default=PAIR)
    rows: list[tuple[int, int, Rotation, int]] = []
    first = [0]
    for block in blocks:
        for (name, qubits), number in block.gates:
            places = tuple(block.qubits.index(q) for q in qubits)
            for rotation in GATES[name].rotations:
                pauli = parse_pauli(rotation.pauli, places)
                rows.append((pauli.x, pauli.z, rotation, number))
        first.append(len(rows))
    return ColumnProgram(
        qubits=np.array([b.qubits + [-1] * (width - len(b.qubits)) for b in blocks], dtype=np.int64).reshape(-1, width),
        first=np.array(first, dtype=np.int64),
        letters=np.array([(x, z, (x & z).bit_count() % 4) for x, z, *_ in rows], dtype=np.int64).reshape(-1, 3),
        scale=np.array([row[2].scale for row in rows], dtype=np.float64),
        offset=np.array([row[2].offset for row in rows], dtype=np.float64),
        param=np.array([-1 if r.param is None else number + r.param for *_, r, number in rows], dtype=np.int64),
    )
