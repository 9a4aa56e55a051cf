from __future__ import annotations

import numpy as np
import pytest

import circuitdiff
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.errors import InputError
from tests.strategies import haar

GHZ = Circuit.from_gates(3, [("h", (0,), ()), ("cx", (0, 1), ()), ("cx", (1, 2), ())])


def test_a_prompt_says_gates_and_coupling() -> None:
    result = circuitdiff.compile(GHZ.unitary(), prompt="3 qubits, only rx, rz and cz, on a line")
    assert result.circuit.gate_names <= {"rx", "rz", "cz"}
    assert set(result.circuit.pairs) <= {(0, 1), (1, 2)}


@pytest.mark.parametrize(
    ("prompt", "options", "message"),
    [
        ("4 qubits", {}, "two numbers of qubits contradict each other: 4 and 3"),
        ("on a line", {"coupling": "ring"}, "two couplings contradict each other: line and ring"),
        (
            "only h and cx",
            {"gate_set": "rx,rz,cz"},
            "contradict each other: ['h', 'cx'] and ['rx', 'rz', 'cz']",
        ),
        ("SRV [2,2,2]", {}, "ranks and budgets are for generate"),
        ("something pretty", {}, "not understood at 'something', column 1"),
    ],
)
def test_a_prompt_may_not_contradict(prompt: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        circuitdiff.compile(GHZ.unitary(), prompt=prompt, **options)


def test_a_given_circuit_that_is_optimal_is_kept_without_a_search() -> None:
    result = circuitdiff.compile(GHZ)
    assert (result.source, result.two_qubit_count, dict(result.candidates)) == ("input", 2, {})
    assert result.infidelity < 1e-12


def test_a_given_circuit_bounds_the_search() -> None:
    """Fourteen are generic; of a circuit of twelve, nothing from twelve on is of use."""
    rng = np.random.default_rng(0)
    gates = []
    for k in range(12):
        a, b = ((0, 1), (1, 2), (0, 2))[k % 3]
        gates += [("u", (q,), tuple(rng.uniform(0, 6, 3))) for q in (a, b)] + [("cx", (a, b), ())]
    given = Circuit.from_gates(3, gates)
    result = circuitdiff.compile(given, effort="fast")
    assert result.two_qubit_count <= 12
    assert "template" not in result.candidates


def test_a_given_circuit_that_does_not_fit_is_compiled() -> None:
    far = Circuit.from_gates(3, [("cx", (0, 2), ()), ("h", (0,), ())])
    result = circuitdiff.compile(far, coupling="line")
    assert result.source != "input"
    assert set(result.circuit.pairs) <= {(0, 1), (1, 2)}


def test_a_worse_circuit_than_what_is_given_is_never_returned() -> None:
    given = circuitdiff.compile(haar(3, 1)).circuit
    assert circuitdiff.compile(given, proposers=["analytic"]).two_qubit_count == given.two_qubit_count == 14


@pytest.mark.parametrize("gate_set", ["u,cx", "rz,sx,x,ecr", "h,s,t,cx"])
def test_circuits_of_gates_on_three_qubits_are_given_back_where_the_time_is_over(gate_set: str) -> None:
    gates = [("ccx", (0, 1, 2), ()), ("h", (1,), ()), ("ccx", (2, 3, 4), ()), ("t", (3,), ()), ("ccx", (1, 4, 0), ())]
    found = circuitdiff.compile(Circuit.from_gates(5, gates), gate_set=gate_set, timeout=1e-6)
    assert found.source == "input"
    assert found.two_qubit_count == 18
    assert found.tol_met
