"""Whole circuits in Clifford+T: rotations merged, then all approximated within one error budget.

The runs of gates of a program, those in bodies of control flow among them, share the budget by their rotations.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from math import acos, cos, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.program import OpaqueOperation, Program, Step, gates_first
from circuitdiff.errors import InputError
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.check import MAX_QUBITS
from circuitdiff.synthesis.analytic.unitary import without_wide_gates
from circuitdiff.synthesis.clifford_t.approximate import Approximated, approximate
from circuitdiff.synthesis.clifford_t.pauli_pairs import Pairs, pair_rotations
from circuitdiff.synthesis.clifford_t.phase_folding import ROTATIONS, fold_phases
from circuitdiff.synthesis.clifford_t.plan import estimate, plan
from circuitdiff.synthesis.clifford_t.runs import without_long_runs
from circuitdiff.synthesis.clifford_t.target import SMALLEST_TOL
from circuitdiff.synthesis.clifford_t.writer import exact_circuit


class _Reading(NamedTuple):
    """A circuit of gates on one and two qubits and what it is read as.

    Attributes:
        given: the circuit.
        read: the same with rotations in the place of long runs of T; roughly the same, see `SNAPPED`.
        folded: that with its rotations merged.
    """

    given: Circuit
    read: Circuit
    folded: Circuit


class ApproximateProgram(NamedTuple):
    """A program in Clifford+T and a bound on its infidelity, whatever way is taken through it once."""

    program: Program
    infidelity: float


SNAPPED = 0.01
"""Part of the tolerance by which runs of T may differ from the rotations that they are read as, all together."""

NUM_STATES = 8
"""Random states over which the infidelity of wide circuits is averaged; its estimate is off by a few per cent."""

MARGIN = 0.9
"""Part of the tolerance that is spent, so that other random states see no more than the tolerance."""

EXACT_QUBITS = 6
"""Largest register on which all basis states are followed in place of random ones."""


def approximate_circuit(
    circuit: Circuit, gate_set: GateSet, pairs: Pairs, tol: float, deadline: float, seed: int
) -> Approximated:
    """Return a circuit of gates on one and two qubits in Clifford+T.

    Registers of up to 16 qubits are followed on random states; on wider ones the bounds of all gates are added up.

    Args:
        circuit: of any width.
        gate_set: gates that make Clifford+T.
        pairs: pairs ``(low, high)`` that more gates may be put on, None for all.
        tol: bound on the infidelity ``1 - |tr(U†V)| / d``.
        deadline: `time.monotonic` by which to be done; where it is short the tolerance is missed.
        seed: of the random states.

    Raises:
        InputError: the tolerance is below what rounding shows and the circuit is not exact in Clifford+T.
    """
    return _approximated(_read(circuit, tol), gate_set, pairs, tol, deadline, seed)


def _read(circuit: Circuit, tol: float) -> _Reading:
    """Read back what is approximated already within a tolerance, and merge rotations."""
    snapped = SNAPPED if circuit.num_qubits <= MAX_QUBITS else 0.0
    read = without_long_runs(circuit, max(tol, SMALLEST_TOL), snapped)
    return _Reading(circuit, read, fold_phases(read))


def _approximated(
    reading: _Reading, gate_set: GateSet, pairs: Pairs, tol: float, deadline: float, seed: int
) -> Approximated:
    """Do what `approximate_circuit` says with a circuit that is read."""
    circuit, exact = reading.given, exact_circuit(reading.given, gate_set)
    if tol < SMALLEST_TOL and exact is not None:
        return Approximated(exact, 0.0)
    allowed = max(tol, SMALLEST_TOL)
    plans = [plan(reading.folded, allowed)]
    if not is_over(deadline):
        plans += [plan(form, allowed) for form in (pair_rotations(reading.folded, pairs), reading.read)]
    costs = [estimate(steps, allowed) for steps in plans]
    if tol < SMALLEST_TOL and min(costs) > 0:
        raise InputError(
            f"a tolerance of {tol:.1e} cannot be told from rounding: Clifford+T is approximated to {SMALLEST_TOL:.0e}"
        )
    steps = plans[costs.index(min(costs))]
    if circuit.num_qubits > MAX_QUBITS:
        made = approximate(circuit.num_qubits, steps, gate_set, allowed, deadline)
    else:
        states, others = (random_states(circuit.num_qubits, np.random.default_rng(s)) for s in (seed, [seed, 1]))
        found = approximate(states, steps, gate_set, MARGIN * allowed, deadline).circuit
        made = Approximated(found, infidelity(circuit.applied(others), found.applied(others)))
    return made if exact is None else min(made, Approximated(exact, 0.0), key=lambda one: one.key(allowed))


def coupled(device: Coupling) -> Pairs:
    """Return the pairs of a device on which gates may be put, None for all."""
    return None if device.is_complete else frozenset(device.pairs)


def approximate_program(
    program: Program, gate_set: GateSet, pairs: Pairs, tol: float, deadline: float, seed: int
) -> ApproximateProgram:
    """Return a program in Clifford+T; what is no gate stays, in order.

    The tolerance is that of the longest way through the program: of the bodies of one operation the one with the most
    rotations counts, once.  Other arguments are those of `approximate_circuit`.

    Raises:
        InputError: the tolerance is below what rounding shows and the program is not exact in Clifford+T.
    """
    phaseless = (replace(run, global_phase=0.0) for run in _runs(program))  # global phases are not approximated
    runs = [run.on_used_qubits() for run in phaseless]
    readings = [_read(run, tol / len(runs) ** 2) for run, _ in runs]  # as if all had the same part of the angle
    weights = [_num_approximated(reading.folded) for reading in readings]
    longest = max(1.0, _longest(program, iter(weights)))
    angle = acos(1 - tol) if tol > 1e-12 else sqrt(2 * tol)
    made: list[Approximated] = []
    for number, ((_, used), reading, weight) in enumerate(zip(runs, readings, weights, strict=True)):
        now, part = time.monotonic(), weight / max(1, sum(weights[number:]))
        share = 1 - cos(angle * weight / longest) if tol > 1e-12 else tol * (weight / longest) ** 2
        share = max(share, SMALLEST_TOL) if tol >= SMALLEST_TOL else tol
        found = _approximated(reading, gate_set, _among(used, pairs), share, now + (deadline - now) * part, seed)
        made.append(found._replace(circuit=found.circuit.permuted(used, program.num_qubits)))
    angles = iter([acos(1 - one.infidelity) for one in made])
    bound = 1 - cos(min(pi / 2, _longest(program, angles)))
    return ApproximateProgram(_with_runs(program, iter([one.circuit for one in made])), bound)


def _num_approximated(circuit: Circuit) -> int:
    """Return how many rotations of a folded circuit are by no multiple of pi/4."""
    eighths = [op.params[0] / (pi / 4) for op in circuit.operations if op.params]
    return sum(abs(angle - round(angle)) > 1e-9 for angle in eighths)


def _among(used: Sequence[int], pairs: Pairs) -> Pairs:
    """Return pairs of a register as pairs among those qubits of it that are used."""
    place = {q: i for i, q in enumerate(used)}
    return None if pairs is None else frozenset((place[a], place[b]) for a, b in pairs if a in place and b in place)


def _ordered(program: Program) -> Iterator[Circuit | OpaqueOperation]:
    """Yield runs of gates, as long as they can be, and what stands between them."""
    steps = [program.steps[place] for place in gates_first(program.steps, range(len(program.steps)))]
    for is_gates, run in groupby(steps, key=lambda step: isinstance(step, Operation)):
        if is_gates:
            yield without_wide_gates(Circuit(program.num_qubits, tuple(run)), ROTATIONS)  # type: ignore[arg-type]
        else:
            yield from run  # type: ignore[misc]


def _runs(program: Program) -> Iterator[Circuit]:
    for part in _ordered(program):
        if isinstance(part, Circuit):
            yield part
        else:
            for body in part.bodies:
                yield from _runs(body)


def _longest(program: Program, lengths: Iterator[float]) -> float:
    """Add up lengths of runs, in the order of `_runs`, along the longest way."""
    return sum(
        next(lengths)
        if isinstance(part, Circuit)
        else max([_longest(body, lengths) for body in part.bodies], default=0.0)
        for part in _ordered(program)
    )


def _with_runs(program: Program, circuits: Iterator[Circuit]) -> Program:
    """Put circuits in the place of runs, in the order of `_runs`."""
    steps: list[Step] = []
    for part in _ordered(program):
        if isinstance(part, Circuit):
            steps += next(circuits).operations
        else:
            bodies = tuple(_with_runs(body, circuits) for body in part.bodies)
            steps.append(replace(part, bodies=bodies) if bodies else part)
    return replace(program, steps=tuple(steps))


def random_states(num_qubits: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    """Return (d, k) states: random ones, or all basis states of small registers."""
    if num_qubits <= EXACT_QUBITS:
        return np.eye(1 << num_qubits, dtype=np.complex128)
    shape = (1 << num_qubits, NUM_STATES)
    states = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return np.asarray(states / np.linalg.norm(states, axis=0))
