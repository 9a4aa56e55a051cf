"""Angles for a given circuit: the numerics of the compiler as an API of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.numerics.column_descent import descend_columns
from circuitdiff.numerics.column_program import build_column_program
from circuitdiff.numerics.levenberg_marquardt import MU_START, descend
from circuitdiff.numerics.multi_start import EXACT, POLISH
from circuitdiff.numerics.pauli_program import build_program, rotation_pairs
from circuitdiff.spec.target import Target, infidelity, read_target
from circuitdiff.validation import check_options

Angle = tuple[int, int]
"""An angle of a circuit: index of the operation, index among its parameters."""

Descent = Callable[[NDArray[np.float64], float, int], tuple[float, float, int]]
"""Steps from angles (changed in place), with a damping, so many at most: infidelity, damping, steps taken."""

ROUNDS = ((12, 0.5), (12, 0.4), (16, 0.3), (400, 0.0))
"""Steps that every run of a batch takes, and the share that goes on; the last round is long because structures with
no more angles than the target has converge slowly."""

BATCH_GROWTH = 4
"""The first start runs alone, which over-parameterised circuits seldom need more than; each later batch has so many
times the starts of the last."""


@dataclass(frozen=True)
class Fit:
    """The best angles found.

    Attributes:
        circuit: the circuit with those angles, its other angles unchanged.
        infidelity: ``1 - |tr(T^dagger V)| / 2^m`` of ``circuit``, in complex128.
        starts: number of starting points in the batches that were run.
        steps: Levenberg-Marquardt steps over all of them.
        success: whether the infidelity is within the tolerance.
    """

    circuit: Circuit
    infidelity: float
    starts: int
    steps: int
    success: bool


@dataclass
class _Run:
    theta: NDArray[np.float64]
    infidelity: float = 1.0
    mu: float = MU_START


def instantiate(
    circuit: Circuit,
    target: Any,
    *,
    starts: int = 16,
    tol: float = 1e-10,
    seed: int = 0,
    fixed: Collection[Angle] = (),
    tied: Iterable[Collection[Angle]] = (),
) -> Fit:
    """Find angles with which a circuit does what a target asks.

    Every angle of the circuit is free, unless it is fixed or tied to others.  The first start is the circuit's own
    angles, the others are uniform on the circle and run in growing batches; after each round of steps the better share
    of a batch goes on, and the first to come within ``tol`` is polished to machine precision.  Unitaries run in Pauli
    coordinates, states and isometries on the columns that matter, at a cost a step that grows with ``2^(n+m)``.

    Args:
        circuit: any gates of the library, with or without angles.
        target: a `Target` or what `read_target` reads: 2^n amplitudes, a 2^n x 2^m array, a sparse state.
        starts: the most starting points.
        tol: infidelity that counts as solved.
        seed: of the random starts; the same seed gives the same angles.
        fixed: angles that stay as they are in ``circuit``, as (operation, parameter).
        tied: groups of angles that are equal; a group begins from its first angle.

    Raises:
        InputError: another number of qubits, an angle that the circuit does not have, one that is tied twice or both
            fixed and tied, a target up to a permutation, or a bad target or option.
    """
    check_options(tol=tol, seed=seed)
    if isinstance(starts, bool) or not isinstance(starts, int) or starts < 1:
        raise InputError(f"starts is an integer from 1, got {starts!r}")
    aim = read_target(target)
    if aim.up_to is not None:
        raise InputError(f"instantiate takes the output qubits in order, the target is up to {aim.up_to}")
    if aim.num_qubits != circuit.num_qubits:
        raise InputError(f"the circuit has {circuit.num_qubits} qubits, the target {aim.num_qubits}")
    variables = _variables(circuit, fixed, tied)
    run = _descent(circuit, aim, variables)
    rng = np.random.default_rng(seed)
    count = int(variables.max(initial=-1)) + 1
    best, begun, steps = _multi_start(run, _initial(circuit, variables, count), starts if count else 1, tol, rng)
    solved = _with_angles(circuit, variables, best.theta)
    found = infidelity(aim, solved)
    return Fit(solved, found, begun, steps, found <= tol)


def instantiate_many(circuits: Sequence[Circuit], targets: Sequence[Any], **options: Any) -> list[Fit]:
    """Instantiate ``circuits[i]`` to ``targets[i]``; one circuit or one target serves all.  See `instantiate`.

    Raises:
        InputError: numbers of circuits and targets that differ, or as in `instantiate`.
    """
    if 1 not in (len(circuits), len(targets)) and len(circuits) != len(targets):
        raise InputError(f"{len(circuits)} circuits and {len(targets)} targets, expected as many, or one of either")
    count = max(len(circuits), len(targets)) if circuits and targets else 0
    pairs = ((circuits[i % len(circuits)], targets[i % len(targets)]) for i in range(count))
    return [instantiate(circuit, target, **options) for circuit, target in pairs]


def _variables(circuit: Circuit, fixed: Collection[Angle], tied: Iterable[Collection[Angle]]) -> NDArray[np.int64]:
    """Return the variable of every angle in the order of the gates, -1 where it is fixed.

    Variables are numbered in the order of their first rotation.
    """
    places = {(i, k): 0 for i, op in enumerate(circuit.operations) for k in range(len(op.params))}
    places = {angle: number for number, angle in enumerate(places)}
    group = np.arange(len(places))
    seen: set[Angle] = set()
    for angle in fixed:
        group[_place(places, angle)] = -1
        seen.add(angle)
    for members in tied:
        angles = list(members)
        for angle in angles:
            place = _place(places, angle)
            if angle in seen:
                raise InputError(f"angle {angle} is tied twice, or both fixed and tied")
            seen.add(angle)
            group[place] = places[angles[0]]
    numbers: dict[int, int] = {-1: -1}
    for i, op in enumerate(circuit.operations):
        for rotation in GATES[op.name].rotations:
            if rotation.param is not None:
                numbers.setdefault(int(group[places[i, rotation.param]]), len(numbers) - 1)
    return np.array([numbers[int(g)] for g in group], dtype=np.int64)


def _place(places: dict[Angle, int], angle: Angle) -> int:
    if angle not in places:
        raise InputError(f"the circuit has no angle {angle}; an angle is (operation, parameter)")
    return places[angle]


def _angles(circuit: Circuit) -> NDArray[np.float64]:
    return np.array([angle for op in circuit.operations for angle in op.params], dtype=np.float64)


def _initial(circuit: Circuit, variables: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    theta = np.zeros(count)
    free = variables >= 0
    theta[variables[free][::-1]] = _angles(circuit)[free][::-1]  # the first of a group is written last
    return theta


def _with_angles(circuit: Circuit, variables: NDArray[np.int64], theta: NDArray[np.float64]) -> Circuit:
    angles = _angles(circuit)
    free = variables >= 0
    angles[free] = theta[variables[free]]
    values = iter(angles)
    operations = tuple(op._replace(params=tuple(float(next(values)) for _ in op.params)) for op in circuit.operations)
    return Circuit(circuit.num_qubits, operations, circuit.global_phase)


def _descent(circuit: Circuit, target: Target, variables: NDArray[np.int64]) -> Descent:
    """Return the steps of whichever numerics suit the target."""
    gates = [(op.name, op.qubits) for op in circuit.operations]
    n, values = circuit.num_qubits, _angles(circuit)
    if target.kind != "unitary":
        columns = build_column_program(gates, n)
        param, offset = _mapped(columns.param, columns.scale, columns.offset, variables, values)
        columns = replace(columns, param=param, offset=offset)
        return lambda theta, mu, steps: descend_columns(target.columns, columns, theta, mu, steps, EXACT)
    program = build_program(gates, n)
    param, offset = _mapped(program.param, program.scale, program.offset, variables, values)
    count = int(variables.max(initial=-1)) + 1
    lowest = np.where(param >= 0, param, count)
    first = np.minimum.accumulate(lowest[::-1])[::-1].copy()
    rotated = np.ascontiguousarray(program.clifford.conj().T @ target.columns)
    return lambda theta, mu, steps: descend(
        rotated, program.paulis, program.scale, offset, param, first, *rotation_pairs(n), n, theta, mu, steps, EXACT
    )


def _mapped(
    param: NDArray[np.int64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    variables: NDArray[np.int64],
    values: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the variable and the offset of every rotation, the values of fixed angles taken into the offset."""
    mapped, moved = np.full(len(param), -1, dtype=np.int64), offset.copy()
    used = param >= 0
    mapped[used] = variables[param[used]]
    fixed = used & (mapped < 0)
    moved[fixed] += scale[fixed] * values[param[fixed]]
    return mapped, moved


