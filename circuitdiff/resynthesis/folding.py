"""Rotations merged over a whole circuit: blocks with fewer of them take fewer two-qubit gates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.program import Step, gates_first
from circuitdiff.interruption import is_over
from circuitdiff.resynthesis.replacement import Place, Rewritten
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.clifford_t.phase_folding import fold_phases

PIECE = 5_000
"""How many gates are folded together at most, between two looks at the clock."""


def folded(given: Rewritten, gate_set: GateSet, place: Place, deadline: float = float("inf")) -> Rewritten:
    """Merge rotations between opaque operations, wherever two-qubit gates cost no more afterwards.

    Args:
        given: steps, and the phase and order so far.
        gate_set: in which folded gates are written.
        place: what gates cost, and what a device makes of them.
        deadline: value of `time.monotonic` after which the rest stays.
    """
    steps: list[Step] = []
    phase = given.global_phase
    ordered = [given.steps[position] for position in gates_first(given.steps, range(len(given.steps)))]
    for is_gates, group in groupby(ordered, key=lambda step: isinstance(step, Operation)):
        run = tuple(group)
        for start in range(0, len(run), PIECE):
            piece = run[start : start + PIECE]
            found = _folded(piece, gate_set, place, deadline) if is_gates and not is_over(deadline) else None
            steps += piece if found is None else found.operations
            phase += 0.0 if found is None else found.global_phase
    return replace(given, steps=tuple(steps), global_phase=phase)


def _folded(piece: Sequence[Step], gate_set: GateSet, place: Place, deadline: float) -> Circuit | None:
    """Return the folded gates of a piece in a gate set, None where they would cost more."""
    operations = tuple(step for step in piece if isinstance(step, Operation))
    if any(len(op.qubits) > 2 for op in operations):
        return None
    circuit = Circuit(1 + max(q for op in operations for q in op.qubits), operations)
    found = place.fitted(translate_basis(fold_phases(circuit, deadline), gate_set))
    return found if found is not None and place.cost(found.operations) <= place.cost(operations) else None
