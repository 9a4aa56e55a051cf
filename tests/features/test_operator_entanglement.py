"""Entanglement of operators and states across cuts."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.unitaries import named
from circuitdiff.features.lower_bounds import schmidt_values
from circuitdiff.features.operator_entanglement import (
    entanglement,
    pauli_transfer,
    quadratic_form,
    small_cuts,
    transfer_rows,
)


@pytest.mark.parametrize("num_qubits", [2, 3, 4, 5])
def test_purity_of_an_operator_is_that_of_its_schmidt_spectrum(num_qubits: int) -> None:
    U = named(f"haar:{num_qubits}?seed=1")
    rows = transfer_rows(U)
    for cut in small_cuts(num_qubits):
        assert rows.purity(cut) == pytest.approx((schmidt_values(U, cut) ** 4).sum())


def test_purity_of_a_state_is_that_of_its_reduced_density_matrix() -> None:
    state = named("haar:4?seed=1")[:, :1]
    reduced = np.einsum("abcd,abef->cdef", state.reshape(2, 2, 2, 2), state.reshape(2, 2, 2, 2).conj()).reshape(4, 4)
    assert transfer_rows(state).purity((0, 1)) == pytest.approx(np.trace(reduced @ reduced).real)


def test_entanglement_of_a_product_is_zero() -> None:
    product = np.kron(named("haar:1?seed=1"), np.kron(named("haar:1?seed=2"), named("haar:1?seed=3")))
    assert entanglement(transfer_rows(product)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("columns", [16, 1])
def test_quadratic_form_gives_the_purity_after_a_gate(columns: int) -> None:
    operator, gate = named("haar:4?seed=1")[:, :columns], named("haar:2?seed=2")
    after = np.kron(np.eye(4), gate) @ operator  # on qubits 0 and 1
    images = pauli_transfer(gate.conj().T)  # row P: coordinates of W^dagger P W
    for cut in ((0,), (0, 2)):
        form = quadratic_form(transfer_rows(operator), cut, (0, 1))
        frame = images[[0, 1, 4, 5]]  # I, Z, X, Y of qubit 0; the index is x << 2 | z
        assert np.trace(frame @ form @ frame.T) == pytest.approx(transfer_rows(after).purity(cut))


def test_pauli_transfer_matrix_of_a_clifford_permutes_paulis() -> None:
    matrix = pauli_transfer(Circuit(2, (Operation("cx", (0, 1), ()), Operation("h", (0,), ()))).unitary())
    assert np.allclose(np.abs(matrix).sum(0), 1)
    assert np.allclose(matrix @ matrix.T, np.eye(16))
