"""What is asked of the proposers, and how often they succeeded."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling
from circuitdiff.numerics.ansatz import Dressed


@dataclass(frozen=True)
class Task:
    """A unitary to reach with one kind of entangler and free single-qubit gates.

    Attributes:
        target: (d, d) complex128, projected onto the unitary group.
        entangler: ``cz`` (for every gate of its class), ``rzz`` or ``iswap``.
        tol: infidelity that counts as solved.
        lower_bound: number of entanglers below which no circuit exists.
    """

    target: NDArray[np.complex128]
    coupling: Coupling
    entangler: str
    tol: float
    lower_bound: int

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the target."""
        return self.coupling.num_qubits


@dataclass(frozen=True)
class Solution:
    """A dressed structure that reaches the target, and the proposer that found it."""

    dressed: Dressed
    infidelity: float
    source: str

    @property
    def count(self) -> int:
        """Number of entanglers."""
        return len(self.dressed.pairs)


@dataclass
class Tally:
    """Structures that a proposer put forward, how many reached the target, and the fewest entanglers among those."""

    tried: int = 0
    solved: int = 0
    best_two_qubit_count: int | None = None

    def record(self, solution_count: int) -> None:
        """Count one structure that reached the target."""
        self.solved += 1
        known = self.best_two_qubit_count
        self.best_two_qubit_count = solution_count if known is None else min(solution_count, known)


@dataclass
class Ledger:
    """The tallies of all proposers of one compilation."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def of(self, proposer: str) -> Tally:
        """Return a proposer's tally, new at first sight."""
        return self.tallies.setdefault(proposer, Tally())
