"""Blocks on four qubits are written with one entangler elsewhere."""

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import Coupling, all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.resynthesis.relocation import relocated
from circuitdiff.resynthesis.structures import entanglers

LINE = Coupling(4, ((0, 1), (1, 2), (2, 3)), "line")


@pytest.mark.parametrize("coupling", [all_to_all(4), LINE], ids=["all", "line"])
@pytest.mark.parametrize("gates", ["u,cx", "u,cz,rzz"])
def test_relocated_blocks_do_the_same_with_as_many_gates(coupling: Coupling, gates: str) -> None:
    rng, gate_set = np.random.default_rng(0), parse_gate_set(gates)
    wide = "cx" if "cx" in gates else "cz"
    found = 0
    for _ in range(4):
        steps: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
        for pair in (coupling.pairs[int(n)] for n in rng.integers(len(coupling.pairs), size=6)):
            steps += [(wide, pair, ()), (("h", "t")[int(rng.integers(2))], pair[:1], ())]
        circuit = Circuit.from_gates(4, steps)
        other = relocated(circuit, circuit.unitary(), coupling.pairs, gate_set, 1e-10, rng)
        if other is None:
            continue
        found += 1
        assert infidelity(circuit.unitary(), other.unitary()) <= 1e-10
        assert other.two_qubit_count <= circuit.two_qubit_count
        assert entanglers(other) != entanglers(circuit)
        assert coupling.allows(other.pairs)
        assert other.gate_names <= set(gate_set.gates)
    assert found > 0


def test_nothing_is_relocated_after_the_deadline() -> None:
    circuit = Circuit.from_gates(4, [("cx", pair, ()) for pair in ((0, 1), (1, 2), (2, 3), (0, 3))])
    rng = np.random.default_rng(1)
    assert relocated(circuit, circuit.unitary(), all_to_all(4).pairs, parse_gate_set("u,cx"), 1e-10, rng, 0.0) is None
