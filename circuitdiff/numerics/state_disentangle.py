"""What a state may come to by one more CZ, and how entangled it then is: compiled, for all pairs of qubits at once.

What a CZ between two qubits does to their purities depends on their reduced state alone.  With Bloch vectors ``a`` and
``b``, correlations ``T`` and the axes ``u`` and ``v`` that are turned into Z before the CZ, the squared lengths of the
Bloch vectors add up to ``|Tv|^2 + |T'u|^2 - 2 (u'Tv)^2 + (a.u)^2 + (b.v)^2``, a quadratic form in each axis: leading
eigenvectors in turn maximise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from circuitdiff.circuits.pauli import PAULI_MATRICES
from circuitdiff.features.lower_bounds import cuts

SWEEPS = 8
RANDOM_AXES = 4
CHOICES = 5
"""Pairs of axes of one pair of qubits that are looked at further."""

JACOBI_SWEEPS = 8
SMALL = 1e-14

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]
State = NDArray[np.complex128]

_PAULI_PAIRS = np.array([np.kron(PAULI_MATRICES[p], PAULI_MATRICES[q]).ravel() for p in "XYZI" for q in "XYZI"])


@dataclass(frozen=True)
class Children:
    """States after one more CZ.

    Attributes:
        pairs: (c, 2) int64, the qubits of the CZ.
        axes: (c, 2, 3) unit vectors, what is turned into Z on either qubit before the CZ.
        states: (c, 2^n) complex128.
        entropies: (c, cuts) ``-log`` of the purity across every cut.
        lengths: (c, n) of the Bloch vectors.
    """

    pairs: Ints
    axes: Reals
    states: State
    entropies: Reals
    lengths: Reals


def entropies(state: State) -> Reals:
    """Return ``-log`` of the purity across every cut of a (2^n,) state."""
    table, rows, _ = _cut_tables(len(state).bit_length() - 1)
    found = np.empty(len(rows))
    _entropies(state, table, rows, np.ones(len(rows), dtype=np.bool_), found)
    return found


def children(state: State, before: Reals, pairs: Sequence[tuple[int, int]], rng: np.random.Generator) -> Children:
    """Return what a (2^n,) state may come to by a CZ on each pair.

    Beside local maxima the principal axes of the correlations are looked at: the best way is not always up.

    Args:
        state: amplitudes.
        before: its `entropies`.
        pairs: where a CZ may be.
        rng: source of some axes to begin with.
    """
    n = len(state).bit_length() - 1
    values = np.stack([correlations(state, pair) for pair in pairs])
    axes = np.concatenate((_climbed(values, rng), _principal(values)), axis=1)  # (pairs, choices, 2, 3)
    places, kept = _distinct(values, axes)
    table, rows, inside = _cut_tables(n)
    chosen = np.array([pairs[i] for i in places], dtype=np.int64).reshape(-1, 2)
    states = np.empty((len(chosen), len(state)), dtype=np.complex128)
    found, lengths = np.empty((len(chosen), len(rows))), np.empty((len(chosen), n))
    _fill_children(state, before, chosen, kept, table, rows, inside, states, found, lengths)
    return Children(chosen, kept, states, found, lengths)


def correlations(state: State, pair: tuple[int, int]) -> Reals:
    """Return the (4, 4) expectation values of ``P x Q`` on two qubits, Paulis in the order X, Y, Z, 1."""
    n = len(state).bit_length() - 1
    tensor = np.moveaxis(state.reshape((2,) * n), [n - 1 - q for q in pair], [0, 1]).reshape(4, -1)
    reduced = tensor @ tensor.conj().T  # rows and columns (first qubit, second qubit)
    return np.asarray((_PAULI_PAIRS @ reduced.T.ravel()).real.reshape(4, 4))


@cache
def _cut_tables(num_qubits: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return for every cut the order (2^n,) of amplitudes by its smaller side, that side's size, and its qubits."""
    table, rows, inside = [], [], []
    index = np.arange(1 << num_qubits)
    for cut in cuts(num_qubits):
        other = tuple(q for q in range(num_qubits) if q not in cut)
        small, large = (cut, other) if len(cut) <= len(other) else (other, cut)
        order = [index >> q & 1 for q in (*large, *small)]
        table.append(np.lexsort(order))
        rows.append(1 << len(small))
        inside.append([q in cut for q in range(num_qubits)])
    return np.array(table, dtype=np.int64), np.array(rows, dtype=np.int64), np.array(inside, dtype=np.bool_)


