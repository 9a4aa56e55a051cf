"""Three-qubit windows of a larger circuit, each rewritten with fewer entanglers where the model knows how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.features.lower_bounds import cx_lower_bound
from circuitdiff.numerics.ansatz import Dressed, absorb
from circuitdiff.numerics.multi_start import Budget, Fit, race
from circuitdiff.synthesis.problem import Solution, Task

SIZE = 3
LEAST_ENTANGLERS = 3

Rewrite = Callable[[Task, int, Budget], Dressed | None]
"""Finds a circuit for a small task with fewer entanglers than a bound, or None."""


@dataclass(frozen=True)
class Window:
    """Operations, by index, that can be made contiguous and act on ``qubits`` alone."""

    qubits: tuple[int, ...]
    indices: tuple[int, ...]


def edit(task: Task, solution: Solution, rewrite: Rewrite, budget: Budget) -> Iterator[Solution]:
    """Yield ever shorter solutions, rewriting one window after another until none can be shortened."""
    settled: set[tuple[int, ...]] = set()
    improved = True
    while improved:
        improved = False
        circuit = solution.dressed.circuit()
        for window in windows(circuit, task.coupling):
            if budget.spent:
                return
            key = _fingerprint(_block(circuit, window).unitary())
            if key in settled:
                continue
            settled.add(key)
            shorter = _rewritten(task, circuit, window, rewrite, budget)
            if shorter is not None:
                solution, improved = Solution(shorter.dressed, shorter.infidelity, "edit"), True
                yield solution
                break


def windows(circuit: Circuit, coupling: Coupling) -> list[Window]:
    """Return the maximal windows, those with most entanglers first."""
    found: dict[tuple[int, ...], Window] = {}
    for qubits in combinations(range(circuit.num_qubits), SIZE):
        if coupling.restricted(qubits) is None:
            continue
        for start, operation in enumerate(circuit.operations):
            if len(operation.qubits) == 2 and set(operation.qubits) <= set(qubits):
                indices = _collect(circuit, qubits, start)
                found.setdefault(indices, Window(qubits, indices))
    wide = [w for w in found.values() if _entanglers(circuit, w) >= LEAST_ENTANGLERS]
    inside = [w for w in wide if not any(w is not v and set(w.indices) < set(v.indices) for v in wide)]
    return sorted(inside, key=lambda w: -_entanglers(circuit, w))


def _collect(circuit: Circuit, qubits: tuple[int, ...], start: int) -> tuple[int, ...]:
    """Take operations from ``start`` on while they lie inside and nothing outside has come between."""
    free, taken = set(qubits), []
    for index, operation in enumerate(circuit.operations[start:], start):
        touched = set(operation.qubits)
        if touched <= free:
            taken.append(index)
        else:
            free -= touched
        if not free:
            break
    return tuple(taken)


def _entanglers(circuit: Circuit, window: Window) -> int:
    return sum(len(circuit.operations[i].qubits) == 2 for i in window.indices)


def _block(circuit: Circuit, window: Window) -> Circuit:
    places = {q: i for i, q in enumerate(window.qubits)}
    operations = (circuit.operations[i] for i in window.indices)
    moved = tuple(op._replace(qubits=tuple(places[q] for q in op.qubits)) for op in operations)
    return Circuit(len(window.qubits), moved)


def _rewritten(task: Task, circuit: Circuit, window: Window, rewrite: Rewrite, budget: Budget) -> Fit | None:
    coupling = task.coupling.restricted(window.qubits)
    if coupling is None:
        return None
    unitary = _block(circuit, window).unitary()
    bound = cx_lower_bound(unitary, coupling) if task.entangler == "cz" else 0
    shorter = rewrite(Task(unitary, coupling, task.entangler, task.tol, bound), _entanglers(circuit, window), budget)
    if shorter is None:
        return None
    first, taken = window.indices[0], set(window.indices)
    block = shorter.circuit().permuted(window.qubits, circuit.num_qubits).operations
    rest: tuple[Operation, ...] = tuple(op for i, op in enumerate(circuit.operations) if i > first and i not in taken)
    whole = Circuit(circuit.num_qubits, (*circuit.operations[:first], *block, *rest))
    fit = race(task.target, [absorb(whole, task.entangler)], tol=task.tol, budget=budget, heats=((20, 0.0),))
    return fit if fit is not None and fit.infidelity <= task.tol else None


def _fingerprint(unitary: np.ndarray) -> tuple[int, ...]:
    """Return a key that unitaries share when they are equal up to global phase and rounding."""
    pivot = unitary.ravel()[np.argmax(np.abs(unitary) > 0.5 / np.sqrt(len(unitary)))]
    scaled = np.round(unitary * (abs(pivot) / pivot) * 1e6)
    return (*scaled.real.astype(int).ravel(), *scaled.imag.astype(int).ravel())
