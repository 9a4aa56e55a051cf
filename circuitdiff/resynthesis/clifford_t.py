"""Whole circuits in Clifford+T: rotations merged, then all approximated within one error budget."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.errors import InputError
from circuitdiff.resynthesis.check import MAX_QUBITS
from circuitdiff.synthesis.clifford_t.approximate import Approximated, approximate
from circuitdiff.synthesis.clifford_t.phase_folding import fold_phases
from circuitdiff.synthesis.clifford_t.plan import estimate, plan
from circuitdiff.synthesis.clifford_t.target import SMALLEST_TOL

NUM_STATES = 8
"""Random states over which the infidelity of wide circuits is averaged; its estimate is off by a few per cent."""

MARGIN = 0.9
"""Part of the tolerance that is spent, so that other random states see no more than the tolerance."""

EXACT_QUBITS = 6
"""Largest register on which all basis states are followed in place of random ones."""


def approximate_circuit(circuit: Circuit, gate_set: GateSet, tol: float, deadline: float, seed: int) -> Approximated:
    """Return a circuit of gates on one and two qubits in Clifford+T.

    Registers of up to 16 qubits are followed on random states; on wider ones the bounds of all gates are added up.

    Args:
        circuit: of any width.
        gate_set: gates that make Clifford+T.
        tol: bound on the infidelity ``1 - |tr(U†V)| / d``.
        deadline: `time.monotonic` from which on the quick way is taken, which costs more T.
        seed: of the random states.

    Raises:
        InputError: the tolerance is below what rounding shows and the circuit is not exact in Clifford+T.
    """
    allowed = max(tol, SMALLEST_TOL)
    plans = [plan(candidate, allowed) for candidate in (fold_phases(circuit), circuit)]
    costs = [estimate(steps, allowed) for steps in plans]
    if tol < SMALLEST_TOL and min(costs) > 0:
        raise InputError(
            f"a tolerance of {tol:.1e} cannot be told from rounding: Clifford+T is approximated to {SMALLEST_TOL:.0e}"
        )
    steps, num_qubits = plans[costs.index(min(costs))], circuit.num_qubits
    if num_qubits > MAX_QUBITS:
        return approximate(num_qubits, steps, gate_set, allowed, deadline)
    states = random_states(num_qubits, np.random.default_rng(seed))
    made = approximate(states, steps, gate_set, MARGIN * allowed, deadline)
    check = random_states(num_qubits, np.random.default_rng([seed, 1]))
    return Approximated(made.circuit, infidelity(circuit.applied(check), made.circuit.applied(check)))


def random_states(num_qubits: int, rng: np.random.Generator) -> NDArray[np.complex128]:
    """Return (d, k) states: random ones, or all basis states of small registers."""
    if num_qubits <= EXACT_QUBITS:
        return np.eye(1 << num_qubits, dtype=np.complex128)
    shape = (1 << num_qubits, NUM_STATES)
    states = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return np.asarray(states / np.linalg.norm(states, axis=0))
