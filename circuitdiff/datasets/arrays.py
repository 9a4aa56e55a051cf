"""Many circuits as arrays, and the key by which equal ones are recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, Vocabulary, written_order
from circuitdiff.errors import InputError

NAMES = tuple(name for name in GATES if name != "dcz")
"""The gates that a stored circuit may have."""

MAX_ARITY = 3
MAX_ANGLES = 3
NO_GATE = -1

_ARITY = np.array([GATES[name].num_qubits for name in NAMES], dtype=np.int8)
_ANGLES = np.array([GATES[name].num_params for name in NAMES], dtype=np.int8)
_PERIODS = np.array([(*GATES[name].periods, *(2 * pi,) * MAX_ANGLES)[:MAX_ANGLES] for name in NAMES])

ANGLE_STEPS = 1 << 22
"""Steps of a period to which angles are rounded in a key: equal to about 1e-6 radians is equal."""


@dataclass(frozen=True)
class GateArrays:
    """Circuits on one register, padded at the end.

    Attributes:
        num_qubits: the register.
        gates: (rows, length) int16, index into `NAMES` or `NO_GATE`.
        qubits: (rows, length, MAX_ARITY) int8, -1 past the gate's qubits.
        params: (rows, length, MAX_ANGLES) float64 radians, 0 past the gate's angles.
    """

    num_qubits: int
    gates: NDArray[np.int16]
    qubits: NDArray[np.int8]
    params: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.gates)

    def circuit(self, row: int) -> Circuit:
        """Return one circuit."""
        operations = []
        for gate, qubits, params in zip(self.gates[row], self.qubits[row], self.params[row], strict=True):
            if gate != NO_GATE:
                places = tuple(int(q) for q in qubits[: _ARITY[gate]])
                operations.append(Operation(NAMES[gate], places, tuple(float(p) for p in params[: _ANGLES[gate]])))
        return Circuit(self.num_qubits, tuple(operations))

    @property
    def has_qubit(self) -> NDArray[np.bool_]:
        """Which of the places in `qubits` are taken."""
        return self.qubits >= 0

    @property
    def has_angle(self) -> NDArray[np.bool_]:
        """Which of the places in `params` are taken."""
        return np.asarray((np.arange(MAX_ANGLES) < _ANGLES[self.gates][..., None]) & (self.gates >= 0)[..., None])


def from_circuits(circuits: Sequence[Circuit], num_qubits: int) -> GateArrays:
    """Put circuits side by side; qubits that may be exchanged are written in ascending order."""
    length = max((circuit.num_gates for circuit in circuits), default=0)
    made = _empty(len(circuits), length, num_qubits)
    index = {name: i for i, name in enumerate(NAMES)}
    for row, circuit in enumerate(circuits):
        for place, (name, qubits, params) in enumerate(circuit.operations):
            made.gates[row, place] = index[name]
            made.qubits[row, place, : len(qubits)] = written_order(name, qubits)
            made.params[row, place, : len(params)] = params
    return made


def from_tokens(tokens: NDArray[np.int64], angles: NDArray[Any], vocabulary: Vocabulary) -> GateArrays:
    """Read tokens (rows, length) of gates with at most one angle each, (rows, length) radians."""
    gates = np.full(len(vocabulary), NO_GATE, dtype=np.int16)
    qubits = np.full((len(vocabulary), MAX_ARITY), -1, dtype=np.int8)
    for token, (name, places) in enumerate(vocabulary.placed, start=NUM_SPECIAL):
        gates[token] = NAMES.index(name)
        qubits[token, : len(places)] = places
    params = np.zeros((*tokens.shape, MAX_ANGLES))
    params[..., 0] = angles
    return GateArrays(vocabulary.num_qubits, gates[tokens], qubits[tokens], params)


def from_flat(
    num_qubits: int,
    names: NDArray[np.int16],
    counts: NDArray[np.int64],
    qubits: NDArray[np.int8],
    params: NDArray[np.float64],
) -> GateArrays:
    """Read gates, qubits and angles that lie end to end, ``counts[i]`` gates of circuit ``i``.

    Raises:
        InputError: as many qubits or angles as the gates do not have, qubits outside the register or repeated,
            angles that are not finite.
    """
    if len(names) and not (0 <= names.min() and names.max() < len(NAMES)):
        raise InputError("a circuit has a gate that the library lacks")
    if len(qubits) != _ARITY[names].sum(dtype=np.int64) or len(params) != _ANGLES[names].sum(dtype=np.int64):
        raise InputError(f"{len(names)} gates with {len(qubits)} qubits and {len(params)} angles do not fit together")
    if len(qubits) and not (0 <= qubits.min() and qubits.max() < num_qubits):
        raise InputError(f"a gate acts on qubit {max(qubits.max(), -int(qubits.min()))} of {num_qubits}")
    if not np.isfinite(params).all():
        raise InputError("a gate has an angle that is not finite")
    made = _empty(len(counts), int(counts.max(initial=0)), num_qubits)
    made.gates[np.arange(made.gates.shape[1]) < counts[:, None]] = names
    arity = np.where(made.gates >= 0, _ARITY[made.gates], 0)
    made.qubits[np.arange(MAX_ARITY) < arity[..., None]] = qubits
    made.params[made.has_angle] = params
    q = made.qubits
    if ((q[..., 0] == q[..., 1]) | (q[..., 1] == q[..., 2]) | (q[..., 0] == q[..., 2]))[arity == MAX_ARITY].any() or (
        (q[..., 0] == q[..., 1]) & (arity == 2)
    ).any():
        raise InputError("a gate repeats a qubit")
    return made


def layers(arrays: GateArrays) -> NDArray[np.int64]:
    """Return the layer (rows, length) in which each gate can start at the earliest, -1 where there is none."""
    rows, length = arrays.gates.shape
    ready = np.zeros((rows, arrays.num_qubits), dtype=np.int64)
    found = np.full((rows, length), -1, dtype=np.int64)
    for place in range(length):
        acts = (arrays.qubits[:, place, :, None] == np.arange(arrays.num_qubits)).any(1)
        start = np.where(acts, ready, 0).max(1)
        found[:, place] = np.where(acts.any(1), start, -1)
        ready = np.where(acts, start[:, None] + 1, ready)
    return found


def two_qubit_counts(arrays: GateArrays) -> NDArray[np.int64]:
    """Return how many gates on two or more qubits each circuit has."""
    return np.asarray((arrays.qubits[..., 1] >= 0).sum(1))


def canonical_keys(arrays: GateArrays, *, angles: bool = True) -> NDArray[np.int64]:
    """Return a number for each circuit, the same for all orders of gates on disjoint qubits.

    A circuit is, up to those orders, the set of its gates with the layers in which they can start; the key is a sum of
    a hash of each.  Angles count modulo their period; the global phase and, unless `angles`, all angles do not count.
    """
    place = arrays.qubits.astype(np.int64) + 1
    code = _name_hashes()[arrays.gates] ^ _mixed((place * (1, 64, 4096)).sum(-1).astype(np.uint64))
    code = _mixed(code + layers(arrays).astype(np.uint64))
    if angles:
        turns = arrays.params / np.where((arrays.gates >= 0)[..., None], _PERIODS[arrays.gates], 1.0)
        steps = np.round((turns % 1.0) * ANGLE_STEPS).astype(np.uint64) % np.uint64(ANGLE_STEPS)
        for k in range(MAX_ANGLES):
            code = _mixed(code ^ (steps[..., k] + np.uint64(k << 32)))
    total = np.where(arrays.gates >= 0, code, np.uint64(0)).sum(1, dtype=np.uint64)
    return np.asarray(_mixed(total + np.uint64(arrays.num_qubits)).view(np.int64))


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64 bits (splitmix64)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@cache
def _name_hashes() -> NDArray[np.uint64]:
    digests = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in NAMES]
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)


def _empty(rows: int, length: int, num_qubits: int) -> GateArrays:
    return GateArrays(
        num_qubits,
        np.full((rows, length), NO_GATE, dtype=np.int16),
        np.full((rows, length, MAX_ARITY), -1, dtype=np.int8),
        np.zeros((rows, length, MAX_ANGLES)),
    )
