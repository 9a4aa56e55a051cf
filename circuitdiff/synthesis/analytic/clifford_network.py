"""Clifford unitaries on a coupling map, by beam search over quarter turns about two-qubit Pauli strings.

A Clifford is a sequence of ``exp(-i pi/4 P)`` on coupled pairs, nine strings a pair, times single-qubit gates; each
such rotation is one CX-class gate.  The search undoes the images of the single-qubit Paulis one rotation at a time,
until each is back on its own qubit; signs play no part, for single-qubit gates mend them.
"""

from __future__ import annotations

from itertools import product
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.clifford import Tableau
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.pauli import apply_rotation, parity, parse_pauli
from circuitdiff.circuits.single_qubit import zyz
from circuitdiff.features.tensor_factors import separable_factors

BEAM = 150
"""Partial circuits kept at each length."""

MAX_LENGTH = 40

_FRAME_IN = {"Z": (), "X": ("h",), "Y": ("sdg", "h")}
_FRAME_OUT = {"Z": (), "X": ("h",), "Y": ("h", "s")}
"""Gates in time order that turn a Pauli's axis to Z, and back."""


def clifford_circuit(U: NDArray[np.complex128], tableau: Tableau, coupling: Coupling, longest: int) -> Circuit | None:
    """Return a circuit of ``rzz(pi/2)`` and single-qubit gates for a Clifford unitary.

    Args:
        U: (d, d) unitary with the given tableau.
        tableau: its images of X and Z on each qubit.
        coupling: allowed pairs.
        longest: number of two-qubit gates beyond which the search gives up.

    Returns:
        The circuit, or None where the search found none.
    """
    n = coupling.num_qubits
    turns = [(pair, a + b) for pair in coupling.pairs for a, b in product("XYZ", repeat=2)]
    codes = [_code(word, pair, n) for pair, word in turns]
    found = _search(_images(tableau), np.array(codes), _travel_table(coupling), min(longest, MAX_LENGTH))
    if found is None:
        return None
    steps = [turns[i] for i in found]
    rest = U
    for pair, word in steps:
        rest = apply_rotation(parse_pauli(word, pair), pi / 2, rest)
    factors = separable_factors(rest)
    if len(factors) != n:
        return None
    operations: list[Operation] = []
    for (qubit,), matrix in factors:
        phi, theta, lam, _ = zyz(tuple(complex(entry) for entry in matrix.ravel()))  # type: ignore[arg-type]
        operations.append(Operation("u", (qubit,), (theta, phi, lam)))
    for pair, word in reversed(steps):
        operations += [Operation(g, (q,)) for q, letter in zip(pair, word, strict=True) for g in _FRAME_IN[letter]]
        operations.append(Operation("rzz", pair, (-pi / 2,)))
        operations += [Operation(g, (q,)) for q, letter in zip(pair, word, strict=True) for g in _FRAME_OUT[letter]]
    circuit = Circuit(n, tuple(operations))
    return Circuit(n, circuit.operations, float(np.angle(np.vdot(circuit.unitary(), U))))


def _code(word: str, pair: tuple[int, int], n: int) -> int:
    pauli = parse_pauli(word, pair)
    return pauli.x << n | pauli.z


def _images(tableau: Tableau) -> NDArray[np.int64]:
    """Return (n, 2): the images of X and Z of each qubit as ``x << n | z``."""
    n = tableau.num_qubits
    pairs = zip(tableau.x_images, tableau.z_images, strict=True)
    return np.array([[image.x << n | image.z for image, _ in pair] for pair in pairs])


def _travel_table(coupling: Coupling) -> NDArray[np.int64]:
    """Return (n, 4^n): how far the qubits that a Pauli string touches are, in sum, from each qubit."""
    n = coupling.num_qubits
    codes = np.arange(4**n)
    support = (codes >> n | codes) & (1 << n) - 1
    return np.asarray(np.array(coupling.distances()) @ (support >> np.arange(n)[:, None] & 1))


def _search(
    start: NDArray[np.int64], turns: NDArray[np.int64], travel: NDArray[np.int64], longest: int
) -> list[int] | None:
    """Return indices of rotations, in the order in which they undo the Clifford.

    A state is (n, 2), two images for each qubit; the third, of Y, is their sum.
    """
    n = len(travel)
    duals = turns >> n | (turns & (1 << n) - 1) << n
    odd = parity(np.arange(4**n)).astype(np.bool_)
    weights = np.random.default_rng(0).integers(1, 2**62, size=(n, 2))
    qubits = np.arange(n)[:, None]
    level = start[None]
    seen = np.zeros(0, dtype=np.int64)
    history: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for _ in range(longest + 1):
        third = level[..., 0] ^ level[..., 1]
        done = (travel[qubits, level].sum((1, 2)) + travel[qubits[:, 0], third].sum(1)) == 0
        if done.any():
            return _path(int(np.argmax(done)), history)
        hit = odd[level[:, None] & duals[:, None, None]]  # (states, turns, n, 2): whether image and turn anticommute
        children = (level[:, None] ^ hit * turns[:, None, None]).reshape(-1, n, 2)
        images = np.concatenate([children, children[..., :1] ^ children[..., 1:]], -1)
        children = np.sort(images, -1)[..., :2]
        keys = (children * weights).sum((1, 2))
        _, fresh = np.unique(keys, return_index=True)
        fresh = fresh[~np.isin(keys[fresh], seen)]
        spread = travel[qubits, images[fresh]].sum((1, 2))
        fresh = fresh[np.argsort(spread, kind="stable")[:BEAM]]
        seen = np.concatenate([seen, keys[fresh]])
        history.append((fresh // len(turns), fresh % len(turns)))
        level = children[fresh]
    return None


def _path(index: int, history: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> list[int]:
    """Follow a state back to the start."""
    steps: list[int] = []
    for parents, turns in reversed(history):
        steps.append(int(turns[index]))
        index = int(parents[index])
    return steps[::-1]
