"""Costs order circuits; devices say what does not fit."""

from __future__ import annotations

import math

import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import all_to_all, parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.errors import InputError
from circuitdiff.spec.cost import COSTS, Cost, parse_cost
from circuitdiff.spec.device import Device, make_device

DEVICE = Device(
    parse_gate_set("u,cx"),
    all_to_all(3),
    errors={("cx", (0, 1)): 0.01, ("cx", (1, 2)): 0.2, ("u", ()): 0.001},
    durations={("cx", ()): 300e-9, ("u", ()): 30e-9},
)
ONE_POOR = Circuit.from_gates(3, [("cx", (1, 2), ())])
TWO_GOOD = Circuit.from_gates(3, [("cx", (0, 1), ()), ("u", (0,), (1, 2, 3)), ("cx", (1, 0), ())])


def test_default_counts_two_qubit_gates_and_error_weighs_them() -> None:
    assert parse_cost("two-qubit", DEVICE).is_cheaper(ONE_POOR, TWO_GOOD)
    error = parse_cost("error", DEVICE)
    assert error.is_cheaper(TWO_GOOD, ONE_POOR)
    assert error.key(TWO_GOOD)[0] == pytest.approx(-2 * math.log(0.99) - math.log(0.999))


def test_duration_follows_the_longest_chain() -> None:
    assert parse_cost("duration", DEVICE).key(TWO_GOOD)[0] == pytest.approx(630e-9)


@pytest.mark.parametrize("name", COSTS)
def test_every_cost_orders_circuits_totally(name: str) -> None:
    cost = parse_cost(name, DEVICE)
    assert cost.name == name
    assert cost.is_cheaper(ONE_POOR, None)
    assert not (cost.is_cheaper(ONE_POOR, TWO_GOOD) and cost.is_cheaper(TWO_GOOD, ONE_POOR))
    assert not cost.is_cheaper(TWO_GOOD, TWO_GOOD)


def test_a_function_or_a_cost_of_ones_own_serves() -> None:
    assert parse_cost(lambda circuit: -circuit.num_gates, DEVICE).is_cheaper(TWO_GOOD, ONE_POOR)
    own = Cost("own", lambda circuit: (circuit.depth,))
    assert parse_cost(own, DEVICE) is own


@pytest.mark.parametrize(("cost", "message"), [("speed", "unknown cost 'speed'"), ("error", "needs a device with")])
def test_costs_that_cannot_be_are_refused(cost: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_cost(cost, make_device("u,cx", "all", 3))


def test_device_says_what_does_not_fit() -> None:
    line = make_device("u,cx", "line", 3)
    assert line.misfit(Circuit.from_gates(3, [("cx", (0, 1), ())])) is None
    assert line.misfit(Circuit.from_gates(3, [("cx", (0, 2), ())])) == "couples [(0, 2)], not on the coupling map line"
    assert line.misfit(Circuit.from_gates(3, [("h", (0,), ())])) == "uses h, not in gate set u,cx"


def test_device_refuses_rates_that_are_none() -> None:
    with pytest.raises(InputError, match=r"error rate of cx on \(0, 1\) is 1.5"):
        Device(parse_gate_set("u,cx"), all_to_all(2), errors={("cx", (0, 1)): 1.5})
    with pytest.raises(InputError, match="has 4 qubits, the target 3"):
        make_device("u,cx", parse_coupling("line", 4), 3)
