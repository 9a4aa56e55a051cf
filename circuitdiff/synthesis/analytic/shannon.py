"""Quantum Shannon decomposition onto a coupling map, down to blocks that a solver makes numerically.

A unitary is cut by a qubit ``t`` at the edge of the map into four unitaries on the other qubits with multiplexed
rotations of ``t`` between (Shende, Bullock & Markov, quant-ph/0406176).  Whatever acts on the other qubits alone at
the end of a multiplexer, and for the middle one whatever is diagonal in ``t``, is left to the block that follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, apply_gate, infidelity
from circuitdiff.circuits.clifford import walsh_angles
from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.numerics.ansatz import to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.phase_network import search_network
from circuitdiff.synthesis.generic_ansatz import EXTRAS, instantiate_template
from circuitdiff.synthesis.problem import SynthesisProblem

Matrix = NDArray[np.complex128]
Solver = Callable[[Matrix, Coupling], Circuit | None]
"""Makes a circuit for a unitary on a coupling map, or gives up."""


def shannon_circuit(U: Matrix, coupling: Coupling, block_qubits: int, solve: Solver) -> Circuit | None:
    """Return a circuit of single-qubit gates, cx, cz and what the solver uses, exact as far as the solver is.

    Args:
        U: (d, d) unitary.
        coupling: allowed pairs.
        block_qubits: size at which unitaries are handed to the solver.
        solve: called for every block, on the map that is left; None ends the attempt.
    """
    n = coupling.num_qubits
    if n <= block_qubits:
        return solve(U, coupling)
    cut = _edge_qubit(coupling)
    rest = tuple(q for q in range(n) if q != cut)
    inner = coupling.restricted(rest)
    assert inner is not None
    parts = _Parts(coupling, cut, rest, lambda block: shannon_circuit(block, inner, block_qubits, solve))
    return parts.made(_cut_last(U, cut))


def controlled_pair(U: Matrix, coupling: Coupling, cut: int, solve: Solver) -> Circuit | None:
    """Return a circuit of a unitary that keeps the state of a qubit ``cut``, which only says what the others undergo.

    Args:
        U: (d, d) unitary without entries between the two states of that qubit.
        coupling: allowed pairs; the other qubits are connected without it.
        cut: that qubit.
        solve: called for two unitaries on the others; None ends the attempt.
    """
    rest = tuple(q for q in range(coupling.num_qubits) if q != cut)
    inner = coupling.restricted(rest)
    assert inner is not None
    parts = _Parts(coupling, cut, rest, lambda block: solve(block, inner))
    half, moved = len(U) // 2, _cut_last(U, cut)
    if not parts.multiplexed_block(moved[:half, :half], moved[half:, half:]):
        return None
    return Circuit(coupling.num_qubits, tuple(parts.operations), parts.phase)


def shannon(problem: SynthesisProblem, block_qubits: int, rng: np.random.Generator, budget: Budget) -> AnsatzFit | None:
    """Decompose a target and instantiate the template for every block; None where one of them fails.

    On five qubits and any map blocks of four take seconds, blocks of three a tenth of one, and more entanglers.
    """

    def solve(unitary: Matrix, coupling: Coupling) -> Circuit | None:
        block = replace(problem, target=np.ascontiguousarray(unitary), coupling=coupling, lower_bound=0)
        fits = (instantiate_template(block, rng, budget, extra) for extra in EXTRAS)
        return next((fit.ansatz.circuit() for fit in fits if fit is not None), None)

    circuit = shannon_circuit(problem.target, problem.coupling, block_qubits, solve)
    if circuit is None:
        return None
    ansatz = to_ansatz(
        translate_basis(circuit, GateSet(problem.entangler, ("u", problem.entangler))), problem.entangler
    )
    return AnsatzFit(ansatz, infidelity(problem.target, ansatz.circuit().unitary()))


class _Parts:
    """Puts the circuit together, in time order, on the whole register; ``cut`` is the multiplexed qubit."""

    def __init__(
        self, coupling: Coupling, cut: int, rest: tuple[int, ...], block: Callable[[Matrix], Circuit | None]
    ) -> None:
        self.coupling = coupling
        self.cut = cut
        self.rest = rest
        self.block = block
        self.operations: list[Operation] = []
        self.phase = 0.0

    def made(self, U: Matrix) -> Circuit | None:
        """Return the circuit of a unitary whose most significant qubit is the cut one."""
        from scipy.linalg import cossin

        half = len(U) // 2
        (left, right), angles, (first, second) = cossin(U, p=half, q=half, separate=True)
        if not self.multiplexed_block(first, second):
            return None
        rest = self.rotations(np.asarray(2 * angles), "ry")
        if not self.multiplexed_block(left @ rest[0], right @ rest[1]):
            return None
        return Circuit(self.coupling.num_qubits, tuple(self.operations), self.phase)

    def multiplexed_block(self, zero: Matrix, one: Matrix) -> bool:
        """Write ``zero`` or ``one`` on the other qubits, as the cut one says: ``V (D + D^dagger) W``."""
        squares, V = _diagonalised(zero @ one.conj().T)
        D = np.exp(0.5j * np.angle(squares))
        W = D[:, None] * (V.conj().T @ one)
        if not self.plain_block(W):
            return False
        rest = self.rotations(-2 * np.angle(D), "rz")
        return self.plain_block(V @ rest[0])

    def plain_block(self, unitary: Matrix) -> bool:
        """Write a unitary on the other qubits."""
        circuit = self.block(unitary)
        if circuit is None:
            return False
        self.operations += circuit.permuted(self.rest, self.coupling.num_qubits).operations
        self.phase += circuit.global_phase
        return True

    def rotations(self, angles: NDArray[np.float64], axis: str) -> tuple[Matrix, Matrix]:
        """Write rotations of the cut qubit by ``angles[s]`` when the others are in state ``s``.

        Returns:
            What is still to be done to the others to get just that, for the cut qubit in state 0 and in state 1.
        """
        n = self.coupling.num_qubits
        cut = n - 1
        waiting = {mask | 1 << cut: float(angle) for mask, angle in enumerate(walsh_angles(angles) / -2)}
        places = (*self.rest, self.cut)
        pairs = tuple((places.index(a), places.index(b)) for a, b in self.coupling.pairs)
        adding = {"ry": _added_about_y, "rz": _added}[axis]
        rows = [1 << q for q in range(n)]
        written = [Operation(axis, (cut,), (waiting.pop(rows[cut]),))]
        for a, b in _network(frozenset(waiting), pairs, n, middle=axis == "ry"):
            written += adding(a, b, cut)
            rows[b] ^= rows[a]
            if rows[b] in waiting:
                written.append(Operation(axis if b == cut else "rz", (b,), (waiting.pop(rows[b]),)))
        self.operations += Circuit(n, tuple(written)).permuted(places).operations
        return _undone([op for op in written if op.name not in ("ry", "rz")], n)


def _network(terms: frozenset[int], pairs: tuple[Pair, ...], n: int, *, middle: bool) -> list[Pair]:
    """Return which wire to add to which to visit all terms; in the middle multiplexer no wire has to return.

    Elsewhere the last wire, which is the cut qubit, does, and the others end free of it.
    """
    others = (1 << n - 1) - 1
    frees = [tuple(range(n))] if middle else [tuple(range(n - 1)), ()]
    found = (search_network(terms, frozenset(), pairs, n, others, free) for free in frees)
    return [(a, b) for a, b, _ in min(found, key=len)]


def _added(a: int, b: int, cut: int) -> list[Operation]:
    """Return gates that add wire ``a`` to wire ``b``."""
    return [Operation("cx", (a, b))]


def _added_about_y(a: int, b: int, cut: int) -> list[Operation]:
    """Do the same in a frame in which the cut qubit's Y and Z stand for Z and X: gates diagonal in it add to it."""
    if b == cut:
        return [Operation("cz", (a, b))]
    if a != cut:
        return [Operation("cx", (a, b))]
    turned, back = [Operation(g, (a,)) for g in ("sdg", "h")], [Operation(g, (a,)) for g in ("h", "s")]
    return [*turned, Operation("cx", (a, b)), *back]


