from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.gate_sets import PRESETS, parse_gate_set
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.single_qubit import (
    IDENTITY,
    Matrix,
    SingleQubitBasis,
    gate_matrix,
    is_identity,
    relative_phase,
    scaled,
    sequence_matrix,
    single_qubit_basis,
    times,
    turn,
    zyz,
)
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError

UNIVERSAL = ("u", "rz,sx,x", "rx,ry,rz", "rz,h", "rx,s", "ry,sx", "rz,sxdg", "rx,ry", "p,sx", "rx,t", "u,h,x", "rx,h")
ANGLES = st.sampled_from([0.0, np.pi / 4, np.pi / 2, np.pi, -np.pi / 2]) | st.floats(-7, 7)


def as_tuple(matrix: np.ndarray) -> Matrix:
    a, b, c, d = (complex(entry) for entry in matrix.ravel())
    return a, b, c, d


def as_array(matrix: Matrix) -> np.ndarray:
    return np.array(matrix).reshape(2, 2)


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.num_qubits == 1])
def test_matrices_agree_with_the_library(name: str) -> None:
    params = (0.3, -0.7, 1.1)[: GATES[name].num_params]
    np.testing.assert_allclose(as_array(gate_matrix(name, params)), GATES[name].matrix(params), atol=1e-15)


@given(theta=ANGLES, phi=ANGLES, lam=ANGLES)
def test_euler_angles_rebuild_the_matrix(theta: float, phi: float, lam: float) -> None:
    matrix = scaled(gate_matrix("u", (theta, phi, lam)), 1j)
    a, b, c, phase = zyz(matrix)
    assert -1e-12 <= b <= np.pi + 1e-12
    rebuilt = scaled(times(turn("Z", a), times(turn("Y", b), turn("Z", c))), complex(np.exp(1j * phase)))
    np.testing.assert_allclose(rebuilt, matrix, atol=1e-12)


@pytest.mark.parametrize("gates", UNIVERSAL)
@given(theta=ANGLES, phi=ANGLES, lam=ANGLES)
def test_universal_gates_spell_everything(gates: str, theta: float, phi: float, lam: float) -> None:
    basis = single_qubit_basis(parse_gate_set(gates))
    assert basis.is_universal
    matrix = gate_matrix("u", (theta, phi, lam))
    sequence = basis.decompose(matrix)
    assert {name for name, _ in sequence} <= set(gates.split(","))
    found = sequence_matrix(sequence)
    np.testing.assert_allclose(scaled(found, np.exp(1j * relative_phase(matrix, found))), matrix, atol=1e-8)


@pytest.mark.parametrize("gates", ["rx,x", "rz,x", "ry,h", "rz,s,t", "h", "h,s,t"])
def test_others_are_not_universal(gates: str) -> None:
    basis = single_qubit_basis(parse_gate_set(gates))
    assert not basis.is_universal
    with pytest.raises(InputError, match="cannot make"):
        basis.decompose(as_tuple(named("haar:1?seed=1")))


@pytest.mark.parametrize(
    ("name", "most"),
    [("x", 1), ("sx", 1), ("h", 3), ("t", 1), ("y", 2), ("ry", 5), ("rz", 1), ("id", 0), ("rx", 5)],
)
def test_ibm_gates_take_few_gates(name: str, most: int) -> None:
    basis = single_qubit_basis(parse_gate_set("ibm-cx"))
    found = basis.decompose(gate_matrix(name, (0.3,) * GATES[name].num_params))
    assert len(found) <= most
    assert sum(name == "sx" for name, _ in found) <= 2


def test_products_of_clifford_and_t_are_spelled_exactly() -> None:
    basis = single_qubit_basis(parse_gate_set("clifford+t"))
    for names in product(("h", "t", "s", "x"), repeat=4):
        matrix = IDENTITY
        for name in names:
            matrix = times(gate_matrix(name, ()), matrix)
        sequence = basis.decompose(matrix)
        assert len(sequence) <= 4
        inverse = as_array(sequence_matrix(sequence)).conj().T
        assert is_identity(as_tuple(inverse @ as_array(matrix)))


def test_presets_but_the_discrete_ones_are_universal() -> None:
    for name in PRESETS:
        gate_set = parse_gate_set(name)
        basis = SingleQubitBasis(gate_set.single_qubit)
        assert basis.is_universal == (not gate_set.is_discrete) == gate_set.has_any_single_qubit_gate
