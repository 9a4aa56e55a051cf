"""Devices whose links differ, whose angles are bounded, and whose gates go by other names."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import IfElseOp, Parameter
from qiskit.circuit.library import (
    CPhaseGate,
    CRYGate,
    CXGate,
    CZGate,
    ECRGate,
    PhaseGate,
    RXGate,
    RXXGate,
    RYYGate,
    RZGate,
    RZXGate,
    RZZGate,
    SXGate,
    UGate,
    XGate,
)
from qiskit.quantum_info import Operator
from qiskit.transpiler import InstructionProperties, PassManager, Target

from circuitdiff import Circuit, Operation
from circuitdiff_qiskit import CircuitDiffResynthesis, stage_options
from circuitdiff_qiskit.device import basis_of
from circuitdiff_qiskit.links import wrappings
from tests.plugins.qiskit_circuits import two_qubit_cost

ANGLED = {"rzz": RZZGate, "rxx": RXXGate, "ryy": RYYGate, "cp": CPhaseGate, "cry": CRYGate, "rzx": RZXGate}


def single_qubit_target(num_qubits: int) -> Target:
    target = Target(num_qubits=num_qubits)
    for gate in (RZGate(Parameter("a")), SXGate(), XGate()):
        target.add_instruction(gate, {(qubit,): None for qubit in range(num_qubits)})
    return target


def bounded(name: str, low: float, high: float) -> Target:
    """Return a line of three qubits whose only entangler has bounds on its angle."""
    target = single_qubit_target(3)
    links = dict.fromkeys(((0, 1), (1, 0), (1, 2), (2, 1)))
    target.add_instruction(ANGLED[name](Parameter("b")), links, angle_bounds=[(low, high)])
    return target


def assert_within(circuit: QuantumCircuit, target: Target) -> None:
    for item in circuit.data:
        qubits = tuple(circuit.find_bit(q).index for q in item.qubits)
        params = list(item.operation.params)
        assert target.instruction_supported(item.operation.name, qubits, parameters=params), item


def count(circuit: QuantumCircuit) -> int:
    return sum(len(item.qubits) == 2 for item in circuit.data)


def wasteful(name: str, seed: int) -> QuantumCircuit:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(3)
    for pair in ((0, 1), (1, 2), (0, 1), (0, 1), (1, 2), (1, 2), (0, 1), (1, 2)):
        circuit.append(ANGLED[name](float(rng.uniform(0.1, 1.5))), pair)
        circuit.rz(float(rng.uniform(0, 6)), pair[0])
    return circuit


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("rzz", 0, pi / 2),
        ("rxx", 0, pi / 2),
        ("ryy", 0, pi / 2),
        ("cp", 0, pi),
        ("cry", 0, pi),
        ("rzx", 0, 2),
        ("rzz", -pi / 2, 0),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_angles_stay_within_the_bounds_of_the_target(name: str, low: float, high: float, seed: int) -> None:
    target = bounded(name, low, high)
    given = wasteful(name, seed)
    done = PassManager([CircuitDiffResynthesis(target, effort="fast", cache=None)]).run(given)
    assert count(done) < count(given)
    assert_within(done, target)
    np.testing.assert_allclose(Operator(done).data, Operator(given).data, atol=1e-4)


def test_the_stage_keeps_to_bounds_too() -> None:
    target = bounded("rzz", 0, pi / 2)
    with stage_options(cache=None):
        done = transpile(wasteful("rzz", 3), target=target, optimization_method="circuitdiff", optimization_level=1)
    assert_within(done, target)
    assert count(done) < 8


def test_a_target_whose_gates_have_no_places_couples_everything() -> None:
    target = Target()
    for gate in (UGate(Parameter("a"), Parameter("b"), Parameter("c")), CXGate()):
        target.add_instruction(gate)
    circuit = QuantumCircuit(3)
    for pair in ((1, 0), (0, 1), (1, 0), (2, 0), (2, 0)):
        circuit.cx(*pair)
    done = transpile(circuit, target=target, optimization_method="circuitdiff", optimization_level=1)
    assert done.count_ops().get("cx", 0) == 0


def test_blocks_that_no_wrapping_fits_stay_and_the_rest_is_rewritten() -> None:
    target = single_qubit_target(4)
    target.add_instruction(RZZGate(Parameter("b")), {(0, 1): None, (1, 2): None}, angle_bounds=[(0.4, 0.6)])
    target.add_instruction(CXGate(), {(2, 3): None})
    circuit = QuantumCircuit(4)
    circuit.rzz(0.5, 0, 1)
    circuit.rzz(0.45, 0, 1)
    for _ in range(3):
        circuit.cx(2, 3)
    done = PassManager([CircuitDiffResynthesis(target, effort="fast", cache=None)]).run(circuit)
    assert_within(done, target)
    assert (done.count_ops()["rzz"], done.count_ops()["cx"]) == (2, 1)
    assert Operator(done).equiv(circuit)


@pytest.mark.parametrize("names", [("rz", "sx"), ("rz", "rx"), ("p", "sx")])
@pytest.mark.parametrize(("low", "high"), [(0.0, pi), (-pi / 2, pi / 2), (0.0, 1.6)])
def test_rotations_of_single_qubits_stay_within_bounds_too(names: tuple[str, ...], low: float, high: float) -> None:
    target = Target(num_qubits=3)
    for name in names:
        gate = {"rz": RZGate, "rx": RXGate, "p": PhaseGate}.get(name, lambda _: SXGate())(Parameter("a"))
        bounds = {"angle_bounds": [(low, high)]} if gate.params else {}
        target.add_instruction(gate, {(qubit,): None for qubit in range(3)}, **bounds)
    target.add_instruction(CXGate(), {(0, 1): None, (1, 2): None})
    target.add_instruction(IfElseOp, name="if_else")
    rng = np.random.default_rng(1)
    circuit = QuantumCircuit(3, 1)
    for _ in range(8):
        first = int(rng.integers(2))
        for name in names:
            getattr(circuit, name)(*(() if name == "sx" else (float(rng.uniform(0.1, 1.5)),)), first)
        circuit.cx(first, first + 1)
    with circuit.if_test((0, 1)):
        for _ in range(3):
            getattr(circuit, names[0])(0.7, 1)
            circuit.cx(0, 1)
            circuit.cx(0, 1)
    before = circuit.copy()
    done = PassManager([CircuitDiffResynthesis(target, effort="fast", cache=None)]).run(circuit)
    assert_within(done, target)
    assert done != before
    bodies = [whole.data[-1].operation.blocks[0] for whole in (done, before)]
    assert_within(bodies[0], target)
    heads = [QuantumCircuit.from_instructions(whole.data[:-1], qubits=whole.qubits) for whole in (done, before)]
    heads[0].global_phase = done.global_phase
    for after, given in (heads, bodies):
        np.testing.assert_allclose(Operator(after).data, Operator(given).data, atol=1e-4)


@pytest.mark.parametrize("name", ["rzz", "rxx", "ryy", "rzx", "cp", "crx", "cry", "crz"])
def test_wrappings_are_the_same_gate(name: str) -> None:
    operation = Operation(name, (1, 0), (0.7,))
    given = Circuit(2, (operation,)).unitary()
    found = list(wrappings(operation))
    assert len(found) > 10
    for candidate in found:
        overlap = abs(np.vdot(Circuit(2, tuple(candidate)).unitary(), given)) / 4
        assert overlap == pytest.approx(1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (CXGate(), ECRGate()),
        (CZGate(), RZZGate(Parameter("t"))),
        (ECRGate(), CZGate()),
        (RXXGate(Parameter("t")), CXGate()),
    ],
)
def test_links_of_different_kinds_are_written_in_their_own_gates(first: object, second: object) -> None:
    target = single_qubit_target(4)
    target.add_instruction(first, {(0, 1): None, (1, 0): None})
    target.add_instruction(second, {(1, 2): None, (2, 3): None})
    circuit = QuantumCircuit(4)
    for pair in ((0, 1), (1, 2), (0, 1), (1, 2), (2, 3), (0, 1), (0, 1), (1, 2), (2, 3), (2, 3)):
        circuit.cx(*pair)
        circuit.rz(0.3, pair[1])
    given = transpile(circuit, target=target, optimization_level=0, initial_layout=[0, 1, 2, 3])
    done = PassManager([CircuitDiffResynthesis(target, effort="fast", cache=None)]).run(given)
    assert_within(done, target)
    assert count(done) < count(given)
    assert Operator(done).equiv(Operator(given))


@pytest.mark.parametrize(
    "basis",
    [
        ["u3", "cx"], ["u1", "u2", "u3", "cx"], ["r", "cz"], ["id", "r", "cz"], ["r", "rz", "rxx"], ["p", "sx", "cx"],
        ["u1", "rz", "r", "rzz"], ["rx", "ry", "rz", "rxx"], ["rz", "sx", "x", "cz", "rzz", "rx"], ["u3", "ecr"],
    ],
    ids=",".join,
)  # fmt: skip
def test_bases_by_other_names_are_written(basis: list[str]) -> None:
    circuit = QuantumCircuit(3)
    for pair in ((0, 1), (0, 1), (1, 2), (0, 1)):
        circuit.cx(*pair)
        circuit.t(pair[1])
        circuit.rx(0.4, pair[0])
    circuit.ccx(0, 1, 2)
    options = {"basis_gates": basis, "optimization_level": 1, "seed_transpiler": 1}
    plain = transpile(circuit, **options)
    with stage_options(cache=None, effort="fast"):
        done = transpile(circuit, optimization_method="circuitdiff", **options)
    assert set(done.count_ops()) <= set(basis)
    assert count(done) < count(plain)
    assert Operator(done).equiv(circuit)


@pytest.mark.parametrize("basis", [["u3", "cx"], ["u1", "u2", "u3", "cx"], ["r", "rz", "cz"]])
def test_the_pass_alone_ends_in_the_basis(basis: list[str]) -> None:
    circuit = QuantumCircuit(2)
    for angle in (0.3, 0.4, 0.5, 0.6):
        circuit.cx(0, 1)
        circuit.rx(angle, 0)
    given = transpile(circuit, basis_gates=basis, optimization_level=0)
    done = PassManager([CircuitDiffResynthesis(basis_gates=basis, effort="fast", cache=None)]).run(given)
    assert set(done.count_ops()) <= set(basis)
    assert count(done) <= 2
    assert Operator(done).equiv(circuit)


def fractional(rzz_error: float, links: tuple[tuple[int, int], ...] = ((0, 1), (1, 2), (2, 3))) -> Target:
    """Return a device with cz, and rzz of angles up to a quarter turn, on the same links."""
    target = single_qubit_target(4)
    for gate, error, bounds in ((CZGate(), 1e-3, None), (RZZGate(Parameter("t")), rzz_error, [(0, pi / 2)])):
        places = {pair: InstructionProperties(error=error) for a, b in links for pair in ((a, b), (b, a))}
        target.add_instruction(gate, places, angle_bounds=bounds)
    return target


def ising(angle: float) -> QuantumCircuit:
    """Return rotations about Z Z as two CX each, as circuits come for devices that lack them."""
    circuit = QuantumCircuit(4)
    for step in range(2):
        for first in range(3):
            circuit.cx(first, first + 1)
            circuit.rz(angle * (1 + step + first), first + 1)
            circuit.cx(first, first + 1)
        circuit.rx(0.3, range(4))
    return circuit


@pytest.mark.parametrize("rzz_error", [1e-3, 1.9e-3])
def test_fractional_gates_take_the_place_of_pairs_of_cz(rzz_error: float) -> None:
    target = fractional(rzz_error)
    given = transpile(ising(0.1), basis_gates=["rz", "sx", "x", "cz"], optimization_level=0)
    done = PassManager([CircuitDiffResynthesis(target, cost="error", effort="fast", cache=None)]).run(given)
    assert_within(done, target)
    assert done.count_ops().get("rzz") == count(done) == 6
    assert Operator(done).equiv(given, atol=1e-6)


def test_fractional_gates_that_fail_more_often_than_two_cz_are_not_taken() -> None:
    target = fractional(0.1)
    given = transpile(ising(0.1), basis_gates=["rz", "sx", "x", "cz"], optimization_level=0)
    done = PassManager([CircuitDiffResynthesis(target, cost="error", effort="fast", cache=None)]).run(given)
    assert_within(done, target)
    assert two_qubit_cost(done, target) <= two_qubit_cost(given, target)
    assert Operator(done).equiv(given, atol=1e-6)


def test_small_rotations_stay_as_few_as_they_are() -> None:
    target = fractional(1e-3)
    given = QuantumCircuit(4)
    for pair in ((0, 1), (1, 2), (2, 3), (0, 1), (0, 1)):
        given.rzz(0.05, *pair)
        given.sx(pair[1])
    done = PassManager([CircuitDiffResynthesis(target, effort="fast", cache=None)]).run(given)
    assert_within(done, target)
    assert count(done) <= 4  # the last two rotations on one link are as good as two in other places
    assert Operator(done).equiv(given, atol=1e-6)


def test_rotations_on_some_links_alone_are_not_what_circuits_are_written_in() -> None:
    target = single_qubit_target(3)
    target.add_instruction(CZGate(), {(0, 1): None, (1, 2): None})
    target.add_instruction(RZZGate(Parameter("t")), {(0, 1): None})
    assert basis_of(target, None) == ("cz,rz,sx,x", False)
    assert basis_of(fractional(0.1), None) == ("cz,rz,rzz,sx,x", False)


def test_errors_decide_between_circuits_of_as_many_gates() -> None:
    target = single_qubit_target(3)
    errors = {(0, 1): 0.3, (1, 2): 1e-3, (0, 2): 1e-3}
    places = {p: InstructionProperties(error=e) for (a, b), e in errors.items() for p in ((a, b), (b, a))}
    target.add_instruction(CZGate(), places)
    circuit = QuantumCircuit(3)  # a rotation about Z Z Z, for which either two pairs do
    for pair in ((0, 1), (1, 2)):
        circuit.cx(*pair)
    circuit.rz(0.3, 2)
    for pair in ((1, 2), (0, 1)):
        circuit.cx(*pair)
    given = transpile(circuit, basis_gates=["rz", "sx", "x", "cz"], optimization_level=0)
    done = PassManager([CircuitDiffResynthesis(target, effort="default", cache=None)]).run(given)
    assert_within(done, target)
    assert count(done) == count(given) == 4
    assert two_qubit_cost(done, target) < 0.1 * two_qubit_cost(given, target)
    assert Operator(done).equiv(given, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_missing_links_and_faulty_qubits_are_not_used(seed: int) -> None:
    rng = np.random.default_rng(seed)
    target = Target(num_qubits=7)  # a ring of seven of which a qubit and a link are missing
    works = [0, 1, 2, 4, 5, 6]
    for gate in (RZGate(Parameter("a")), SXGate(), XGate()):
        target.add_instruction(gate, {(qubit,): None for qubit in works})
    links = ((1, 0), (1, 2), (5, 4), (0, 6))
    target.add_instruction(CXGate(), dict.fromkeys(links))
    given = QuantumCircuit(7)
    for number in rng.integers(len(links), size=24):
        a, b = links[number]
        given.cx(a, b)
        given.rz(float(rng.uniform(0, 6)), b)
        if rng.random() < 0.5:
            given.sx(a)
    done = PassManager([CircuitDiffResynthesis(target, effort="fast", cache=None)]).run(given)
    assert_within(done, target)
    assert count(done) < count(given)
    assert Operator(done).equiv(given, atol=1e-6)
