"""Short cx networks for diagonal unitaries: products of ``exp(-i angle/2 Z^mask)``.

Each wire carries a parity of the inputs, a row of an invertible matrix over GF(2); cx adds one row to another.  A term
is done when its mask stands on a wire (a rotation there is free), or, where one entangler makes it, as the sum of two
wires.  The network must visit all terms and end where it began, in as few entanglers as possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.clifford import walsh_angles
from circuitdiff.circuits.coupling import Coupling, Pair

TERM_TOL = 1e-7
"""Radians below which a term is left out; that costs 1e-15 infidelity."""

BEAM = {1: 1, 2: 100, 3: 100_000, 4: 400, 5: 100}
"""Partial networks kept at each length, by number of qubits; up to three qubits the search is exhaustive."""

DEFAULT_BEAM = 40


class _Node(NamedTuple):
    """A partial network: the parity on each wire, the terms still to do, and how it came about."""

    rows: tuple[int, ...]
    left: frozenset[int]
    step: tuple[int, int, bool] | None  # wires, and whether they were rotated together rather than added
    parent: _Node | None


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


@lru_cache(maxsize=512)
def network(
    terms: frozenset[int], single_gate: frozenset[int], coupling: Coupling
) -> tuple[tuple[int, int, bool], ...]:
    """Return the steps ``(a, b, together)`` of a short network through all terms.

    A step adds wire a to wire b, or (``together``) rotates a term of ``single_gate`` that is the sum of the two.
    """
    n = coupling.num_qubits
    home = tuple(1 << q for q in range(n))
    level = [_Node(home, terms, None, None)]
    seen: set[tuple[tuple[int, ...], frozenset[int]]] = set()
    while True:
        for node in level:
            if not node.left and node.rows == home:
                return tuple(_steps(node))
        children: list[_Node] = []
        for node in level:
            for child in _children(node, single_gate, coupling.pairs):
                if (child.rows, child.left) not in seen:
                    seen.add((child.rows, child.left))
                    children.append(child)
        children.sort(key=lambda child: _remaining(child, home))
        level = children[: BEAM.get(n, DEFAULT_BEAM)]


def _children(node: _Node, single_gate: frozenset[int], pairs: tuple[Pair, ...]) -> Iterator[_Node]:
    for low, high in pairs:
        both = node.rows[low] ^ node.rows[high]
        if both in node.left and both in single_gate:
            yield _Node(node.rows, node.left - {both}, (low, high, True), node)
        for a, b in ((low, high), (high, low)):
            rows = (*node.rows[:b], both, *node.rows[b + 1 :])
            yield _Node(rows, node.left - {both}, (a, b, False), node)


def _remaining(node: _Node, home: tuple[int, ...]) -> int:
    """Estimate how many steps are missing: one for each term, and one for each bit out of place."""
    return len(node.left) + sum((row ^ own).bit_count() for row, own in zip(node.rows, home, strict=True))


def _steps(node: _Node) -> list[tuple[int, int, bool]]:
    steps: list[tuple[int, int, bool]] = []
    current: _Node | None = node
    while current is not None and current.step is not None:
        steps.append(current.step)
        current = current.parent
    return steps[::-1]


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
