from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.program import Program
from circuitdiff.errors import InputError
from circuitdiff.synthesis.clifford_t.clifford_basis import clifford_basis, makes_clifford_t
from circuitdiff.synthesis.clifford_t.writer import Writer

GATE_SETS = ("clifford+t", "h,t,cz", "sx,s,t,cx", "h,s,tdg,ecr", "h,s,t,iswap")
ONE_QUBIT = ("h", "s", "sdg", "x", "z", "t", "tdg")


def written(operations: list[Operation], num_qubits: int, gate_set: str) -> Circuit:
    writer = Writer(num_qubits, clifford_basis(parse_gate_set(gate_set)))
    for name, qubits, _ in operations:
        if name == "cz":
            writer.cz(*qubits)
        else:
            writer.gates(qubits[0], (name,))
    return writer.finish()


@pytest.mark.parametrize("gate_set", GATE_SETS)
def test_what_is_written_is_the_same_in_gates_of_the_set(gate_set: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        operations = []
        for _ in range(25):
            a, b = (int(q) for q in rng.permutation(3)[:2])
            gate = Operation("cz", (a, b)) if rng.random() < 0.3 else Operation(str(rng.choice(ONE_QUBIT)), (a,))
            operations.append(gate)
        given, made = Circuit(3, tuple(operations)), written(operations, 3, gate_set)
        assert infidelity(given.unitary(), made.unitary()) < 1e-12
        assert made.gate_names <= set(parse_gate_set(gate_set).gates)
        if "s" in parse_gate_set(gate_set).gates:
            assert made.t_count <= given.t_count


def test_t_that_meet_across_a_cz_are_merged() -> None:
    operations = [Operation("t", (0,)), Operation("cz", (0, 1)), Operation("t", (0,))]
    assert written(operations, 2, "clifford+t").t_count == 0


def test_cliffords_between_t_are_at_most_two_gates() -> None:
    rng = np.random.default_rng(1)
    names = rng.choice(["h", "s", "t"], 200)
    made = written([Operation(str(name), (0,)) for name in names], 1, "clifford+t")
    assert made.num_gates <= 3 * made.t_count + 4


def test_sets_that_do_not_make_clifford_and_t_are_told() -> None:
    for text, reason in (("h,s,cx", "no t gate"), ("t,s,cx", "every single-qubit Clifford"), ("h,t,ch", "entangler")):
        assert not makes_clifford_t(parse_gate_set(text))
        with pytest.raises(InputError, match=reason):
            clifford_basis(parse_gate_set(text))


def test_t_count_and_t_depth_count_layers_of_t_alone() -> None:
    circuit = Circuit.from_gates(
        2, [("t", (0,), ()), ("tdg", (1,), ()), ("h", (0,), ()), ("cx", (0, 1), ()), ("t", (1,), ()), ("s", (1,), ())]
    )
    program = Program(2, circuit.operations)
    assert (circuit.t_count, circuit.t_depth) == (program.t_count, program.t_depth) == (3, 2)
