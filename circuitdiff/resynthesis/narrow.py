"""Parts of a circuit that are narrow enough to be compiled as one target each."""

from __future__ import annotations

from collections.abc import Sequence

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.program import Step
from circuitdiff.circuits.unitary_io import MAX_QUBITS

EASY_SIZE = 3
"""Blocks of more qubits come after those of this many have nothing left to save: they take ten times as long."""


def narrow_parts(steps: Sequence[Step]) -> set[int]:
    """Return the qubits of the parts that share no gate with others and have 4 to `MAX_QUBITS` qubits."""
    part: dict[int, set[int]] = {}
    for step in steps:
        if isinstance(step, Operation):
            known = part.get(step.qubits[0])
            if known is None or any(part.get(q) is not known for q in step.qubits):
                joined = set().union(*({q} | part.get(q, set()) for q in step.qubits))
                part.update(dict.fromkeys(joined, joined))
    return {qubit for qubit, qubits in part.items() if EASY_SIZE < len(qubits) <= MAX_QUBITS}
