"""The gate library against Qiskit's."""

from __future__ import annotations

from itertools import permutations
from math import pi

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.circuit.library import get_standard_gate_name_mapping

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gates import GATES, MAX_PARAMS, Gate, fixed_matrix, gate
from circuitdiff.errors import InputError
from tests.strategies import QISKIT_GATES

QISKIT = get_standard_gate_name_mapping()


def draws(definition: Gate, count: int = 5) -> NDArray[np.float64]:
    """(count, num_params) angles, some beyond one turn."""
    return np.random.default_rng(len(definition.name)).uniform(-3 * pi, 3 * pi, (count, definition.num_params))


def on_register(name: str, qubits: tuple[int, ...], params: NDArray[np.float64]) -> NDArray[np.complex128]:
    return Circuit.from_gates(len(qubits), [(name, qubits, params)]).unitary()


@pytest.mark.parametrize("name", QISKIT_GATES)
def test_gate_matrix_is_qiskits_with_its_phase_and_qubit_order(name: str) -> None:
    definition = gate(name)
    theirs = QISKIT[name].base_class
    assert (definition.num_qubits, definition.num_params) == (QISKIT[name].num_qubits, len(QISKIT[name].params))
    for params in draws(definition):
        np.testing.assert_allclose(definition.matrix(params), theirs(*params).to_matrix(), atol=1e-14)


def test_gate_dcz_is_a_cz_behind_ry_and_rz_on_each_qubit() -> None:
    for beta_a, gamma_a, beta_b, gamma_b in draws(gate("dcz")):
        first = gate("ry").matrix([beta_a]) @ gate("rz").matrix([gamma_a])
        second = gate("ry").matrix([beta_b]) @ gate("rz").matrix([gamma_b])
        expected = gate("cz").matrix() @ np.kron(second, first)
        np.testing.assert_allclose(gate("dcz").matrix([beta_a, gamma_a, beta_b, gamma_b]), expected, atol=1e-14)


@pytest.mark.parametrize("name", GATES)
def test_gate_is_symmetric_exactly_when_its_qubits_may_be_exchanged(name: str) -> None:
    definition = gate(name)
    if definition.num_qubits == 1:
        assert not definition.symmetric
        return
    params = draws(definition, 1)[0]
    orders = list(permutations(range(definition.num_qubits)))
    same = [np.allclose(on_register(name, order, params), definition.matrix(params), atol=1e-13) for order in orders]
    assert definition.symmetric == all(same)


@pytest.mark.parametrize("name", GATES)
def test_gate_inverse_undoes_it_with_its_phase(name: str) -> None:
    definition = gate(name)
    for params in draws(definition):
        undone = definition.matrix(params)
        for part, places, angles in definition.inverse(params):
            moved = Circuit.from_gates(definition.num_qubits, [(part, places, angles)]).unitary()
            undone = moved @ undone
        np.testing.assert_allclose(undone, np.eye(1 << definition.num_qubits), atol=1e-13)


@pytest.mark.parametrize("name", [name for name, definition in GATES.items() if definition.num_params])
def test_gate_periods_are_the_shortest_up_to_phase(name: str) -> None:
    definition = gate(name)
    params = draws(definition, 1)[0]
    assert len(definition.periods) == definition.num_params <= MAX_PARAMS
    for index, period in enumerate(definition.periods):
        unit = np.eye(definition.num_params)[index]
        assert infidelity(definition.matrix(params), definition.matrix(params + period * unit)) < 1e-14
        assert infidelity(definition.matrix(params), definition.matrix(params + period / 2 * unit)) > 1e-3


@pytest.mark.parametrize("name", GATES)
def test_gate_fits_its_own_rotations(name: str) -> None:
    definition = gate(name)
    assert definition.name == name
    assert {len(rotation.pauli) for rotation in definition.rotations} == {definition.num_qubits}
    used = {rotation.param for rotation in definition.rotations} - {None}
    assert used == set(range(definition.num_params))


def test_gate_refuses_an_unknown_name_and_lists_those_known() -> None:
    with pytest.raises(InputError, match=r"^unknown gate 'foo'; the library has: id, x, y"):
        gate("foo")


def test_fixed_matrix_is_shared_and_cannot_be_written() -> None:
    matrix = fixed_matrix("cx")
    assert matrix is fixed_matrix("cx")
    with pytest.raises(ValueError, match="read-only"):
        matrix[0, 0] = 2