def _undone(operations: list[Operation], n: int) -> tuple[Matrix, Matrix]:
    """Return the inverse of gates that keep the last qubit's state, for each of its states."""
    unitary = np.eye(1 << n, dtype=np.complex128)
    for name, qubits, params in operations:
        unitary = apply_gate(name, qubits, params, unitary)
    half = 1 << n - 1
    return unitary[:half, :half].conj().T, unitary[half:, half:].conj().T


def _diagonalised(unitary: Matrix) -> tuple[NDArray[np.complex128], Matrix]:
    """Return eigenvalues and orthonormal eigenvectors of a unitary, equal eigenvalues or not (Schur form)."""
    from scipy.linalg import schur

    triangle, vectors = schur(unitary, output="complex")
    return np.diag(triangle), vectors


def _edge_qubit(coupling: Coupling) -> int:
    """Return a qubit without which the others stay connected, of those the one with most couplings."""
    n = coupling.num_qubits
    edges = [q for q in range(n) if coupling.restricted(tuple(p for p in range(n) if p != q)) is not None]
    return max(edges, key=lambda q: (len(coupling.neighbours(q)), q))


def _cut_last(U: Matrix, cut: int) -> Matrix:
    """Move a qubit to the most significant place, the others keeping their order."""
    n = U.shape[0].bit_length() - 1
    tensor = U.reshape((2,) * (2 * n))
    axis = n - 1 - cut
    axes = [axis, *(a for a in range(n) if a != axis)]
    return tensor.transpose([*axes, *(n + a for a in axes)]).reshape(U.shape)
