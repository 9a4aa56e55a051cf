"""Many different circuits for one operation.

The compiler gives a first one; the model proposes other structures; and circuits that are found are varied: two
entanglers that cancel go in somewhere, others come out, and the angles are instantiated again from where they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import numpy as np

from circuitdiff.circuits.canonical_order import reduce_trivial
from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.datasets.targets import Target
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import multi_qubit_lower_bound
from circuitdiff.numerics.ansatz import Ansatz, EntanglerSequence, to_ansatz
from circuitdiff.numerics.multi_start import Budget, Rounds, multi_start, random_start
from circuitdiff.spec.device import Device
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.discrete_search import discrete_circuits
from circuitdiff.synthesis.compiler import compile
from circuitdiff.synthesis.models import load_ansatz_model
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.proposers import AnsatzProposer
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

ROUNDS: Rounds = ((25, 1.0), (60, 1.0))


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
        found = _instantiated(target, *device, seed, number, rng)
    for circuit, source in found:
        if reduce_trivial(circuit).num_gates < circuit.num_gates:
            continue  # the same circuit with something in it that cancels
        infidelity = verify(circuit, target.unitary, Device(*device))
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


def _instantiated(
    target: Target, gate_set: GateSet, coupling: Coupling, seed: int, number: int, rng: np.random.Generator
) -> Iterator[tuple[Circuit, str]]:
    """Yield circuits of free single-qubit gates and entanglers, one for each structure."""
    problem = _Problem(target, gate_set, coupling)
    known: dict[EntanglerSequence, Ansatz] = {}
    for ansatz, source in _found(problem, seed, number, known, rng):
        if ansatz.pairs not in known:
            known[ansatz.pairs] = ansatz
            yield simplify(translate_basis(ansatz.circuit(), gate_set), target.unitary, gate_set), source


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
        self.task = SynthesisProblem(target.unitary, coupling, entangler, TOLERANCE, bound)


def _found(
    problem: _Problem, seed: int, number: int, known: dict[EntanglerSequence, Ansatz], rng: np.random.Generator
) -> Iterator[tuple[Ansatz, str]]:
    """Yield circuits as structures with angles, and where they come from; `known` grows meanwhile."""
    task = problem.task
    first = _first(problem, seed)
    if first is None:
        return
    yield first, "compile"
    shortest = len(first.pairs)
    if number % PROPOSING == 0:
        for pairs in _proposals(task, shortest + SPARE, rng):
            starts = (random_start(pairs, task.num_qubits, task.entangler, rng) for _ in range(STARTS))
            fit = multi_start(task.target, starts, tol=TOLERANCE, budget=Budget())
            if fit is not None and fit.infidelity <= TOLERANCE:
                yield fit.ansatz, "diffusion"
    for _ in range(VARIATIONS):
        parent = list(known.values())[rng.integers(len(known))]
        start = _varied(parent, task, shortest + SPARE, rng)
        fit = multi_start(task.target, [start], tol=TOLERANCE, budget=Budget(), rounds=ROUNDS)
        if fit is not None and fit.infidelity <= TOLERANCE:
            yield fit.ansatz, "variation"


def _first(problem: _Problem, seed: int) -> Ansatz | None:
    """Return what the compiler finds, None where it misses the target."""
    task = problem.task
    return _compiled(task.target.tobytes(), task.entangler, _pairs(task), seed)


@lru_cache(maxsize=256)
def _compiled(target: bytes, entangler: str, coupling: str, seed: int) -> Ansatz | None:
    """Compile a (d, d) complex128 unitary, given by its bytes; rounds begin alike, so that it is done once."""
    basis = GateSet("basis", ("u", entangler))
    matrix = np.frombuffer(target, dtype=np.complex128)
    d = math.isqrt(len(matrix))
    found = compile(
        matrix.reshape(d, d),
        gate_set="u,cx" if entangler == "cz" else ",".join(basis.gates),
        coupling=coupling,
        seed=seed,
    )
    return to_ansatz(translate_basis(found.circuit, basis), entangler) if found.infidelity <= TOLERANCE else None


def _pairs(task: SynthesisProblem) -> str:
    return task.coupling.text


def _proposals(task: SynthesisProblem, longest: int, rng: np.random.Generator) -> list[EntanglerSequence]:
    """Return structures that the model proposes, where it knows the register."""
    source = AnsatzProposer(load_ansatz_model(None, "cpu"))
    if task.num_qubits > source.num_qubits or task.entangler != "cz":
        return []
    return source.sequences(task, longest, PROPOSALS, rng, broad=True)


def _varied(parent: Ansatz, task: SynthesisProblem, longest: int, rng: np.random.Generator) -> Ansatz:
    """Put a pair of cancelling entanglers in and take as many or fewer others out, angles moved a little."""
    operations = list(parent.circuit().operations)
    pair = task.coupling.pairs[rng.integers(len(task.coupling.pairs))]
    place = int(rng.integers(len(operations) + 1))
    angles = tuple(rng.normal(0.0, 1.0, 1)) if task.entangler == "rzz" else ()
    undone = tuple(-angle for angle in angles)
    operations[place:place] = [Operation(task.entangler, pair, angles), Operation(task.entangler, pair, undone)]
    grown = to_ansatz(Circuit(task.num_qubits, tuple(operations)), task.entangler)
    count = len(grown.pairs)
    least = max(0, count - longest)
    dropped = int(rng.integers(least, max(least, 3) + 1))
    fewer = grown.without({int(i) for i in rng.permutation(count)[: min(dropped, count - task.lower_bound)]})
    return replace(fewer, theta=fewer.theta + rng.normal(0.0, NOISE, len(fewer.theta)))
