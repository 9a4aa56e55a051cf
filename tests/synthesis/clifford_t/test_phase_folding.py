from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.synthesis.clifford_t.phase_folding import fold_phases


def rotations(circuit: Circuit) -> int:
    return sum(op.name == "rz" and abs(np.sin(2 * op.params[0])) > 1e-9 for op in circuit.operations)


@pytest.mark.parametrize("seed", range(5))
def test_folding_keeps_the_unitary_and_its_phase(seed: int) -> None:
    rng = np.random.default_rng(seed)
    operations = []
    for _ in range(60):
        a, b = (int(q) for q in rng.permutation(4)[:2])
        name = str(rng.choice(["h", "s", "t", "rz", "rx", "cx", "cz", "cp"]))
        params = tuple(rng.uniform(-3, 3, 1)) if name in ("rz", "rx", "cp") else ()
        operations.append(Operation(name, (a, b) if name in ("cx", "cz", "cp") else (a,), params))
    circuit = Circuit(4, tuple(operations))
    np.testing.assert_allclose(fold_phases(circuit).unitary(), circuit.unitary(), atol=1e-10)


def test_rotations_of_one_parity_merge_across_gates_between() -> None:
    gates = [("cx", (0, 1), ()), ("rz", (1,), (0.3,)), ("cx", (0, 1), ()), ("h", (2,), ()), ("rz", (0,), (1.0,))]
    merging = [*gates, ("cx", (1, 0), ()), ("rz", (0,), (0.4,)), ("cx", (1, 0), ())]
    assert rotations(fold_phases(Circuit.from_gates(3, merging))) == 2
    kept_apart = [*gates, ("h", (1,), ()), ("rz", (1,), (0.5,)), ("h", (1,), ()), *merging[5:]]
    assert rotations(fold_phases(Circuit.from_gates(3, kept_apart))) == 4


def test_what_became_a_clifford_lets_others_pass() -> None:
    halves = [("t", (0,), ()), ("h", (1,), ()), ("t", (0,), ())]
    gates = [("t", (1,), ()), ("cx", (0, 1), ()), *halves, ("h", (1,), ()), ("cx", (0, 1), ()), ("t", (1,), ())]
    assert rotations(fold_phases(Circuit.from_gates(2, gates))) == 0
