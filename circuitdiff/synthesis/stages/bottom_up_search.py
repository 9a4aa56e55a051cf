"""Bottom-up search: circuits grow entangler by entangler, those that come closest go on.

As QSearch does (arXiv:1912.11105), each child is warm-started from its parent. Grown with rzz, whose angle can start at
the identity, the search does not stall where two CZ are needed before either helps; the result is translated to CZ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start, random_start
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.problem import SynthesisProblem

CHILD_ROUNDS: Rounds = ((12, 0.34), (12, 0.5))
CHILD_FINISH: Rounds = ((60, 0.0),)
NEARLY = 1e-3
"""Infidelity of a child below which it is taken as far as it goes: it may be a solution that converges slowly."""

STALLED_LEVELS = 4
"""Levels without progress after which a search is given up."""

WARM_NOISE = 0.1
"""Radians of Gaussian noise on a child's inherited angles: exact inheritance sits on saddle points."""

SELECTION_NOISE = 0.15
"""Relative noise on the infidelities by which circuits that go on are chosen, where a search is repeated."""

RANDOM_STARTS = 1

Search = Callable[[SynthesisProblem, int, int, float, np.random.Generator, Budget], AnsatzFit | None]


def bottom_up_search(
    problem: SynthesisProblem, bound: int, width: int, noise: float, rng: np.random.Generator, budget: Budget
) -> AnsatzFit | None:
    """Grow circuits of fewer than ``bound`` entanglers from nothing.

    Args:
        problem: the target.
        bound: number of entanglers to stay below.
        width: how many of the closest circuits go on at each level.
        noise: relative noise on the infidelities by which they are chosen.
        rng: source of starts and of that noise.
        budget: numerical work.

    Returns:
        A circuit within tolerance, or None.
    """
    n = problem.num_qubits
    beam = [AnsatzFit(Ansatz(n, (), rng.uniform(0, 2 * np.pi, 3 * n), problem.entangler), 1.0)]
    best, stalled = 1.0, 0
    while len(beam[0].ansatz.pairs) < bound - 1 and stalled < STALLED_LEVELS:
        children: dict[float, AnsatzFit] = {}
        for parent in beam:
            for pair in _extensions(parent.ansatz.pairs, problem):
                fit = _best_child(problem, parent, pair, rng, budget)
                if fit is not None and fit.infidelity <= problem.tol:
                    return fit
                if fit is None or budget.spent:
                    return None
                # circuits of equal infidelity are nearly always the same one in another guise
                children.setdefault(float(f"{fit.infidelity:.3e}"), fit)
        if not children:
            return None
        weights = {cost: cost * np.exp(noise * rng.normal()) for cost in children}
        beam = [children[cost] for cost in sorted(children, key=weights.__getitem__)[:width]]
        stalled = 0 if min(children) < 0.995 * best else stalled + 1
        best = min(best, *children)
    return None


def bottom_up_search_backwards(
    problem: SynthesisProblem, bound: int, width: int, noise: float, rng: np.random.Generator, budget: Budget
) -> AnsatzFit | None:
    """Grow the inverse operation, which meets the target's gates in the opposite order."""
    inverse = replace(problem, target=np.ascontiguousarray(problem.target.conj().T))
    fit = bottom_up_search(inverse, bound, width, noise, rng, budget)
    return None if fit is None else AnsatzFit(_inverted(fit.ansatz), fit.infidelity)


def search_with_rzz(
    search: Search,
    problem: SynthesisProblem,
    bound: int,
    width: int,
    noise: float,
    rng: np.random.Generator,
    budget: Budget,
) -> AnsatzFit | None:
    """Grow with rzz where entanglers are CZ, into which it is rewritten: one where its angle allows that, else two."""
    if problem.entangler != "cz":
        return search(problem, bound, width, noise, rng, budget)
    fit = search(replace(problem, entangler="rzz"), bound, width, noise, rng, budget)
    return None if fit is None else _in_cz(fit)


def _in_cz(fit: AnsatzFit) -> AnsatzFit:
    return AnsatzFit(to_ansatz(translate_basis(fit.ansatz.circuit(), U_CZ)), fit.infidelity)


def _extensions(pairs: EntanglerSequence, problem: SynthesisProblem) -> Iterator[tuple[int, int]]:
    """Yield the couplings that may follow: at most three in a row, disjoint neighbours in ascending order."""
    for pair in problem.coupling.pairs:
        tripled = len(pairs) >= 3 and pairs[-1] == pairs[-2] == pairs[-3] == pair
        disordered = bool(pairs) and not set(pairs[-1]) & set(pair) and pair < pairs[-1]
        if not (tripled or disordered):
            yield pair


def _best_child(
    problem: SynthesisProblem, parent: AnsatzFit, pair: tuple[int, int], rng: np.random.Generator, budget: Budget
) -> AnsatzFit | None:
    noise = WARM_NOISE * min(1.0, 3 * parent.infidelity**0.5)
    entangler_angles = tuple(rng.normal(0.0, noise, GATES[problem.entangler].num_params))
    extended = _append(parent.ansatz.circuit(), Operation(problem.entangler, pair, entangler_angles))
    grown = to_ansatz(extended, problem.entangler)
    warm = grown.perturbed(noise, rng)
    fresh = (random_start(grown.pairs, problem.num_qubits, problem.entangler, rng) for _ in range(RANDOM_STARTS))
    fit = multi_start(problem.target, [warm, *fresh], tol=problem.tol, budget=budget, rounds=CHILD_ROUNDS)
    if fit is None or not problem.tol < fit.infidelity < NEARLY:
        return fit
    return multi_start(problem.target, [fit.ansatz], tol=problem.tol, budget=budget, rounds=CHILD_FINISH)


def _append(circuit: Circuit, operation: Operation) -> Circuit:
    return Circuit(circuit.num_qubits, (*circuit.operations, operation))


def _inverted(ansatz: Ansatz) -> Ansatz:
    return to_ansatz(ansatz.circuit().inverse(), ansatz.entangler)
