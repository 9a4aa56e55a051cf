from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError
from circuitdiff.features.lower_bounds import two_qubit_cx_count
from circuitdiff.synthesis.analytic.two_qubit import one_qubit_circuit, two_qubit_circuit

CONTINUOUS = [name for name in PRESETS if not parse_gate_set(name).is_discrete]
COORDINATES = {
    "local": (0, 0, 0),
    "cx": (pi / 4, 0, 0),
    "cp": (0.3, 0, 0),
    "two": (0.5, 0.2, 0),
    "iswap": (pi / 4, pi / 4, 0),
    "swap": (pi / 4, pi / 4, pi / 4),
    "three": (0.5, 0.3, 0.1),
    "negative": (0.5, 0.3, -0.1),
    "nearly": (pi / 4, 3e-5, 0),
}
COUNTS = {
    "u,cx": {"local": 0, "cx": 1, "cp": 2, "two": 2, "iswap": 2, "swap": 3, "three": 3, "negative": 3, "nearly": 2},
    "ion": {"local": 0, "cx": 1, "cp": 1, "two": 2, "iswap": 2, "swap": 3, "three": 3, "negative": 3, "nearly": 2},
    "u,iswap": {"local": 0, "cx": 2, "cp": 2, "two": 2, "iswap": 1, "swap": 3, "three": 3, "negative": 3, "nearly": 2},
    "u,cx,swap": {
        "local": 0,
        "cx": 1,
        "cp": 2,
        "two": 2,
        "iswap": 2,
        "swap": 1,
        "three": 3,
        "negative": 3,
        "nearly": 2,
    },
}


def of_class(kind: str, seed: int) -> np.ndarray:
    """A unitary with the given Weyl coordinates between random single-qubit gates."""
    local = [np.kron(named(f"haar:1?seed={seed + i}"), named(f"haar:1?seed={seed + i + 1}")) for i in (0, 2)]
    paulis = [1j * GATES[name].matrix((pi,)) for name in ("rxx", "ryy", "rzz")]
    exponent = sum(c * pauli for c, pauli in zip(COORDINATES[kind], paulis, strict=True))
    return local[0] @ expm(1j * exponent) @ local[1]


@pytest.mark.parametrize("gate_set", CONTINUOUS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**9), kind=st.sampled_from(sorted(COORDINATES)))
def test_circuits_are_exact_in_every_gate_set(gate_set: str, seed: int, kind: str) -> None:
    unitary, gates = of_class(kind, seed), parse_gate_set(gate_set)
    circuit = two_qubit_circuit(unitary, gates)
    assert circuit.gate_names <= set(gates.gates)
    np.testing.assert_allclose(circuit.unitary(), unitary, atol=1e-7 if kind == "nearly" else 1e-10)


@pytest.mark.parametrize("gate_set", COUNTS)
@pytest.mark.parametrize("kind", COORDINATES)
def test_counts_are_the_fewest(gate_set: str, kind: str) -> None:
    unitary = of_class(kind, seed=3)
    count = two_qubit_circuit(unitary, parse_gate_set(gate_set)).two_qubit_count
    assert count == COUNTS[gate_set][kind]
    if gate_set == "u,cx":
        assert count == two_qubit_cx_count(unitary)


@pytest.mark.parametrize("gate_set", CONTINUOUS)
def test_one_qubit_is_spelled_exactly(gate_set: str) -> None:
    unitary = named("haar:1?seed=4")
    np.testing.assert_allclose(one_qubit_circuit(unitary, parse_gate_set(gate_set)).unitary(), unitary, atol=1e-12)


def test_a_set_without_entangler_is_refused() -> None:
    with pytest.raises(InputError, match="no gate that entangles"):
        two_qubit_circuit(named("qft:2"), parse_gate_set("u"))


@pytest.mark.parametrize(("gate", "gate_set"), [("cx", "u,cx"), ("cz", "u,cz"), ("ecr", "ibm-ecr"), ("cx", "ibm-cx")])
@pytest.mark.parametrize("qubits", [(0, 1), (1, 0)])
def test_gates_of_the_set_come_back_as_they_are(gate: str, gate_set: str, qubits: tuple[int, int]) -> None:
    three = Circuit(2, (Operation(gate, qubits),) * 3)
    found = two_qubit_circuit(three.unitary(), parse_gate_set(gate_set))
    assert [operation.name for operation in found.operations] == [gate]
    assert np.allclose(found.unitary(), three.unitary())
