"""Structures: entanglers on pairs of qubits, ansatz with free single-qubit gates.

What can be pushed forward through an entangler is left out: before a CZ, an rzz or an iSWAP each qubit needs only
``Ry(beta) Rz(gamma)``; three angles a qubit follow at the end.  That is ``4 k + 3 n`` angles for ``k`` CZ on ``n``
qubits, a third fewer than free single-qubit gates everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import IDENTITY, gate_matrix, times, turn, zyz

EntanglerSequence = tuple[tuple[int, int], ...]
"""Couplings of the entanglers in time order, each ``(low, high)``."""

GateSequence = tuple[tuple[str, tuple[int, ...]], ...]
"""Gate names on qubits in time order; the parameters of each are free."""


@dataclass(frozen=True)
class Ansatz:
    """A structure with its angles, radians.

    ``theta`` holds for each entangler ``gamma_a, beta_a, gamma_b, beta_b`` (and the entangler's own angle if it has
    one), then ``theta, phi, lambda`` of a ``u`` on every qubit.
    """

    num_qubits: int
    pairs: EntanglerSequence
    theta: NDArray[np.float64]
    entangler: str = "cz"

    def circuit(self) -> Circuit:
        """Return the circuit over rz, ry, u and the entangler."""
        operations, used = [], 0
        for name, qubits in ansatz_gates(self.pairs, self.num_qubits, self.entangler):
            count = GATES[name].num_params
            operations.append(Operation(name, qubits, tuple(float(t) for t in self.theta[used : used + count])))
            used += count
        return Circuit(self.num_qubits, tuple(operations))

    def perturbed(self, noise: float, rng: np.random.Generator) -> Ansatz:
        """Add normal noise of a standard deviation, radians, to every angle."""
        return replace(self, theta=self.theta + rng.normal(0.0, noise, len(self.theta)))

    def without(self, dropped: Collection[int]) -> Ansatz:
        """Leave some entanglers out, by index, and keep every single-qubit gate."""
        operations = self.circuit().operations
        entanglers = [i for i, op in enumerate(operations) if len(op.qubits) == 2]
        gone = {entanglers[i] for i in dropped}
        kept = tuple(op for i, op in enumerate(operations) if i not in gone)
        return to_ansatz(Circuit(self.num_qubits, kept), self.entangler)


def ansatz_gates(pairs: EntanglerSequence, num_qubits: int, entangler: str = "cz") -> GateSequence:
    """Return the gates of a structure; ``entangler`` is ``cz``, ``rzz`` or ``iswap``."""
    return (*_dressed_gates(pairs, entangler), *(("u", (q,)) for q in range(num_qubits)))


def num_angles(num_entanglers: int, num_qubits: int, entangler: str = "cz") -> int:
    """Return the number of angles of a structure."""
    return (4 + GATES[entangler].num_params) * num_entanglers + 3 * num_qubits


def _dressed_gates(pairs: EntanglerSequence, entangler: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for a, b in pairs:
        yield from (("rz", (a,)), ("ry", (a,)), ("rz", (b,)), ("ry", (b,)), (entangler, (a, b)))


def to_ansatz(circuit: Circuit, entangler: str = "cz") -> Ansatz:
    """Rewrite a circuit of one kind of entangler and single-qubit gates as a ansatz structure; exact."""
    pending = [IDENTITY] * circuit.num_qubits
    pairs: list[tuple[int, int]] = []
    theta: list[float] = []
    for name, qubits, params in circuit.operations:
        if len(qubits) == 1:
            pending[qubits[0]] = times(gate_matrix(name, params), pending[qubits[0]])
            continue
        low, high = min(qubits), max(qubits)
        outer = []
        for q in (low, high):
            alpha, beta, gamma, _ = zyz(pending[q])
            theta += [gamma, beta]
            outer.append(turn("Z", alpha))
        pending[low], pending[high] = reversed(outer) if entangler == "iswap" else outer
        theta += params
        pairs.append((low, high))
    for q in range(circuit.num_qubits):
        alpha, beta, gamma, _ = zyz(pending[q])
        theta += [beta, alpha, gamma]
    return Ansatz(circuit.num_qubits, tuple(pairs), np.array(theta), entangler)


def cyclic_sequence(pairs: Sequence[tuple[int, int]], count: int) -> EntanglerSequence:
    """Return ``count`` couplings, taking the given ones in turn."""
    return tuple(pairs[i % len(pairs)] for i in range(count))
