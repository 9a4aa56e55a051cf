"""Angles for given entangler sequences: multi-start with successive halving."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.interruption import is_over
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, ansatz_gates, num_angles
from circuitdiff.numerics.column_descent import descend_columns
from circuitdiff.numerics.column_program import ColumnProgram, build_column_program
from circuitdiff.numerics.levenberg_marquardt import MU_START, descend
from circuitdiff.numerics.pauli_program import Program, build_program, rotation_pairs

EXACT = 1e-15
"""Infidelity at which a descent stops: the rounding error of complex128."""

POLISH = 20
"""Further steps that a winner takes; convergence is quadratic, a few reach `EXACT`."""

COLUMN_STEP = 3e5
"""Nominal multiply-adds that a step on columns takes beside its algebra, which is small on small registers."""

Rounds = tuple[tuple[int, float], ...]
ROUNDS: Rounds = ((12, 0.5), (12, 0.4), (16, 0.3), (60, 0.0))
"""Rounds of successive halving: steps that every descent takes, and the share of them that goes on."""


@dataclass
class Budget:
    """Numerical work and wall-clock time that may still be spent.

    Work is counted in nominal multiply-adds, so that results do not depend on how fast the machine is; the
    deadline, a value of `time.monotonic`, is the user's timeout. ``on_fit`` sees where every multi-start ends that is
    charged to the budget or a part of it.
    """

    work: float = float("inf")
    deadline: float = float("inf")
    on_fit: Callable[[AnsatzFit], None] = lambda fit: None

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.work <= 0 or is_over(self.deadline)

    def take(self, work: float) -> Budget:
        """Set work aside as a budget of its own; `settle` gives back what it leaves."""
        part = Budget(min(work, self.work), self.deadline, self.on_fit)
        if part.work != float("inf"):
            self.work -= part.work
        return part

    def settle(self, part: Budget) -> None:
        """Take back what a part did not use, or make up for what it overspent."""
        self.work += part.work if part.work != float("inf") else 0.0


@dataclass(frozen=True)
class AnsatzFit:
    """Where a multi-start ended: the best ansatz and how far it is from the target."""

    ansatz: Ansatz
    infidelity: float


@dataclass
class _Descent:
    """One descent under way."""

    start: Ansatz
    program: Program | ColumnProgram
    target: NDArray[np.complex128]
    theta: NDArray[np.float64]
    infidelity: float = 1.0
    mu: float = field(default=MU_START)

    def advance(self, steps: int, budget: Budget) -> None:
        p = self.program
        if isinstance(p, ColumnProgram):
            self.infidelity, self.mu, taken = descend_columns(self.target, p, self.theta, self.mu, steps, EXACT)
            budget.work -= taken * (step_work(len(self.theta), self.target.size) + COLUMN_STEP)
        else:
            pairs, signs = rotation_pairs(p.num_qubits)
            self.infidelity, self.mu, taken = descend(
                self.target, p.paulis, p.scale, p.offset, p.param, p.first_param, pairs, signs, p.num_qubits,
                self.theta, self.mu, steps, EXACT,
            )  # fmt: skip
            budget.work -= taken * step_work(len(self.theta), self.target.size)

    def result(self) -> AnsatzFit:
        start = self.start
        return AnsatzFit(Ansatz(start.num_qubits, start.pairs, self.theta, start.entangler), max(0.0, self.infidelity))


def step_work(num_params: int, entries: int) -> float:
    """Return the nominal multiply-adds of one Levenberg-Marquardt step on a target of so many entries."""
    return 2.0 * num_params**2 * entries + num_params**3 / 3


@lru_cache(maxsize=8192)
def _program(pairs: EntanglerSequence, num_qubits: int, entangler: str) -> Program:
    return build_program(ansatz_gates(pairs, num_qubits, entangler), num_qubits)


@lru_cache(maxsize=8192)
def column_program(pairs: EntanglerSequence, num_qubits: int, entangler: str) -> ColumnProgram:
    """Return the rotations of a structure, for targets with fewer columns than rows."""
    return build_column_program(ansatz_gates(pairs, num_qubits, entangler), num_qubits)


def random_start(pairs: EntanglerSequence, num_qubits: int, entangler: str, rng: np.random.Generator) -> Ansatz:
    """Dress a structure with angles drawn uniformly from the circle."""
    theta = rng.uniform(0.0, 2 * pi, num_angles(len(pairs), num_qubits, entangler))
    return Ansatz(num_qubits, pairs, theta, entangler)


def multi_start(
    target: NDArray[np.complex128],
    starts: Iterable[Ansatz],
    *,
    tol: float,
    budget: Budget,
    rounds: Rounds = ROUNDS,
    stalled: float = float("inf"),
) -> AnsatzFit | None:
    """Descend from many starts, of one structure or of many, until one is within ``tol``.

    Every start takes the first round's steps; the best share goes on to the next, and so on.  The first to come
    within tolerance is polished and wins.

    Args:
        target: (d, k) complex128 with orthonormal columns; a unitary where ``k`` is ``d``.
        starts: where to begin; consumed lazily, so that an early winner spares the rest.
        tol: infidelity that counts as solved.
        budget: charged for every step; the search ends where it is spent.
        rounds: (steps, share that survives) a round.
        stalled: a start is given up where a round leaves more than this share of its infidelity.

    Returns:
        The winner, or else the best of all (None when there were no starts).
    """
    fit = _best_fit(target, starts, tol, budget, rounds, stalled)
    if fit is not None:
        budget.on_fit(fit)
    return fit


def _best_fit(
    target: NDArray[np.complex128], starts: Iterable[Ansatz], tol: float, budget: Budget, rounds: Rounds, stalled: float
) -> AnsatzFit | None:
    survivors: list[_Descent] = []
    given_up: list[_Descent] = []
    for number, (steps, share) in enumerate(rounds):
        entrants: Iterable[_Descent] = (_runner(target, s) for s in starts) if number == 0 else tuple(survivors)
        survivors = []
        for runner in entrants:
            before = runner.infidelity
            runner.advance(steps, budget)
            (given_up if runner.infidelity > stalled * before else survivors).append(runner)
            if runner.infidelity <= tol:
                runner.advance(POLISH, budget)
                return runner.result()
            if budget.spent:
                break
        survivors.sort(key=lambda r: r.infidelity)
        if not survivors or budget.spent:
            break
        if share:
            survivors = survivors[: max(1, round(share * len(survivors)))]
    best = min((*survivors, *given_up), key=lambda r: r.infidelity, default=None)
    return best.result() if best is not None else None


def _runner(target: NDArray[np.complex128], start: Ansatz) -> _Descent:
    if target.shape[0] != target.shape[1]:
        columns = column_program(start.pairs, start.num_qubits, start.entangler)
        return _Descent(start, columns, target, start.theta.copy())
    program = _program(start.pairs, start.num_qubits, start.entangler)
    rotated = np.ascontiguousarray(program.clifford.conj().T @ target)
    return _Descent(start, program, rotated, start.theta.copy())
