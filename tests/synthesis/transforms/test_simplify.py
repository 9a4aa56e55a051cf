"""Snapping of angles: exact where it should be, harmless where not."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.transforms.simplify import SNAP_STEP, simplify
from tests.strategies import circuits

CONTINUOUS = [name for name in PRESETS if not parse_gate_set(name).is_discrete]
EIGHTHS = st.integers(-16, 16).map(lambda k: k * pi / 8)


@st.composite
def snappable(draw: st.DrawFn) -> tuple[Circuit, Circuit]:
    """A circuit with angles that are eighths of pi, and the same with noise of a ten-millionth."""
    exact, noisy = [], []
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(["u", "rz", "ry", "cx", "cx"]))
        qubits = draw(st.permutations(range(3)))[: 2 if name == "cx" else 1]
        params = [draw(EIGHTHS) for _ in range({"u": 3, "cx": 0}.get(name, 1))]
        exact.append((name, qubits, params))
        noisy.append((name, qubits, [angle + draw(st.floats(-1e-9, 1e-9)) for angle in params]))
    return Circuit.from_gates(3, exact), Circuit.from_gates(3, noisy)


@pytest.mark.parametrize("name", CONTINUOUS)
@given(st.data())
def test_simplify_keeps_the_unitary_and_the_gate_set(name: str, data: st.DataObject) -> None:
    gate_set = parse_gate_set(name)
    circuit = translate_basis(data.draw(circuits(("u", "cx", "rz"), min_qubits=2, max_qubits=3)), gate_set)
    target = circuit.unitary()
    simpler = simplify(circuit, target, gate_set)
    assert infidelity(target, simpler.unitary()) < 1e-13
    assert simpler.gate_names <= set(gate_set.gates)
    assert simpler.two_qubit_count <= circuit.two_qubit_count
    assert simpler.pairs <= circuit.pairs


@pytest.mark.parametrize("name", ["u,cx", "ibm-cz", "ion"])
@given(snappable())
def test_simplify_makes_noisy_angles_exact(name: str, pair: tuple[Circuit, Circuit]) -> None:
    gate_set = parse_gate_set(name)
    target = pair[0].unitary()
    noisy = translate_basis(pair[1], gate_set)
    simpler = simplify(noisy, target, gate_set)
    assert infidelity(target, simpler.unitary()) < 1e-14
    assert simpler.num_gates <= noisy.num_gates


def test_simplify_drops_what_became_the_identity() -> None:
    gate_set = parse_gate_set("u,cx")
    circuit = Circuit.from_gates(2, [("u", (0,), (1e-8, 1e-8, -1e-8)), ("cx", (0, 1), ()), ("u", (1,), (0, 2e-8, 0))])
    simpler = simplify(circuit, Circuit.from_gates(2, [("cx", (0, 1), ())]).unitary(), gate_set)
    assert [op.name for op in simpler.operations] == ["cx"]


def test_simplify_leaves_angles_alone_whose_snapping_costs_fidelity() -> None:
    """A hundred times a millionth of a radian adds up to what is seen."""
    gate_set = parse_gate_set("rx,rz,cz")
    angle = SNAP_STEP + 9e-7
    circuit = Circuit.from_gates(1, [("rz", (0,), (angle,)), ("rx", (0,), (angle,))] * 50)
    assert simplify(circuit, circuit.unitary(), gate_set) is circuit


def test_simplify_leaves_a_circuit_alone_that_has_nothing_to_snap() -> None:
    gate_set = parse_gate_set("u,cx")
    circuit = Circuit.from_gates(2, [("u", (0,), (0.123, 1.456, 2.789)), ("cx", (0, 1), ())])
    assert simplify(circuit, circuit.unitary(), gate_set) is circuit


def test_simplify_may_move_towards_the_target() -> None:
    gate_set = parse_gate_set("rz,sx,cx")
    target = Circuit.from_gates(1, [("rz", (0,), (pi / 4,))]).unitary()
    rough = Circuit.from_gates(1, [("rz", (0,), (pi / 4 + 1e-7,))])
    simpler = simplify(rough, target, gate_set)
    assert simpler.operations[0].params[0] == pytest.approx(pi / 4, abs=1e-15)
    np.testing.assert_allclose(abs(np.vdot(simpler.unitary(), target)), 2, atol=1e-15)


def test_an_angle_that_must_not_move_keeps_no_other_from_its_fraction() -> None:
    gate_set = parse_gate_set("rz,ry,cx")
    near = [("ry", (0,), (pi / 3 + 8e-7,)), ("cx", (0, 1), ()), ("rz", (1,), (2e-9,)), ("ry", (1,), (1.0,))]
    circuit = Circuit.from_gates(2, near)
    simpler = simplify(circuit, circuit.unitary(), gate_set)
    assert infidelity(circuit.unitary(), simpler.unitary()) < 1e-14
    assert "rz" not in simpler.gate_names
    assert simpler.operations[0].params == pytest.approx((pi / 3 + 8e-7,), abs=1e-10)
