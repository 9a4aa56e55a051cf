"""Short cx networks for diagonal unitaries: products of ``exp(-i angle/2 Z^mask)``.

Each wire carries a parity of the inputs, a row of an invertible matrix over GF(2); cx adds one row to another.  A term
is done when its mask stands on a wire (a rotation there is free), or, where one entangler makes it, as the sum of two
wires.  The network must visit all terms and end where it began, in as few entanglers as possible.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.clifford import walsh_angles
from circuitdiff.circuits.coupling import Coupling, Pair

TERM_TOL = 1e-7
"""Radians below which a term is left out; that costs 1e-15 infidelity."""

BEAM = {1: 10, 2: 100, 3: 100_000, 4: 1_500}
"""Partial networks kept at each length, by number of qubits; up to three qubits the search is exhaustive."""

WIDE_BEAM = 1_000
"""The same beyond four qubits."""

OUT_OF_PLACE = 0.2
"""How much a bit by which the wires differ from the inputs weighs against a term that is still to be done."""

Step = tuple[int, int, bool]
"""Two wires, and whether they are rotated together rather than the first added to the second."""


def diagonal_circuit(phases: NDArray[np.float64], coupling: Coupling, *, angled: bool = False) -> Circuit:
    """Return ``diag(e^{i phases})`` in rz, cx and rzz that the coupling map allows.

    Args:
        phases: (d,) radians.
        coupling: allowed pairs, connected.
        angled: whether rzz of any angle is a single gate; otherwise those of ±pi/2 alone count as one and are used.
    """
    angles = _fewest_terms(walsh_angles(phases))
    n = coupling.num_qubits
    joint = [mask for mask in range(1, len(angles)) if mask.bit_count() > 1 and angles[mask]]
    single_gate = frozenset(m for m in joint if angled or abs(abs(angles[m]) - np.pi / 2) < TERM_TOL)
    operations: list[Operation] = []
    waiting = {mask: float(angles[mask]) for mask in range(1, len(angles)) if angles[mask]}
    rows = [1 << q for q in range(n)]
    _rotate(operations, rows, range(n), waiting)
    for a, b, together in network(frozenset(joint), single_gate, coupling):
        if together:
            operations.append(Operation("rzz", (a, b), (waiting.pop(rows[a] ^ rows[b]),)))
            continue
        operations.append(Operation("cx", (a, b)))
        rows[b] ^= rows[a]
        _rotate(operations, rows, (b,), waiting)
    circuit = Circuit(n, tuple(operations))
    # the terms were reduced modulo pi: Z gates and a global phase make up for it
    rest = np.exp(1j * phases) * circuit.unitary().diagonal().conj()
    fixes = tuple(Operation("z", (q,)) for q in range(n) if (rest[1 << q] / rest[0]).real < 0)
    return Circuit(n, (*operations, *fixes), float(np.angle(rest[0])))


def network(terms: frozenset[int], single_gate: frozenset[int], coupling: Coupling) -> tuple[Step, ...]:
    """Return the steps ``(a, b, together)`` of a short network through all terms that ends where it began.

    A step adds wire a to wire b, or (``together``) rotates a term of ``single_gate`` that is the sum of the two.
    """
    return search_network(terms, single_gate, coupling.pairs, coupling.num_qubits, 0, ())


@lru_cache(maxsize=512)
def search_network(
    terms: frozenset[int],
    single_gate: frozenset[int],
    pairs: tuple[Pair, ...],
    num_wires: int,
    mixing: int,
    free: tuple[int, ...],
) -> tuple[Step, ...]:
    """Return the steps of a short network, by beam search.

    Args:
        terms: masks to visit.
        single_gate: those that can be rotated as the sum of two wires.
        pairs: which wires may be added to each other.
        num_wires: number of wires; wire q begins with the mask ``1 << q``.
        mixing: inputs that may end on the free wires in any combination.
        free: wires that need not end as they began; all others do.
    """
    n = num_wires
    home = 1 << np.arange(n)
    settled = np.array([mixing if q in free else 0 for q in range(n)])  # bits of each wire that do not matter
    weights = np.random.default_rng(0).integers(1, 2**62, size=n + 1)
    single = sum(1 << term for term in single_gate)
    # a state is (n + 1,): the mask on each wire, then the terms still to do as a bit mask
    level = np.array([[*home, sum(1 << term for term in terms)]])
    seen = level @ weights
    history: list[tuple[NDArray[np.int64], list[Step]]] = []
    while not (done := (level[:, n] == 0) & ~((level[:, :n] ^ home) & ~settled).any(1)).any():
        children, parents, steps = _children(level, single, pairs)
        keys = children @ weights
        _, fresh = np.unique(keys, return_index=True)
        fresh = fresh[~np.isin(keys[fresh], seen)]
        displaced = (children[fresh, :n] ^ home) & ~settled
        missing = _ones(children[fresh, n]) + OUT_OF_PLACE * _ones(displaced).sum(1)
        fresh = fresh[np.argsort(missing, kind="stable")[: BEAM.get(n, WIDE_BEAM)]]
        seen = np.concatenate([seen, keys[fresh]])
        history.append((parents[fresh], [steps[i] for i in fresh]))
        level = children[fresh]
    return _path(int(np.argmax(done)), history)


def _children(
    level: NDArray[np.int64], single: int, pairs: tuple[Pair, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[Step]]:
    """Return all states one step on, the index of each one's parent, and the step."""
    children, parents = [], []
    steps: list[Step] = []
    everyone = np.arange(len(level))
    for low, high in pairs:
        both = level[:, low] ^ level[:, high]
        left = level[:, -1] & ~(1 << both)
        together = np.flatnonzero(level[:, -1] & (1 << both) & single)
        for a, b, who in ((low, high, everyone), (high, low, everyone), (low, high, together)):
            moved = level[who].copy()
            moved[:, -1] = left[who]
            if who is everyone:
                moved[:, b] = both
            children.append(moved)
            parents.append(who)
            steps += [(a, b, who is together)] * len(who)
    return np.concatenate(children), np.concatenate(parents), steps


