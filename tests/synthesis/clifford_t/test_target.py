from __future__ import annotations

import time

import numpy as np
import pytest

from circuitdiff import compile as compile_target
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import U_CZ, parse_gate_set
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError
from circuitdiff.spec.cost import parse_cost
from circuitdiff.spec.device import make_device
from circuitdiff.synthesis.analytic.unitary import analytic_circuit
from circuitdiff.synthesis.clifford_t.approximate import approximate
from circuitdiff.synthesis.clifford_t.plan import plan
from circuitdiff.synthesis.clifford_t.target import approximate_target

CLIFFORD_T = parse_gate_set("clifford+t")


def approximated(unitary: np.ndarray, tol: float, deadline: float = float("inf")) -> Circuit:
    """Approximate the analytic circuit of a two-qubit unitary."""
    device = make_device(CLIFFORD_T, "all", 2)
    circuit = analytic_circuit(unitary, U_CZ, device.coupling)
    return approximate_target(unitary, [circuit], CLIFFORD_T, parse_cost(None, device), tol, deadline)


@pytest.mark.parametrize(("name", "tol"), [("haar:1", 1e-6), ("haar:2", 1e-4), ("tfim:3", 1e-2)])
def test_the_error_is_within_the_tolerance_and_the_coupling_is_kept(name: str, tol: float) -> None:
    unitary = named(name)
    line = parse_coupling("line", unitary.shape[0].bit_length() - 1)
    made = compile_target(unitary, gate_set="clifford+t", coupling="line", tol=tol).circuit
    assert abs(np.angle(np.vdot(made.unitary(), unitary))) < 1e-9
    assert infidelity(unitary, made.unitary()) <= tol
    assert line.allows(made.pairs)
    assert made.gate_names <= set(CLIFFORD_T.gates)


def test_a_larger_tolerance_is_spent() -> None:
    unitary = named("haar:2?seed=1")
    counts = []
    for tol in (1e-2, 1e-4, 1e-6):
        made = approximated(unitary, tol)
        assert infidelity(unitary, made.unitary()) > tol / 20
        counts.append(made.t_count)
    assert counts[0] < 40
    assert counts[1] < 110
    assert counts[2] < 180


@pytest.mark.parametrize(("name", "t_count"), [("toffoli", 7), ("ghz:3", 0)])
def test_what_is_exactly_expressible_is_exact(name: str, t_count: int) -> None:
    result = compile_target(named(name), gate_set="clifford+t", tol=1e-15)
    assert result.infidelity < 1e-14
    assert result.circuit.t_count == t_count


def test_the_circuit_that_was_given_is_approximated_too() -> None:
    given = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ()), ("rz", (1,), (0.3,)), ("cx", (0, 1), ())])
    result = compile_target(given, gate_set="clifford+t", tol=1e-6)
    assert result.tol_met
    assert result.circuit.t_count <= 30


def test_no_other_circuit_is_searched_for_where_the_given_one_has_few_rotations() -> None:
    rotations = [("rzz", (q, q + 1), (0.23,)) for q in range(3)] + [("rx", (q,), (0.41,)) for q in range(4)]
    result = compile_target(Circuit.from_gates(4, rotations), gate_set="clifford+t", tol=1e-2)
    assert result.source == "input"
    assert result.tol_met
    assert result.circuit.t_count <= 7 * 6


def test_separable_parts_share_the_tolerance() -> None:
    unitary = np.kron(named("haar:1?seed=1"), named("haar:2?seed=1"))
    result = compile_target(unitary, gate_set="clifford+t", tol=1e-3)
    assert 2e-4 < result.infidelity <= 1e-3


def test_angles_add_up_to_a_bound() -> None:
    unitary = named("haar:3")
    angled = analytic_circuit(unitary, U_CZ, parse_coupling("all", 3))
    made = approximate(3, plan(angled, 1e-3), CLIFFORD_T, 1e-3)
    assert infidelity(unitary, made.circuit.unitary()) <= made.infidelity <= 1e-3


def test_with_no_time_left_gates_get_few_t_and_the_tolerance_is_missed() -> None:
    unitary = named("haar:2?seed=3")
    hasty = approximated(unitary, 1e-6, time.monotonic())
    assert 1e-6 < infidelity(unitary, hasty.unitary()) < 2e-2
    assert hasty.t_count < approximated(unitary, 1e-6).t_count


def test_a_tolerance_below_rounding_is_refused_with_the_number() -> None:
    with pytest.raises(InputError, match=r"1\.0e-15 .* approximated to 1e-13"):
        compile_target(named("haar:2"), gate_set="clifford+t", tol=1e-15)


def test_the_same_is_made_twice() -> None:
    unitary = named("haar:2?seed=5")
    first, second = (approximated(unitary, 1e-4) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("count", [1, 2])
def test_states_and_isometries_are_approximated(count: int) -> None:
    columns = named("haar:2?seed=4")[:, :count]
    result = compile_target(columns, gate_set="clifford+t", tol=1e-3)
    assert result.infidelity <= 1e-3
    assert result.circuit.gate_names <= set(CLIFFORD_T.gates)
