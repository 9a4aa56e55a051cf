"""Structures without a model: bottom-up growth and scattered layers, for registers that no model covers.

Growth adds one entangler at a time to the circuits that come closest (as QSearch does, arXiv 1912.11105), each child
warm-started from its parent.  Grown with rzz, whose angle can start at the identity, it does not stall where two CZ
are needed before either helps; the result is lowered to CZ afterwards.  Scattering draws layered structures of
intermediate length, where a generic instantiation succeeds surprisingly often, and leaves the rest to `shortened`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import numpy as np

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import Dressed, Pairs, absorb
from circuitdiff.numerics.multi_start import Budget, Fit, Heats, race, random_start
from circuitdiff.synthesis.analytic.basis_translation import lower_to_gate_set
from circuitdiff.synthesis.problem import Solution, Tally, Task
from circuitdiff.synthesis.transforms.basin_hopping import shortened

GROWTH_HEATS: Heats = ((12, 0.34), (12, 0.5))
GROWTH_FINISH: Heats = ((60, 0.0),)
NEARLY = 1e-3
"""Infidelity of a child below which it is taken as far as it goes: it may be a solution that converges slowly."""

SCATTER_HEATS: Heats = ((25, 1.0),)
SCATTER_FINISH: Heats = ((80, 1.0),)
SCATTER_PROMISING = 0.15
STALLED_LEVELS = 4
"""Levels without progress after which a growth is given up."""

WARM_NOISE = 0.1
"""Radians of Gaussian noise on a child's inherited angles: exact inheritance sits on saddle points."""

GROWTH_NOISE = 0.15
"""Relative noise on the infidelities by which circuits that go on are chosen, after the first cycle."""

RANDOM_STARTS = 1
_U_CZ = GateSet("u,cz", ("u", "cz"))
SLICES = 4
SCATTER_LAYERS = 4
"""Scattered structures have up to this many entanglers for each pair of qubits."""

SCATTER_MARGIN = 2
"""Entanglers that a scattered structure may have beyond the incumbent's number: `shortened` takes off more."""


def grow(task: Task, bound: int, width: int, noise: float, rng: np.random.Generator, budget: Budget) -> Fit | None:
    """Grow circuits of fewer than ``bound`` entanglers from nothing.

    Args:
        task: the target.
        bound: number of entanglers to stay below.
        width: how many of the closest circuits go on at each level.
        noise: relative noise on the infidelities by which they are chosen.
        rng: source of starts and of that noise.
        budget: numerical work.

    Returns:
        A circuit within tolerance, or None.
    """
    n = task.num_qubits
    beam = [Fit(Dressed(n, (), rng.uniform(0, 2 * np.pi, 3 * n), task.entangler), 1.0)]
    best, stalled = 1.0, 0
    while len(beam[0].dressed.pairs) < bound - 1 and stalled < STALLED_LEVELS:
        children: dict[float, Fit] = {}
        for parent in beam:
            for pair in _extensions(parent.dressed.pairs, task):
                fit = _best_child(task, parent, pair, rng, budget)
                if fit is not None and fit.infidelity <= task.tol:
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


def grow_backwards(
    task: Task, bound: int, width: int, noise: float, rng: np.random.Generator, budget: Budget
) -> Fit | None:
    """Grow the inverse operation, which meets the target's gates in the opposite order."""
    inverse = replace(task, target=np.ascontiguousarray(task.target.conj().T))
    fit = grow(inverse, bound, width, noise, rng, budget)
    return None if fit is None else Fit(_inverted(fit.dressed), fit.infidelity)


def scatter(task: Task, length: int, rng: np.random.Generator, budget: Budget) -> Fit | None:
    """Instantiate one random layered structure of ``length`` entanglers, dropped early where hopeless."""
    start = random_start(layered(task, length, rng), task.num_qubits, task.entangler, rng)
    fit = race(task.target, [start], tol=task.tol, budget=budget, heats=SCATTER_HEATS)
    if fit is not None and task.tol < fit.infidelity < SCATTER_PROMISING:
        fit = race(task.target, [fit.dressed], tol=task.tol, budget=budget, heats=SCATTER_FINISH)
    return fit if fit is not None and fit.infidelity <= task.tol else None


def layered(task: Task, length: int, rng: np.random.Generator) -> Pairs:
    """Draw couplings in random order, each once before any is used again."""
    drawn: list[tuple[int, int]] = []
    while len(drawn) < length:
        drawn += [task.coupling.pairs[i] for i in rng.permutation(len(task.coupling.pairs))]
    return tuple(drawn[:length])


def _extensions(pairs: Pairs, task: Task) -> Iterator[tuple[int, int]]:
    """Yield the couplings that may follow: at most three in a row, disjoint neighbours in ascending order."""
    for pair in task.coupling.pairs:
        tripled = len(pairs) >= 3 and pairs[-1] == pairs[-2] == pairs[-3] == pair
        disordered = bool(pairs) and not set(pairs[-1]) & set(pair) and pair < pairs[-1]
        if not (tripled or disordered):
            yield pair


