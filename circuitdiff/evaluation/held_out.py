"""Circuits of a known number of entanglers that no training run has drawn, none of which can be left out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.layout import Layout
from circuitdiff.data.ansatz_mixture import AnsatzMixture
from circuitdiff.data.seeds import Stream
from circuitdiff.data.stream import CircuitStream
from circuitdiff.features.lower_bounds import cx_lower_bound
from circuitdiff.numerics.ansatz import Ansatz
from circuitdiff.numerics.multi_start import AnsatzFit, Budget
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.proposers import random_sequence
from circuitdiff.synthesis.transforms.delete_entanglers import shorter

TOL = 1e-9
"""Infidelity at which an ablation counts a target as solved."""

ROUNDING = 1e-12
"""By how much the infidelity of a descent and that of a simulation may differ."""

BATCH = 256
MOST_BATCHES = 2000
TRIES = 2
"""Times that a circuit is tried without each of its entanglers."""

ORIGINS = ("mixture", "haar")
"""Held-out draws of the distribution that the model was trained on, and random structures with Haar gates between."""


def held_out(origin: str, length: int, count: int, layout: Layout, coupling: Coupling, seed: int) -> list[Ansatz]:
    """Return up to ``count`` circuits of ``length`` entanglers on couplings of the map, none of them superfluous."""
    rng = np.random.default_rng((int(Stream.EVALUATION), seed, length))
    drawn = _mixture(length, layout, coupling, seed) if origin == "mixture" else _haar(length, coupling, rng)
    return list(islice((circuit for circuit in drawn if is_irreducible(circuit, coupling, rng)), count))


def task_for(unitary: NDArray[np.complex128], coupling: Coupling) -> SynthesisProblem:
    """Return the problem of reaching a (d, d) unitary with CZ."""
    return SynthesisProblem(np.ascontiguousarray(unitary), coupling, "cz", TOL, cx_lower_bound(unitary, coupling))


def is_irreducible(circuit: Ansatz, coupling: Coupling, rng: np.random.Generator) -> bool:
    """Tell whether no entangler can be left out, as far as descents can tell."""
    problem = task_for(circuit.circuit().unitary(), coupling)
    return all(shorter(problem, AnsatzFit(circuit, 0.0), rng, Budget()) is None for _ in range(TRIES))


def is_solution(circuit: Circuit, problem: SynthesisProblem, most: int) -> bool:
    """Tell by simulation whether a circuit solves a problem on its couplings, with ``most`` entanglers at the most."""
    fits = circuit.two_qubit_count <= most and problem.coupling.allows(circuit.pairs)
    return fits and infidelity(problem.target, circuit.unitary()) <= problem.tol + ROUNDING


def _mixture(length: int, layout: Layout, coupling: Coupling, seed: int) -> Iterator[Ansatz]:
    """Yield circuits of the training mixture; their angles, tabulated in single precision, count as exact."""
    stream = CircuitStream(layout, BATCH, seed, AnsatzMixture(), stream=Stream.EVALUATION)
    for number in range(MOST_BATCHES):
        batch = stream.batch(number)
        for tokens, params in zip(batch.tokens.tolist(), batch.params.double().numpy(), strict=True):
            pairs = layout.entangled_pairs(tokens)
            if len(pairs) == length and coupling.allows(pairs):
                dressing = params[:length, [1, 0, 3, 2]]  # beta, gamma of each end, to gamma, beta
                closing = params[layout.max_gates :, :3]
                theta = np.concatenate((dressing.ravel(), closing.ravel()))
                yield Ansatz(layout.num_qubits, pairs, theta)


def _haar(length: int, coupling: Coupling, rng: np.random.Generator) -> Iterator[Ansatz]:
    """Yield blindly drawn structures with every gate between their entanglers from the Haar measure."""
    n = coupling.num_qubits
    anything = SynthesisProblem(np.eye(1 << n, dtype=np.complex128), coupling, "cz", TOL, 0)
    while True:
        theta = rng.uniform(0.0, 2 * np.pi, 4 * length + 3 * n)
        polar = [*range(1, 4 * length, 2), *range(4 * length, len(theta), 3)]  # the angles about Y
        theta[polar] = np.arccos(rng.uniform(-1.0, 1.0, len(polar)))
        yield Ansatz(n, random_sequence(anything, length, rng), theta)
