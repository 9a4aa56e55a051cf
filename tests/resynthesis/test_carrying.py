"""Rotations of unknown angles move past what commutes with them whatever the angle, and past nothing else."""

from collections.abc import Sequence

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.program import OpaqueOperation, Step
from circuitdiff.resynthesis.carrying import brought_forward, carried

NAMES = {"X": "rx", "Y": "ry", "Z": "rz", "XX": "rxx", "YY": "ryy", "ZZ": "rzz"}


def with_angles(steps: Sequence[Step]) -> Circuit:
    """Put the angle that a rotation keeps to itself."""
    known = [s if isinstance(s, Operation) else Operation(NAMES[s.pauli], s.wires, s.payload) for s in steps]
    return Circuit(4, tuple(known))


def random_steps(rng: np.random.Generator) -> list[Step]:
    steps: list[Step] = []
    for _ in range(40):
        wires = tuple(map(int, rng.permutation(4)[:2]))
        kind = ("cx", "cz", "h", "rzz", "rotation")[rng.integers(5)]
        if kind == "rotation":
            pauli = list(NAMES)[rng.integers(len(NAMES))]
            steps.append(OpaqueOperation(wires[: len(pauli)], (float(rng.uniform(0, 6)),), pauli=pauli))
        else:
            steps.append(Operation(kind, wires[:1] if kind == "h" else wires, (0.4,) if kind == "rzz" else ()))
    return steps


@pytest.mark.parametrize("seed", range(10))
def test_the_circuit_does_the_same_for_any_angles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = random_steps(rng)
    moved = 0
    for found in (brought_forward(steps), carried(steps, rng), carried(steps, rng)):
        moved += list(found) != steps
        np.testing.assert_allclose(with_angles(found).unitary(), with_angles(steps).unitary(), atol=1e-12)
    assert moved > 0


def test_controls_and_targets_let_pass_what_commutes() -> None:
    cx = Operation("cx", (0, 1))
    steps = [
        cx,
        OpaqueOperation((0,), pauli="Z"),
        OpaqueOperation((1,), pauli="X"),
        OpaqueOperation((0, 1), pauli="YY"),
    ]
    assert brought_forward(steps)[-2:] == (cx, steps[3])
    stays = [cx, OpaqueOperation((0,), pauli="X"), cx, OpaqueOperation((1,)), cx]
    assert brought_forward(stays) == tuple(stays)