def _best_child(task: Task, parent: Fit, pair: tuple[int, int], rng: np.random.Generator, budget: Budget) -> Fit | None:
    noise = WARM_NOISE * min(1.0, 3 * parent.infidelity**0.5)
    entangler_angles = tuple(rng.normal(0.0, noise, GATES[task.entangler].num_params))
    extended = _append(parent.dressed.circuit(), Operation(task.entangler, pair, entangler_angles))
    grown = absorb(extended, task.entangler)
    warm = grown.shaken(noise, rng)
    fresh = (random_start(grown.pairs, task.num_qubits, task.entangler, rng) for _ in range(RANDOM_STARTS))
    fit = race(task.target, [warm, *fresh], tol=task.tol, budget=budget, heats=GROWTH_HEATS)
    if fit is None or not task.tol < fit.infidelity < NEARLY:
        return fit
    return race(task.target, [fit.dressed], tol=task.tol, budget=budget, heats=GROWTH_FINISH)


def _append(circuit: Circuit, operation: Operation) -> Circuit:
    return Circuit(circuit.num_qubits, (*circuit.operations, operation))


def _inverted(dressed: Dressed) -> Dressed:
    return absorb(dressed.circuit().inverse(), dressed.entangler)


def search(task: Task, bound: int, rng: np.random.Generator, budget: Budget, tally: Tally) -> Iterator[Solution]:
    """Yield ever shorter solutions of fewer than ``bound`` entanglers until the budget is spent.

    Growth from both ends, narrow and exact first, then wider and noisier, alternates with scattering at lengths
    around the incumbent's; whatever solves is shrunk.
    """
    slice_work = budget.work / SLICES
    for attempt in count():
        if budget.spent or bound <= task.lower_bound:
            return
        part = budget.take(slice_work)
        fit = _attempt(task, attempt, bound, rng, part, tally)
        budget.settle(part)
        if fit is None:
            continue
        fit = shortened(task, fit, bound, rng, budget)
        tally.record(len(fit.dressed.pairs))
        if len(fit.dressed.pairs) < bound:
            bound = len(fit.dressed.pairs)
            yield Solution(fit.dressed, fit.infidelity, "search")


def grow_far(task: Task, bound: int, rng: np.random.Generator, budget: Budget, tally: Tally) -> Iterator[Solution]:
    """Yield a solution of fewer than ``bound`` entanglers grown in one go, for targets that `search` gives up too soon.

    With rzz, which turns into two CZ at the most, up to half as many levels; backwards, then with noise.
    """
    angled = replace(task, entangler="rzz") if task.entangler == "cz" else task
    turns = (
        (grow_backwards, 1, 0.0),
        (grow, 1, GROWTH_NOISE),
        (grow_backwards, 2, GROWTH_NOISE),
        (grow, 3, GROWTH_NOISE),
    )
    part_work = budget.work / len(turns)
    for growth, width, noise in turns:
        part = budget.take(part_work)
        tally.tried += 1
        fit = growth(angled, bound // 2, width, noise, rng, part)
        budget.settle(part)
        if fit is None:
            continue
        fit = shortened(task, _in_cz(fit) if angled is not task else fit, bound, rng, budget)
        tally.record(len(fit.dressed.pairs))
        if len(fit.dressed.pairs) < bound:
            yield Solution(fit.dressed, fit.infidelity, "search")
            return


def _attempt(
    task: Task, attempt: int, bound: int, rng: np.random.Generator, budget: Budget, tally: Tally
) -> Fit | None:
    cycle, phase = divmod(attempt, 6)
    if phase in (2, 5):
        return _scattered(task, bound, rng, budget, tally)
    tally.tried += 1
    growth = grow if phase in (0, 3) else grow_backwards
    as_rzz = task.entangler == "cz" and phase < 2
    grown = replace(task, entangler="rzz") if as_rzz else task
    fit = growth(grown, bound, 1 + min(cycle, 4), GROWTH_NOISE * (cycle > 0), rng, budget)
    return _in_cz(fit) if as_rzz and fit is not None else fit


def _in_cz(fit: Fit) -> Fit:
    """Rewrite rzz as one CZ where its angle allows that, else as two."""
    return Fit(absorb(lower_to_gate_set(fit.dressed.circuit(), _U_CZ)), fit.infidelity)


def _scattered(task: Task, bound: int, rng: np.random.Generator, budget: Budget, tally: Tally) -> Fit | None:
    while not budget.spent:
        tally.tried += 1
        fit = scatter(task, _scatter_length(task, bound, rng), rng, budget)
        if fit is not None:
            return fit
    return None


def _scatter_length(task: Task, bound: int, rng: np.random.Generator) -> int:
    """Draw a length from about one to four layers, and at most a little above the incumbent's."""
    shortest = task.num_qubits * (task.num_qubits - 1) // 2
    longest = min(bound + SCATTER_MARGIN, SCATTER_LAYERS * shortest)
    return int(rng.integers(min(shortest, longest), longest + 1))
