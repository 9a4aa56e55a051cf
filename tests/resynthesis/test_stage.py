"""The stage that rewrites a circuit which was given for a target."""

from __future__ import annotations

import pytest

from circuitdiff import Circuit, compile
from circuitdiff.synthesis.models import Models

LONG_BLOCKS = [
    gate
    for number, (a, b) in enumerate([(0, 1), (1, 2), (0, 2)] * 3 + [(1, 2), (2, 3), (1, 3)] * 3)
    for gate in (("u", (a,), (0.3 + 0.1 * number, 0.1, 1.2)), ("u", (b,), (0.7, 0.2 * number, 0.1)), ("cx", (a, b), ()))
]
"""Two blocks of nine CX on three of four qubits each, more than are raced."""

GIVEN = Circuit.from_gates(4, LONG_BLOCKS)


def test_blocks_are_compiled_by_those_who_take_part_in_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def watched(models: Models, num_qubits: int) -> None:
        asked.append(num_qubits)

    for name in ("ansatz_proposer", "gate_sequence_proposer"):
        monkeypatch.setattr(Models, name, watched)
    result = compile(GIVEN, proposers=("analytic", "blocks"), timeout=30)
    assert result.tol_met
    assert asked == []
    compile(GIVEN, proposers=("analytic", "blocks", "diffusion"), timeout=30)
    assert 3 in asked
