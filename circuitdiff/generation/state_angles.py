"""Angles for structures that a model draws for a state."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.counting import counted
from circuitdiff.numerics.ansatz import EntanglerSequence
from circuitdiff.numerics.multi_start import Budget, multi_start, random_start
from circuitdiff.numerics.threads import single_threaded

logger = logging.getLogger(__name__)

STARTS = 6
"""Random angles at which the fit of a structure begins, one after another until one reaches the state."""

MOST_STRUCTURES = 256
"""Distinct structures that are fitted; later ones keep the angles that they have."""


def fitted_to_state(circuits: Sequence[Circuit], state: NDArray[np.complex128], tol: float, seed: int) -> list[Circuit]:
    """Return circuits of CZ with the angles by which their structures come nearest to a state (2^n,).

    Circuits of one structure become equal.
    """
    rng, target = np.random.default_rng(seed), np.ascontiguousarray(state[:, None])
    distinct = list(dict.fromkeys(map(structure_of, circuits)))[:MOST_STRUCTURES]
    found: dict[EntanglerSequence, Circuit] = {}
    with single_threaded():
        for pairs in counted(distinct, "fitting angles: structure", logger):
            starts = (random_start(pairs, circuits[0].num_qubits, "cz", rng) for _ in range(STARTS))
            fit = multi_start(target, starts, tol=tol, budget=Budget())
            if fit is not None:
                found[pairs] = fit.ansatz.circuit()
    return [found.get(structure_of(circuit), circuit) for circuit in circuits]


def structure_of(circuit: Circuit) -> EntanglerSequence:
    """Return the pairs of the gates on two qubits, in order."""
    ends = (op.qubits for op in circuit.operations if len(op.qubits) == 2)
    return tuple((min(qubits), max(qubits)) for qubits in ends)