def _climbed(values: Reals, rng: np.random.Generator) -> Reals:
    """Return (p, starts, 2, 3) axes at local maxima, from coordinate axes and random ones."""
    p = len(values)
    v = np.concatenate((np.broadcast_to(np.eye(3), (p, 3, 3)), rng.normal(size=(p, RANDOM_AXES, 3))), axis=1)
    v /= np.linalg.norm(v, axis=2, keepdims=True)
    axes = np.stack((np.zeros_like(v), v), axis=2)
    _climb(values, axes)
    return axes


def _principal(values: Reals) -> Reals:
    """Return (p, 9, 2, 3) principal axes of the correlations, every left one with every right one."""
    left, _, right = np.linalg.svd(values[:, :3, :3])
    u, v = np.repeat(left.swapaxes(1, 2), 3, axis=1), np.tile(right, (1, 3, 1))
    return np.stack((u, v), axis=2)


def _distinct(values: Reals, axes: Reals) -> tuple[Ints, Reals]:
    """Return for each pair the axes that reach most, different in what they reach: indices of pairs, and axes."""
    u, v = axes[:, :, 0], axes[:, :, 1]
    T, a, b = values[:, None, :3, :3], values[:, None, :3, 3], values[:, None, 3, :3]
    Tv, Tu = (T @ v[..., None])[..., 0], (T.swapaxes(2, 3) @ u[..., None])[..., 0]
    reached = (Tv**2).sum(2) + (Tu**2).sum(2) - 2 * (u * Tv).sum(2) ** 2 + (a * u).sum(2) ** 2 + (b * v).sum(2) ** 2
    places, kept = [], []
    for pair, row in enumerate(np.round(reached, 6)):
        _, first = np.unique(-row, return_index=True)
        places += [pair] * len(first[:CHOICES])
        kept.append(axes[pair, first[:CHOICES]])
    return np.array(places, dtype=np.int64), np.concatenate(kept)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _climb(values: Reals, axes: Reals) -> None:
    """Move axes (p, starts, 2, 3) to where neither can be bettered alone; only the second ones are read at first."""
    form, mixed = np.empty((3, 3)), np.empty(3)
    for pair in range(axes.shape[0]):
        for start in range(axes.shape[1]):
            for _ in range(SWEEPS):
                for side in range(2):
                    other = axes[pair, start, 1 - side]
                    for i in range(3):
                        mixed[i] = 0.0
                        for j in range(3):
                            mixed[i] += (values[pair, i, j] if side == 0 else values[pair, j, i]) * other[j]
                    for i in range(3):
                        own = values[pair, i, 3] if side == 0 else values[pair, 3, i]
                        for j in range(3):
                            partner = values[pair, j, 3] if side == 0 else values[pair, 3, j]
                            total = own * partner - 2.0 * mixed[i] * mixed[j]
                            for k in range(3):
                                if side == 0:
                                    total += values[pair, i, k] * values[pair, j, k]
                                else:
                                    total += values[pair, k, i] * values[pair, k, j]
                            form[i, j] = total
                    _leading(form, axes[pair, start, side])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _leading(form: Reals, out: Reals) -> None:
    """Fill ``out`` (3,) with the eigenvector of a symmetric matrix's largest eigenvalue, by Jacobi rotations."""
    vectors = np.eye(3)
    for _ in range(JACOBI_SWEEPS):
        if abs(form[0, 1]) + abs(form[0, 2]) + abs(form[1, 2]) < SMALL:
            break
        for p in range(2):
            for q in range(p + 1, 3):
                if abs(form[p, q]) < SMALL:
                    continue
                ratio = (form[q, q] - form[p, p]) / (2.0 * form[p, q])
                t = (1.0 if ratio >= 0 else -1.0) / (abs(ratio) + np.sqrt(ratio * ratio + 1.0))
                c = 1.0 / np.sqrt(t * t + 1.0)
                s = t * c
                for k in range(3):
                    a, b = form[k, p], form[k, q]
                    form[k, p], form[k, q] = c * a - s * b, s * a + c * b
                for k in range(3):
                    a, b = form[p, k], form[q, k]
                    form[p, k], form[q, k] = c * a - s * b, s * a + c * b
                for k in range(3):
                    a, b = vectors[k, p], vectors[k, q]
                    vectors[k, p], vectors[k, q] = c * a - s * b, s * a + c * b
    best = 0
    for k in range(1, 3):
        if form[k, k] > form[best, best]:
            best = k
    for k in range(3):
        out[k] = vectors[k, best]