def _ones(masks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of bits set, elementwise, by adding neighbours in ever wider fields."""
    ones = masks - (masks >> 1 & 0x5555555555555555)
    ones = (ones & 0x3333333333333333) + (ones >> 2 & 0x3333333333333333)
    ones = ones + (ones >> 4) & 0x0F0F0F0F0F0F0F0F
    return np.asarray(ones * 0x0101010101010101 >> 56)


def _path(index: int, history: list[tuple[NDArray[np.int64], list[Step]]]) -> tuple[Step, ...]:
    """Follow a state back to the start."""
    path: list[Step] = []
    for parents, steps in reversed(history):
        path.append(steps[index])
        index = int(parents[index])
    return tuple(path[::-1])


def _rotate(
    operations: list[Operation], rows: list[int], wires: range | tuple[int, ...], waiting: dict[int, float]
) -> None:
    for wire in wires:
        if rows[wire] in waiting:
            operations.append(Operation("rz", (wire,), (waiting.pop(rows[wire]),)))


def _fewest_terms(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return equivalent angles with the fewest terms on several qubits, each in (-pi/2, pi/2].

    A rotation by pi is a product of Z gates, so angles count modulo pi; and a phase of 2 pi on up to two basis
    states, which changes nothing, shifts all terms together.
    """
    d = len(angles)
    states = np.arange(d)
    signs = np.array([[1 - 2 * ((m & s).bit_count() & 1) for m in states] for s in states])
    shifts = [np.zeros(d), *signs, *(signs[a] + signs[b] for a, b in combinations(states, 2))]
    wide = np.array([int(m).bit_count() > 1 for m in states])
    options = angles + (-4 * np.pi / d) * np.array(shifts)
    options -= np.pi * np.ceil(options / np.pi - 0.5 - 1e-9)
    options[np.abs(options) < TERM_TOL] = 0.0
    quarter = np.abs(np.abs(options) - np.pi / 2) < TERM_TOL
    cost = ((options != 0) & wide).sum(1) - 0.4 * (quarter & wide).sum(1)
    return np.asarray(options[int(np.argmin(cost))])
