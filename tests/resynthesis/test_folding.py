"""Rotations that are merged before blocks are cut: the circuit does the same and costs no more."""

import numpy as np
import pytest

from circuitdiff import Circuit, OpaqueOperation, Operation
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.resynthesis.folding import folded
from circuitdiff.resynthesis.replacement import Place, Rewritten


def random_circuit(seed: int) -> Circuit:
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(40):
        a, b = map(int, rng.permutation(4)[:2])
        name = ("h", "t", "cx", "rzz", "rz")[rng.integers(5)]
        gates.append((name, (a, b) if name in ("cx", "rzz") else (a,), (0.3,) if name in ("rz", "rzz") else ()))
    return Circuit.from_gates(4, gates)


@pytest.mark.parametrize("gate_set", ["u,cx", "ibm-cz", "ion"])
@pytest.mark.parametrize("seed", range(3))
def test_folding_keeps_the_circuit_and_its_cost(seed: int, gate_set: str) -> None:
    given, place = random_circuit(seed), Place()
    found = folded(Rewritten(given.operations, 0.2), parse_gate_set(gate_set), place)
    kept = tuple(step for step in found.steps if isinstance(step, Operation))
    overlap = np.vdot(given.unitary(), Circuit(4, kept, found.global_phase - 0.2).unitary()) / 16
    assert abs(overlap - 1) < 1e-9
    assert place.cost(found.steps) <= place.cost(given.operations)
    assert kept == given.operations or {op.name for op in kept} <= set(PRESETS.get(gate_set, ("u", "cx")))


def test_rotations_merge_past_what_commutes_and_not_past_opaque_operations_on_their_wire() -> None:
    around = [Operation("rz", (0,), (0.3,)), Operation("cx", (0, 1)), OpaqueOperation((2,), "measure")]
    merged = folded(Rewritten((*around, Operation("rz", (0,), (0.4,))), 0.0), parse_gate_set("rz,h,cx"), Place())
    angles = [step.params[0] for step in merged.steps if isinstance(step, Operation) and step.name == "rz"]
    assert angles == pytest.approx([0.7])
    blocked = (*around[:2], OpaqueOperation((0,), "measure"), Operation("rz", (0,), (0.4,)))
    apart = folded(Rewritten(blocked, 0.0), parse_gate_set("rz,h,cx"), Place())
    assert sum(isinstance(step, Operation) and step.name == "rz" for step in apart.steps) == 2