@njit(cache=True, fastmath=True, nogil=True)  # type: ignore[untyped-decorator]
def _entropies(state: State, table: Ints, rows: Ints, wanted: NDArray[np.bool_], out: Reals) -> None:
    """Fill ``-log`` of the purities across those cuts that are wanted."""
    d = len(state)
    real, imag = np.empty(d), np.empty(d)
    for cut in range(len(rows)):
        if not wanted[cut]:
            continue
        for i in range(d):
            value = state[table[cut, i]]
            real[i], imag[i] = value.real, value.imag
        width = d // rows[cut]
        purity = 0.0
        for r in range(rows[cut]):
            for s in range(r + 1):
                x, y = 0.0, 0.0
                for i in range(width):
                    a, b, c, e = real[r * width + i], imag[r * width + i], real[s * width + i], imag[s * width + i]
                    x += a * c + b * e
                    y += a * e - b * c
                purity += (x * x + y * y) * (1.0 if r == s else 2.0)
        out[cut] = max(0.0, -np.log(purity))


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _turn(state: State, qubit: int, axis: Reals) -> None:
    """Turn an axis of a qubit's Bloch sphere into Z, in place: ``u(-theta, 0, -phi)``."""
    theta, phi = np.arccos(min(1.0, max(-1.0, axis[2]))), np.arctan2(axis[1], axis[0])
    c, s, turn = np.cos(theta / 2), np.sin(theta / 2), complex(np.cos(phi), -np.sin(phi))
    bit = 1 << qubit
    for r in range(len(state)):
        if r & bit == 0:
            a, b = state[r], turn * state[r | bit]
            state[r], state[r | bit] = c * a + s * b, c * b - s * a


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _fill_children(
    state: State,
    before: Reals,
    pairs: Ints,
    axes: Reals,
    table: Ints,
    rows: Ints,
    inside: NDArray[np.bool_],
    states: State,
    found: Reals,
    lengths: Reals,
) -> None:
    """Fill states, entropies and lengths of Bloch vectors after each CZ."""
    crossed = np.empty(len(rows), dtype=np.bool_)
    for child in range(len(pairs)):
        first, second = pairs[child]
        own = states[child]
        own[:] = state
        _turn(own, first, axes[child, 0])
        _turn(own, second, axes[child, 1])
        both = 1 << first | 1 << second
        for r in range(len(own)):
            if r & both == both:
                own[r] = -own[r]
        for cut in range(len(rows)):
            crossed[cut] = inside[cut, first] != inside[cut, second]
            found[child, cut] = before[cut]
        _entropies(own, table, rows, crossed, found[child])
        for q in range(lengths.shape[1]):
            lower, up, bit = 0.0j, 0.0, 1 << q
            for r in range(len(own)):
                if r & bit == 0:
                    lower += np.conj(own[r]) * own[r | bit]
                    up += abs(own[r]) ** 2 - abs(own[r | bit]) ** 2
            lengths[child, q] = np.sqrt(up * up + 4.0 * abs(lower) ** 2)
