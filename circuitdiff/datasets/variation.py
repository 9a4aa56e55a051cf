"""Many different circuits for one operation.

The compiler gives a first one; the model proposes other structures; and circuits that are found are varied: two
entanglers that cancel go in somewhere, others come out, and the angles are instantiated again from where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from circuitdiff.circuits.canonical_order import reduce_trivial
from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.datasets.targets import Target
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound
from circuitdiff.numerics.ansatz import Dressed, Pairs, absorb
from circuitdiff.numerics.multi_start import Budget, Heats, race, random_start
from circuitdiff.synthesis.analytic.basis_translation import lower_to_gate_set
from circuitdiff.synthesis.analytic.discrete_search import discrete_circuits
from circuitdiff.synthesis.compiler import compile
from circuitdiff.synthesis.problem import Task
from circuitdiff.synthesis.stages.proposers import ModelSource, load_model
from circuitdiff.synthesis.transforms.simplify import simplify
from circuitdiff.synthesis.verify import verify

TOLERANCE = 1e-12
SPARE = 2
"""Entanglers that a circuit may have beyond the fewest known."""

PROPOSALS = 48
"""Structures that a round asks the model for."""

STARTS = 4
VARIATIONS = 160
"""Variations that a round tries."""

PROPOSING = 4
"""One round of so many asks the model; the others go by variation alone."""

MOST = 512
"""Circuits of discrete gates that a round keeps."""

NOISE = 0.3
"""Radians of Gaussian noise on the angles of a varied circuit: most of the basin (see `WARM_NOISE`)."""

HEATS: Heats = ((25, 1.0), (60, 1.0))


def solutions(
    target: Target, gate_set: str, coupling: str, seed: int, number: int
) -> Iterator[tuple[Circuit, float, str]]:
    """Yield the circuits of one round, a function of the arguments alone, with their infidelities and sources.

    Of discrete gate sets a round gives circuits of a length, others a walk from circuit to circuit.

    Raises:
        InputError: the gate set has angles, but does not leave single-qubit gates free or has nothing that couples.
    """
    rng = np.random.default_rng((seed, number, *target.name.encode()))
    device = parse_gate_set(gate_set), parse_coupling(coupling, target.num_qubits)
    found: Iterator[tuple[Circuit, str]]
    if device[0].is_discrete:
        found = ((circuit, "search") for circuit in _discrete(target, *device, number + 1, rng))
    else:
        found = _dressed(target, *device, seed, number, rng)
    for circuit, source in found:
        if reduce_trivial(circuit).num_gates < circuit.num_gates:
            continue  # the same circuit with something in it that cancels
        infidelity = verify(circuit, target.unitary, *device)
        if infidelity <= TOLERANCE:
            yield circuit, infidelity, source


def check_device(target: Target, gate_set: str, coupling: str) -> None:
    """Check that a target can be asked for on a device.

    Raises:
        InputError: see `solutions`.
    """
    device = parse_gate_set(gate_set), parse_coupling(coupling, target.num_qubits)
    if not device[0].is_discrete:
        _Problem(target, *device)


def _discrete(
    target: Target, gate_set: GateSet, coupling: Coupling, length: int, rng: np.random.Generator
) -> list[Circuit]:
    """Return circuits of a length, at most `MOST` of them, chosen at random."""
    return list(islice(discrete_circuits(target.unitary, gate_set, coupling, length, rng), MOST))


def _dressed(
    target: Target, gate_set: GateSet, coupling: Coupling, seed: int, number: int, rng: np.random.Generator
) -> Iterator[tuple[Circuit, str]]:
    """Yield circuits of free single-qubit gates and entanglers, one for each structure."""
    problem = _Problem(target, gate_set, coupling)
    known: dict[Pairs, Dressed] = {}
    for dressed, source in _found(problem, seed, number, known, rng):
        if dressed.pairs not in known:
            known[dressed.pairs] = dressed
            yield simplify(lower_to_gate_set(dressed.circuit(), gate_set), target.unitary, gate_set), source


class _Problem:
    """A target on a device, ready to be solved."""

    def __init__(self, target: Target, gate_set: GateSet, coupling: Coupling) -> None:
        entangler = gate_set.entangler
        if entangler is None or not gate_set.can_dress:
            raise InputError(
                f"gate set {gate_set.name} does not leave single-qubit gates free; solution sets need that"
            )
        bound = multi_qubit_lower_bound(target.unitary, coupling, gate_set)
        self.gate_set = gate_set
        self.task = Task(target.unitary, coupling, entangler, TOLERANCE, bound)


def _found(
    problem: _Problem, seed: int, number: int, known: dict[Pairs, Dressed], rng: np.random.Generator
) -> Iterator[tuple[Dressed, str]]:
    """Yield circuits as structures with angles, and where they come from; `known` grows meanwhile."""
    task = problem.task
    first = _first(problem.task.target.tobytes(), problem, seed)
    if first is None:
        return
    yield first, "compile"
    shortest = len(first.pairs)
    if number % PROPOSING == 0:
        for pairs in _proposals(task, shortest + SPARE, rng):
            starts = (random_start(pairs, task.num_qubits, task.entangler, rng) for _ in range(STARTS))
            fit = race(task.target, starts, tol=TOLERANCE, budget=Budget())
            if fit is not None and fit.infidelity <= TOLERANCE:
                yield fit.dressed, "diffusion"
    for _ in range(VARIATIONS):
        parent = list(known.values())[rng.integers(len(known))]
        start = _varied(parent, task, shortest + SPARE, rng)
        fit = race(task.target, [start], tol=TOLERANCE, budget=Budget(), heats=HEATS)
        if fit is not None and fit.infidelity <= TOLERANCE:
            yield fit.dressed, "variation"


_FIRST: dict[tuple[bytes, str, str, int], Dressed | None] = {}


def _first(key: bytes, problem: _Problem, seed: int) -> Dressed | None:
    """Return what the compiler finds, None where it misses the target; remembered, for rounds begin alike."""
    task = problem.task
    place = (key, problem.gate_set.name, task.coupling.name, seed)
    if place not in _FIRST:
        basis = GateSet("basis", ("u", task.entangler))
        found = compile(
            task.target,
            gate_set="u,cx" if task.entangler == "cz" else ",".join(basis.gates),
            coupling=_pairs(task),
            seed=seed,
        )
        met = found.infidelity <= TOLERANCE
        _FIRST[place] = absorb(lower_to_gate_set(found.circuit, basis), task.entangler) if met else None
    return _FIRST[place]


def _pairs(task: Task) -> str:
    return ",".join(f"{a}-{b}" for a, b in task.coupling.pairs)


def _proposals(task: Task, longest: int, rng: np.random.Generator) -> list[Pairs]:
    """Return structures that the model proposes, where it knows the register."""
    source = ModelSource(load_model(None, "cpu"))
    if task.num_qubits > source.num_qubits or task.entangler != "cz":
        return []
    return source.structures(task, longest, PROPOSALS, rng, broad=True)


def _varied(parent: Dressed, task: Task, longest: int, rng: np.random.Generator) -> Dressed:
    """Put a pair of cancelling entanglers in and take as many or fewer others out, angles moved a little."""
    operations = list(parent.circuit().operations)
    pair = task.coupling.pairs[rng.integers(len(task.coupling.pairs))]
    place = int(rng.integers(len(operations) + 1))
    angles = tuple(rng.normal(0.0, 1.0, 1)) if task.entangler == "rzz" else ()
    undone = tuple(-angle for angle in angles)
    operations[place:place] = [Operation(task.entangler, pair, angles), Operation(task.entangler, pair, undone)]
    grown = absorb(Circuit(task.num_qubits, tuple(operations)), task.entangler)
    count = len(grown.pairs)
    least = max(0, count - longest)
    dropped = int(rng.integers(least, max(least, 3) + 1))
    fewer = grown.without({int(i) for i in rng.permutation(count)[: min(dropped, count - task.lower_bound)]})
    return replace(fewer, theta=fewer.theta + rng.normal(0.0, NOISE, len(fewer.theta)))
