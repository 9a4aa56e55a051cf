"""Angles of a short circuit on two or three qubits that lower the entanglement of an operator most, by Newton's method.

After a gate ``W`` on a few output qubits, the purity across a cut that runs between them is ``c + sum v^T Q v`` over
the Pauli coordinates ``v`` of ``W^dagger P W`` (see `circuitdiff.features.operator_entanglement`): a problem of the
gate's own size, whatever the register's. As in `levenberg_marquardt`, a derivative by an angle is the rotation about
the pulled-back Pauli ``t``, and a second derivative two of them in the order of the circuit, so the Hessian is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.features.operator_entanglement import (
    Qubits,
    TransferRows,
    pauli_transfer,
    paulis_on,
    quadratic_form,
    small_cuts,
)
from circuitdiff.numerics.ansatz import GateSequence
from circuitdiff.numerics.disentangle_kernels import descend
from circuitdiff.numerics.pauli_program import Program, build_program, rotation_pairs

FIRST_STEPS = 5
"""Newton steps that every start takes; then the best go on."""

SURVIVORS = 2
LAST_STEPS = 12
MU_START = 0.3

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Descent:
    """The angles found, radians, by how much they lower the entanglement, and the nominal multiply-adds it took."""

    theta: FloatArray
    gain: float
    work: float


@dataclass(frozen=True)
class LocalForms:
    """How the purities of an operator depend on a gate on a few of its output qubits.

    Attributes:
        num_qubits: how many these are.
        forms: (cuts, 4^k, 4^k) quadratic forms of the cuts that split one of the qubits off the others.
        parts: (cuts,) int64, which one that is.
    """

    num_qubits: int
    forms: FloatArray
    parts: NDArray[np.int64]


def local_forms(rows: TransferRows, qubits: Qubits) -> LocalForms:
    """Return the quadratic forms for a gate on two or three qubits."""
    forms, parts = [], []
    for cut in small_cuts(rows.num_qubits):
        other = tuple(q for q in range(rows.num_qubits) if q not in cut)
        sides = [cut, other] if len(other) == len(cut) else [cut]
        side = min(sides, key=lambda s: len(set(s) & set(qubits)))
        inside = [i for i, q in enumerate(qubits) if q in side]
        if len(inside) == 1:
            forms.append(quadratic_form(rows, side, qubits))
            parts.append(inside[0])
    return LocalForms(len(qubits), np.array(forms), np.array(parts))


def disentangle(local: LocalForms, gates: GateSequence, starts: int, rng: np.random.Generator) -> Descent:
    """Find angles for a circuit on a few output qubits, applied after the operator.

    Args:
        local: the operator, as the circuit sees it.
        gates: gates on those qubits; each angle in one rotation, at scale one.
        starts: random ones.
        rng: source of the starts.
    """
    program = _program(gates, local.num_qubits)
    pairs, signs = rotation_pairs(local.num_qubits)
    forms, parts = local.forms, local.parts
    thetas = rng.uniform(0.0, 2 * pi, (starts, program.num_params))
    fixed = (
        _frames(gates, local.num_qubits), parts, forms, program.paulis, program.offset, program.param, pairs, signs
    )  # fmt: skip
    first = [descend(theta, MU_START, FIRST_STEPS, *fixed) for theta in thetas]
    values, steps = [value for value, _, _ in first], sum(taken for _, _, taken in first)
    for index in np.argsort(values)[:SURVIVORS]:
        values[index], _, taken = descend(thetas[index], first[index][1], LAST_STEPS, *fixed)
        steps += taken
    best = int(np.argmin(values))
    own = _own_paulis(local.num_qubits)[parts]  # (cuts, 3)
    untouched = forms[:, 0, 0] + forms[np.arange(len(forms))[:, None], own, own].sum(1)
    step_work = 3 * forms.shape[1] ** 2 * (len(forms) + local.num_qubits * program.num_params)
    return Descent(thetas[best], float(-np.log(untouched).sum() - values[best]), float(steps) * step_work)


@cache
def _own_paulis(num_qubits: int) -> NDArray[np.int64]:
    """Return the indices (qubits, 3) of the Paulis on each qubit alone."""
    return np.array([paulis_on((q,), num_qubits)[1:] for q in range(num_qubits)])


@cache
def _program(gates: GateSequence, num_qubits: int) -> Program:
    return build_program(gates, num_qubits)


@cache
def _frames(gates: GateSequence, num_qubits: int) -> FloatArray:
    """Return the coordinates (3k, 4^k) of ``C^dagger P C``, ``C`` the closing Clifford, for each qubit's Paulis."""
    clifford = _program(gates, num_qubits).clifford
    return pauli_transfer(np.ascontiguousarray(clifford.conj().T))[_own_paulis(num_qubits).ravel()]
