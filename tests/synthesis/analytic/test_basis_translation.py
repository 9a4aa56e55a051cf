from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.synthesis.analytic.basis_translation import merge_single_qubit, translate_basis
from circuitdiff.synthesis.analytic.two_qubit_cores import cores, equivalent_core

CONTINUOUS = [name for name in PRESETS if not parse_gate_set(name).is_discrete]
TWO_QUBIT = [name for name, gate in GATES.items() if gate.num_qubits == 2 and name != "dcz"]
CZ_CLASS = ["cx", "cz", "cy", "ch", "ecr"]
SEEDS = st.integers(0, 2**32 - 1)


def random_circuit(seed: int, entanglers: list[str], length: int = 6, num_qubits: int = 3) -> Circuit:
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, object, object]] = []
    for name in rng.choice(entanglers, size=length):
        for q in rng.permutation(num_qubits)[:2]:
            single = str(rng.choice(["u", "h", "s", "t", "x", "rz", "sx", "id"]))
            gates.append((single, (q,), rng.uniform(-7, 7, GATES[single].num_params)))
        gates.append((str(name), rng.permutation(num_qubits)[:2], rng.uniform(-7, 7, GATES[name].num_params)))
    return Circuit.from_gates(num_qubits, gates, global_phase=0.4)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TWO_QUBIT)
def test_cores_multiply_to_their_gate(name: str) -> None:
    params = (0.8,) * GATES[name].num_params
    product = np.eye(4)
    for core in cores(name, params):
        sides = [np.kron(*(np.array(m).reshape(2, 2) for m in side[::-1])) for side in (core.before, core.after)]
        product = sides[1] @ GATES["rzz"].matrix((core.angle,)) @ sides[0] @ product
    np.testing.assert_allclose(product, GATES[name].matrix(params), atol=1e-14)


@pytest.mark.parametrize("name", sorted(set(TWO_QUBIT) - {"swap", "iswap"}))
@pytest.mark.parametrize("angle", [np.pi / 2, -np.pi / 2, 0.7])
def test_realisations_are_rotations_about_zz(name: str, angle: float) -> None:
    found = equivalent_core(name, angle)
    if found is None:
        assert name in CZ_CLASS
        assert angle == 0.7
        return
    params, core = found
    sides = [np.kron(*(np.array(m).reshape(2, 2) for m in side[::-1])) for side in (core.before, core.after)]
    np.testing.assert_allclose(
        sides[1] @ GATES[name].matrix(params) @ sides[0], GATES["rzz"].matrix((angle,)), atol=1e-14
    )


@pytest.mark.parametrize("gate_set", [*CONTINUOUS, "rz,h,cy", "rx,s,ch", "u,swap,cp", "u,cx,cz", "rx,rz,crx"])
@settings(max_examples=12, deadline=None)
@given(seed=SEEDS)
def test_lowering_keeps_the_unitary_and_its_phase(gate_set: str, seed: int) -> None:
    circuit, gates = random_circuit(seed, TWO_QUBIT), parse_gate_set(gate_set)
    lowered = translate_basis(circuit, gates)
    assert lowered.gate_names <= set(gates.gates)
    assert lowered.pairs <= circuit.pairs
    np.testing.assert_allclose(lowered.unitary(), circuit.unitary(), atol=1e-9)


@pytest.mark.parametrize("gate_set", [name for name in CONTINUOUS if name != "u,iswap"])
@settings(max_examples=12, deadline=None)
@given(seed=SEEDS)
def test_gates_of_the_cz_class_stay_one_gate_each(gate_set: str, seed: int) -> None:
    circuit = random_circuit(seed, CZ_CLASS)
    assert translate_basis(circuit, parse_gate_set(gate_set)).two_qubit_count == circuit.two_qubit_count


@pytest.mark.parametrize(
    ("gate_set", "entangler", "count"),
    [("u,cx", "rzz", 2), ("ion", "rzz", 1), ("u,cx", "swap", 3), ("u,iswap", "swap", 3), ("u,iswap", "cz", 2)],
)
def test_other_gates_take_known_numbers(gate_set: str, entangler: str, count: int) -> None:
    circuit = random_circuit(1, [entangler], length=1)
    assert translate_basis(circuit, parse_gate_set(gate_set)).two_qubit_count == count


def test_textbook_circuits_come_out_as_they_went_in() -> None:
    ghz = Circuit.from_gates(3, [("h", (0,), ()), ("cx", (0, 1), ()), ("cx", (1, 2), ())])
    lowered = translate_basis(ghz, parse_gate_set("genqc-continuous"))
    assert lowered.operations == ghz.operations


def test_rotations_pass_through_the_gates_they_commute_with() -> None:
    gates = [
        ("rz", (0,), (0.3,)),
        ("rx", (1,), (0.4,)),
        ("cx", (0, 1), ()),
        ("rz", (0,), (-0.3,)),
        ("rx", (1,), (-0.4,)),
    ]
    lowered = translate_basis(Circuit.from_gates(2, gates), parse_gate_set("ibm-cx"))
    assert [op.name for op in lowered.operations] == ["cx"]


def test_merging_leaves_entanglers_alone() -> None:
    circuit = random_circuit(3, ["cx", "rzz", "swap", "iswap"])
    merged = merge_single_qubit(circuit)
    wide = [[op for op in c.operations if len(op.qubits) == 2] for c in (circuit, merged)]
    assert wide[0] == wide[1]
    singles = [op.name for op in merged.operations if len(op.qubits) == 1]
    assert set(singles) == {"u"}
    assert len(singles) < sum(len(op.qubits) == 1 for op in circuit.operations)
    np.testing.assert_allclose(merged.unitary(), circuit.unitary(), atol=1e-12)


def test_discrete_gates_stay_discrete() -> None:
    gates = [("h", (0,), ()), ("t", (0,), ()), ("cx", (0, 1), ()), ("t", (1,), ()), ("t", (1,), ()), ("h", (0,), ())]
    circuit = Circuit.from_gates(2, gates)
    lowered = translate_basis(circuit, parse_gate_set("clifford+t"))
    assert lowered.num_gates == 5
    np.testing.assert_allclose(lowered.unitary(), circuit.unitary(), atol=1e-12)


def test_long_discrete_words_survive() -> None:
    word = [name for _ in range(20) for name in ("h", "t", "h", "t", "s")]
    circuit = Circuit.from_gates(1, [(name, (0,), ()) for name in word])
    lowered = translate_basis(circuit, parse_gate_set("clifford+t"))
    assert lowered.num_gates <= circuit.num_gates
    np.testing.assert_allclose(lowered.unitary(), circuit.unitary(), atol=1e-9)


@pytest.mark.parametrize(
    ("gate_set", "gate", "message"),
    [
        ("u", "cx", "no gate that entangles"),
        ("u,cx", "ccx", "ccx"),
        ("h,s,cx", "t", "cannot make"),
        ("u,swap", "cz", "no gate"),
    ],
)
def test_what_a_set_cannot_say_is_refused(gate_set: str, gate: str, message: str) -> None:
    circuit = Circuit.from_gates(3, [(gate, range(GATES[gate].num_qubits), ())])
    with pytest.raises(InputError, match=message):
        translate_basis(circuit, parse_gate_set(gate_set))


def test_lowering_fourteen_entanglers_takes_milliseconds() -> None:
    circuit = random_circuit(5, ["cz"], length=14)
    gate_set = parse_gate_set("u,cx")
    translate_basis(circuit, gate_set)
    started = time.process_time()
    for _ in range(5):
        translate_basis(circuit, gate_set)
    assert (time.process_time() - started) / 5 < 0.02
