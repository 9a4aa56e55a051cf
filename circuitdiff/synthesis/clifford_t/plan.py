"""Which rotations about Z to leave for later: a plan for each qubit of a circuit of single-qubit gates and CZ.

What is in front of a CZ may be approximated up to a rotation about Z, which passes the CZ and joins the next gate on
that qubit.  That takes two T a factor of two in the error where the whole gate takes three, but a next gate that was a
Clifford becomes one to be approximated.  So every qubit's line of gates is planned as a shortest path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import U_CZ
from circuitdiff.circuits.single_qubit import IDENTITY, Matrix, gate_matrix, times
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.clifford_t.operators import t_estimate
from circuitdiff.synthesis.clifford_t.sequences import exactly

RATES = {True: 1.0, False: 1.5}
"""T that halving a gate's infidelity costs: up to a rotation about Z, and as a whole."""

_IMPOSSIBLE = float("inf")


@dataclass(frozen=True)
class Block:
    """A single-qubit gate: the last of its qubit, or in front of an entangler.

    Attributes:
        matrix: 2x2 unitary.
        leaves: whether a rotation about Z is left for the next block.
        rate: T that halving the infidelity costs; 0 where the gate is exact.
    """

    qubit: int
    matrix: Matrix
    leaves: bool = False
    rate: float = 0.0


Step = Block | tuple[int, int]
"""A single-qubit gate, or the qubits of a CZ."""


def steps_of(circuit: Circuit) -> list[Step]:
    """Return a circuit in time order: a block for both qubits before each CZ, and for every qubit at the end."""
    lowered = translate_basis(circuit, U_CZ)
    pending = [IDENTITY] * circuit.num_qubits
    steps: list[Step] = []
    for name, qubits, params in lowered.operations:
        if name == "u":
            pending[qubits[0]] = times(gate_matrix(name, params), pending[qubits[0]])
            continue
        for q in qubits:
            steps.append(Block(q, pending[q]))
            pending[q] = IDENTITY
        steps.append((qubits[0], qubits[1]))
    return steps + [Block(q, matrix) for q, matrix in enumerate(pending)]


def plan(circuit: Circuit, tol: float) -> list[Step]:
    """Return a circuit's steps, planned for an infidelity that all of its gates share."""
    steps = steps_of(circuit)
    sharing = sum(isinstance(step, Block) for step in steps)
    for _ in range(2):  # how many gates share the budget is known from a first plan
        steps = planned(steps, tol / sharing)
        sharing = max(1, sum(isinstance(step, Block) and step.rate > 0 for step in steps))
    return steps


def estimate(steps: Sequence[Step], tol: float) -> float:
    """Return roughly how many T a plan takes; 0 where it is exact but for a T here and there."""
    rates = [step.leaves for step in steps if isinstance(step, Block) and step.rate]
    return sum(t_estimate(leaves, tol / len(rates)) for leaves in rates)


def generic_estimate(num_qubits: int, entanglers: int, tol: float) -> float:
    """Return roughly how many T a circuit without structure takes: for gates in front of each CZ, and the last ones."""
    share = tol / (2 * entanglers + num_qubits)
    return 2 * entanglers * t_estimate(True, share) + num_qubits * t_estimate(False, share)


def planned(steps: Sequence[Step], infidelity: float) -> list[Step]:
    """Return the steps with every block's ``leaves`` and ``rate`` as they cost the fewest T.

    Args:
        steps: as `steps_of` gives them.
        infidelity: what a gate may have, roughly.
    """
    result = list(steps)
    lines: dict[int, list[int]] = {}
    for i, step in enumerate(steps):
        if isinstance(step, Block):
            lines.setdefault(step.qubit, []).append(i)
    for places in lines.values():
        blocks = [steps[i] for i in places]
        for i, block in zip(places, _plan_line([b for b in blocks if isinstance(b, Block)], infidelity), strict=True):
            result[i] = block
    return result


def _plan_line(blocks: list[Block], infidelity: float) -> list[Block]:
    """Plan one qubit's gates: the shortest path through whether a rotation comes in and whether one goes out."""
    partial, full = t_estimate(True, infidelity), t_estimate(False, infidelity)
    best: dict[bool, tuple[float, list[Block]]] = {False: (0.0, [])}
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        following: dict[bool, tuple[float, list[Block]]] = {}
        for leaves in (False,) if last else (False, True):
            for enters, (cost, chosen) in best.items():
                exact = _exact_t(block.matrix, enters, leaves)
                step = exact if exact is not None else partial if leaves else full
                new = Block(block.qubit, block.matrix, leaves, 0.0 if exact is not None else RATES[leaves])
                if cost + step < following.get(leaves, (_IMPOSSIBLE, []))[0]:
                    following[leaves] = cost + step, [*chosen, new]
        best = following
    return best[False][1]


def _exact_t(matrix: Matrix, enters: bool, leaves: bool) -> int | None:
    """Return the T count of what can be made exactly, None where it cannot."""
    if enters:
        return 0 if leaves and min(abs(matrix[0]), abs(matrix[1])) < 1e-8 else None
    found = exactly(matrix, leaves)
    return found.t_count if found is not None else None
