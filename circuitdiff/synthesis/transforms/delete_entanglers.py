"""Removal of entanglers that a circuit can do without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, to_ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget, Rounds, multi_start, random_start
from circuitdiff.synthesis.problem import SynthesisProblem

NEAR = 0.15
"""Standard deviation in radians of what is added to the angles: exactly where they were is a saddle point."""

FIRST_LOOK: Rounds = ((15, 1.0),)
SECOND_LOOK: Rounds = ((30, 1.0),)
PROMISING = 1e-2
"""Infidelity after the first look below which a removal gets a second one."""


def delete_entanglers(problem: SynthesisProblem, fit: AnsatzFit, rng: np.random.Generator, budget: Budget) -> AnsatzFit:
    """Take entanglers out for as long as the others, re-instantiated, suffice."""
    while (found := shorter(problem, fit, rng, budget)) is not None:
        fit = found
    return fit


def without_superfluous(problem: SynthesisProblem, circuit: Circuit) -> AnsatzFit:
    """Write a circuit of the target as an ansatz, and take out the entanglers that the others make up for."""
    from circuitdiff.synthesis.analytic.basis_translation import translate_basis

    given = to_ansatz(translate_basis(circuit, problem.ansatz_gates), problem.entangler)
    return delete_entanglers(problem, AnsatzFit(given, 0.0), np.random.default_rng(0), Budget())


def shorter(problem: SynthesisProblem, fit: AnsatzFit, rng: np.random.Generator, budget: Budget) -> AnsatzFit | None:
    """Leave one entangler out, or two that may be inverses, and re-instantiate the rest.

    Each removal is tried near the angles that there are; only where none succeeds so, from random ones.

    Returns:
        The first that reaches the target, None where all miss it or the budget is spent.
    """
    for start in _starts(problem, fit.ansatz, rng):
        if budget.spent:
            return None
        if len(start.pairs) < problem.lower_bound:
            continue
        tried = multi_start(problem.target, [start], tol=problem.tol, budget=budget, rounds=FIRST_LOOK)
        if tried is not None and problem.tol < tried.infidelity < PROMISING:
            tried = multi_start(problem.target, [tried.ansatz], tol=problem.tol, budget=budget, rounds=SECOND_LOOK)
        if tried is not None and tried.infidelity <= problem.tol:
            return tried
    return None


def _starts(problem: SynthesisProblem, ansatz: Ansatz, rng: np.random.Generator) -> Iterator[Ansatz]:
    pairs = ansatz.pairs
    order = [int(index) for index in rng.permutation(len(pairs))]
    for index in order:
        yield ansatz.without([index]).perturbed(NEAR, rng)
    for index in order:
        yield random_start(pairs[:index] + pairs[index + 1 :], problem.num_qubits, problem.entangler, rng)
    for indices in _neighbours(pairs):
        yield ansatz.without(indices).perturbed(NEAR, rng)


def _neighbours(pairs: EntanglerSequence) -> Iterator[tuple[int, int]]:
    """Yield the entanglers that follow each other on a coupling: inverses only go together."""
    latest: dict[tuple[int, int], int] = {}
    for index, pair in enumerate(pairs):
        if pair in latest:
            yield latest[pair], index
        latest[pair] = index