def _multi_start(
    run: Descent, initial: NDArray[np.float64], starts: int, tol: float, rng: np.random.Generator
) -> tuple[_Run, int, int]:
    """Return the best run of all batches, how many were begun, and the steps of all."""
    begun, total, size = 0, 0, 1
    best: _Run | None = None
    while best is None or (begun < starts and best.infidelity > tol):
        batch = [
            _Run(initial.copy() if begun + i == 0 else rng.uniform(0.0, 2 * pi, len(initial)))
            for i in range(min(size, starts - begun))
        ]
        found, steps = _halve(run, batch, tol)
        best = found if best is None or found.infidelity < best.infidelity else best
        begun, total, size = begun + len(batch), total + steps, size * BATCH_GROWTH
    return best, begun, total


def _halve(run: Descent, batch: list[_Run], tol: float) -> tuple[_Run, int]:
    """Return the best run of a batch by successive halving, and the steps taken."""
    total = 0
    for steps, share in ROUNDS:
        for entrant in batch:
            entrant.infidelity, entrant.mu, taken = run(entrant.theta, entrant.mu, steps)
            total += taken
            if entrant.infidelity <= tol:
                entrant.infidelity, entrant.mu, taken = run(entrant.theta, entrant.mu, POLISH)
                return entrant, total + taken
        batch.sort(key=lambda r: r.infidelity)
        if share:
            batch = batch[: max(1, round(share * len(batch)))]
    return batch[0], total
