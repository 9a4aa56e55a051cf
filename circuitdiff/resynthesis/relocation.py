"""Blocks with one of their entanglers elsewhere: other circuits of the same length on more than three qubits.

There are too many sequences of entanglers to race them all, but many that differ from one that suffices in the place of
a single entangler suffice as well, and the angles that there are lead to theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.ansatz import Ansatz, to_ansatz
from circuitdiff.numerics.multi_start import Rounds
from circuitdiff.resynthesis.structures import first_precise, raced_entangler
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

STARTS = 60
"""Sequences that are tried: more than half of the blocks of real circuits are solved by one of so many."""

NOISE = 0.5
"""Standard deviation in radians of what is added to the angles."""

ROUNDS: Rounds = ((10, 0.3), (15, 0.3), (50, 0.0))


def relocated(
    circuit: Circuit,
    target: NDArray[np.complex128],
    pairs: tuple[Pair, ...],
    gate_set: GateSet,
    tol: float,
    rng: np.random.Generator,
    deadline: float = float("inf"),
) -> Circuit | None:
    """Return a circuit of as many entanglers in another sequence, None where none came out.

    Args:
        circuit: whose entanglers are all of the kind that is raced.
        target: its unitary (d, d).
        pairs: couplings, ``(low, high)`` each.
        gate_set: to write in.
        tol: infidelity.
        rng: of everything.
        deadline: value of `time.monotonic`.
    """
    entangler = raced_entangler(gate_set) or "cz"
    given = to_ansatz(translate_basis(circuit, parse_gate_set(f"u,{entangler}")), entangler)
    return first_precise(target, _others(given, pairs, rng), gate_set, tol, deadline, ROUNDS)


def _others(given: Ansatz, pairs: tuple[Pair, ...], rng: np.random.Generator) -> Iterator[Ansatz]:
    steps = given.circuit().operations
    places = [position for position, step in enumerate(steps) if len(step.qubits) == 2]
    angles = (0.0,) * GATES[given.entangler].num_params
    for _ in range(STARTS):
        operations = list(steps)
        del operations[places[int(rng.integers(len(places)))]]
        placed = Operation(given.entangler, pairs[int(rng.integers(len(pairs)))], angles)
        operations.insert(int(rng.integers(len(operations) + 1)), placed)
        other = to_ansatz(Circuit(given.num_qubits, tuple(operations)), given.entangler)
        if other.pairs != given.pairs:
            yield other.perturbed(NOISE, rng)
