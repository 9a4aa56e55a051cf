"""Pieces that lower the entanglement of an operator, one at a time and together."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.unitaries import named
from circuitdiff.features.operator_entanglement import entanglement, transfer_rows
from circuitdiff.numerics.ansatz import GateSequence
from circuitdiff.numerics.disentangle import disentangle, local_forms
from circuitdiff.numerics.joint_disentangle import entanglement_and_slope, refit


def dressed(name: str, num_qubits: int, repeats: int) -> GateSequence:
    local = tuple((gate, (q,)) for q in range(num_qubits) for gate in ("rz", "ry"))
    return (*local, (name, tuple(range(num_qubits)))) * repeats


def placed(gates: GateSequence, theta: np.ndarray, qubits: tuple[int, ...]) -> tuple[Operation, ...]:
    angles = iter(theta.tolist())
    return tuple(
        Operation(name, tuple(qubits[q] for q in local), tuple(next(angles) for _ in range(GATES[name].num_params)))
        for name, local in gates
    )


@pytest.mark.parametrize(
    ("gates", "qubits"),
    [(dressed("cz", 2, 1), (0, 2)), (dressed("cz", 2, 2), (3, 1)), (dressed("ccz", 3, 1), (0, 1, 3))],
)
@pytest.mark.parametrize("columns", [16, 1])
def test_gain_is_the_entanglement_that_the_piece_takes_away(
    gates: GateSequence, qubits: tuple[int, ...], columns: int
) -> None:
    operator = named("random_circuit:4?gates=9&seed=3")[:, :columns]
    rows = transfer_rows(operator)
    found = disentangle(local_forms(rows, qubits), gates, 4, np.random.default_rng(0))
    after = Circuit(4, placed(gates, found.theta, qubits)).unitary() @ operator
    assert found.gain == pytest.approx(entanglement(rows) - entanglement(transfer_rows(after)), abs=1e-9)


@pytest.mark.parametrize(("name", "num_qubits", "repeats"), [("cz", 2, 1), ("cz", 2, 2), ("cz", 2, 3), ("ccz", 3, 1)])
def test_piece_of_its_own_kind_is_taken_off_entirely(name: str, num_qubits: int, repeats: int) -> None:
    rng = np.random.default_rng(5)
    gates, qubits = dressed(name, num_qubits, repeats), (2, 0, 3)[:num_qubits]
    angles = rng.uniform(0, 6, sum(GATES[gate].num_params for gate, _ in gates))
    U = Circuit(4, placed(gates, angles, qubits)).inverse().unitary()
    found = disentangle(local_forms(transfer_rows(U), qubits), gates, 8, rng)
    assert entanglement(transfer_rows(U)) - found.gain < 1e-9


@pytest.mark.parametrize("columns", [16, 1])
def test_slope_is_the_derivative_of_the_entanglement(columns: int) -> None:
    rng = np.random.default_rng(2)
    operator = np.ascontiguousarray(named("haar:4?seed=1")[:, :columns])
    value, slope = entanglement_and_slope(operator)
    assert value == pytest.approx(entanglement(transfer_rows(operator)))
    Z = rng.normal(size=(16, 16)) + 1j * rng.normal(size=(16, 16))
    Z = (Z + Z.conj().T) / 2
    ends = [entanglement_and_slope(operator + sign * 1j * 1e-6 * Z @ operator)[0] for sign in (1, -1)]
    assert 2 * np.vdot(slope, 1j * Z @ operator).real == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


def test_refit_brings_pieces_at_both_ends_back_to_where_nothing_is_left() -> None:
    rng = np.random.default_rng(7)
    pieces = [placed(dressed("cz", 2, 2), rng.uniform(0, 6, 8), qubits) for qubits in ((0, 1), (2, 3), (1, 2))]
    left, right = (*pieces[0], *pieces[1]), pieces[2]
    U = Circuit(4, left).inverse().unitary() @ Circuit(4, right).unitary()  # W U V^dagger = 1
    moved = [
        tuple(op._replace(params=tuple(a + rng.normal(0, 0.1) for a in op.params)) for op in side)
        for side in (left, right)
    ]
    found = refit(U, moved[0], moved[1], 200)
    assert found.entanglement < 1e-6
    rest = Circuit(4, found.left).unitary() @ U @ Circuit(4, found.right).unitary().conj().T
    assert entanglement(transfer_rows(rest)) == pytest.approx(found.entanglement, abs=1e-9)
