"""Instantiation: any circuit, any kind of target, angles free, fixed or tied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff import Circuit, InputError, instantiate, instantiate_many
from circuitdiff.circuits.circuit import apply_gate
from circuitdiff.circuits.gates import GATES
from circuitdiff.numerics.column_descent import descend_columns
from circuitdiff.numerics.column_program import build_column_program
from circuitdiff.spec.target import Target, infidelity
from tests.strategies import circuits, haar, random_circuit

MIXED = ("t", "h", "u", "cp", "crx", "ccx", "rzz", "ch", "iswap", "ecr", "cswap")


def layered(num_qubits: int, pairs: list[tuple[int, int]]) -> Circuit:
    """CX on pairs in turn with u gates after each."""
    zero = (0.0, 0.0, 0.0)
    gates = [("u", (q,), zero) for q in range(num_qubits)]
    for a, b in pairs:
        gates += [("cx", (a, b), ()), ("u", (a,), zero), ("u", (b,), zero)]
    return Circuit.from_gates(num_qubits, gates)


def ring(num_qubits: int, count: int) -> list[tuple[int, int]]:
    return [(i % num_qubits, (i + 1) % num_qubits) for i in range(count)]


@given(circuits(tuple(GATES), min_qubits=1, max_qubits=4), st.integers(0, 2))
def test_column_program_makes_the_columns_of_the_circuit(circuit: Circuit, inputs: int) -> None:
    n, width = circuit.num_qubits, 1 << min(inputs, circuit.num_qubits)
    columns = circuit.unitary()[:, :width]
    program = build_column_program([(op.name, op.qubits) for op in circuit.operations], n)
    theta = np.array([angle for op in circuit.operations for angle in op.params])
    cost, *_ = descend_columns(columns, program, theta, 0.1, 0, 0.0)
    assert cost == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_column_step_under_heavy_damping_follows_the_gradient(width: int) -> None:
    rng = np.random.default_rng(width)
    circuit = random_circuit(3, MIXED, 12, rng)
    gates = [(op.name, op.qubits) for op in circuit.operations]
    program = build_column_program(gates, 3)
    target = Target(haar(3, width)[:, :width])
    theta = rng.uniform(-3, 3, sum(len(op.params) for op in circuit.operations))

    def at(angles: np.ndarray) -> float:
        values = iter(angles)
        columns = np.eye(8, width, dtype=np.complex128)
        for op in circuit.operations:
            columns = apply_gate(op.name, op.qubits, tuple(next(values) for _ in op.params), columns)
        return 1.0 - abs(np.vdot(target.columns, columns)) / width

    moved = theta.copy()
    descend_columns(target.columns, program, moved, 1e5, 1, -1.0)
    gradient = np.array([(at(theta + e) - at(theta - e)) for e in 1e-5 * np.eye(len(theta))])
    step = moved - theta
    assert -step @ gradient / np.linalg.norm(step) / np.linalg.norm(gradient) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("qubits", "count"), [(3, 4), (4, 8), (5, 16)])
def test_instantiate_reaches_generic_states(qubits: int, count: int) -> None:
    target = haar(qubits, 5)[:, 0]
    fit = instantiate(layered(qubits, ring(qubits, count)), target)
    assert fit.success
    assert fit.infidelity < 1e-12
    assert 1 - abs(np.vdot(target, fit.circuit.unitary()[:, 0])) == pytest.approx(fit.infidelity, abs=1e-14)


def test_instantiate_reaches_a_generic_isometry_at_few_entanglers() -> None:
    fit = instantiate(layered(3, ring(3, 6)), haar(3, 1)[:, :2], starts=32)
    assert fit.infidelity < 1e-12


def test_instantiate_reaches_a_generic_unitary() -> None:
    fit = instantiate(layered(3, ring(3, 15)), haar(3, 2))
    assert fit.infidelity < 1e-12


@pytest.mark.parametrize("width", [1, 2, 8])
def test_instantiate_keeps_fixed_angles_and_ties(width: int) -> None:
    rng = np.random.default_rng(width)
    start = random_circuit(3, ("rx", "rzz", "crx", "h", "u"), 10, rng)
    angles = [(i, k) for i, op in enumerate(start.operations) for k in range(len(op.params))]
    fixed, tied = angles[:2], angles[2:4]
    fit = instantiate(start, haar(3, 7)[:, :width], starts=2, fixed=fixed, tied=[tied])
    after = {(i, k): op.params[k] for i, op in enumerate(fit.circuit.operations) for k in range(len(op.params))}
    assert all(after[i, k] == start.operations[i].params[k] for i, k in fixed)
    assert len({after[angle] for angle in tied}) == 1
    assert any(after[i, k] != start.operations[i].params[k] for i, k in angles[4:])


def test_instantiate_finds_tied_angles_of_a_trotter_step() -> None:
    """Both kinds of numerics recover a circuit in which all equal gates share one angle."""
    gates = [("rzz", (0, 1), (0.4,)), ("rzz", (1, 2), (0.4,)), *(("rx", (q,), (0.9,)) for q in range(3))]
    made = Circuit.from_gates(3, gates)
    blank = Circuit.from_gates(3, [(name, qubits, (0.0,)) for name, qubits, _ in gates])
    ties = [[(0, 0), (1, 0)], [(2, 0), (3, 0), (4, 0)]]
    for target in (made.unitary(), made.unitary()[:, :1], made.unitary()[:, :2]):
        assert instantiate(blank, target, tied=ties).success


def test_instantiate_is_the_same_for_the_same_seed() -> None:
    circuit, target = layered(3, ring(3, 4)), haar(3, 3)[:, 0]
    first, second = (instantiate(circuit, target, seed=4) for _ in range(2))
    assert first == second


def test_instantiate_many_pairs_one_circuit_with_every_target() -> None:
    targets = [haar(2, seed)[:, 0] for seed in range(3)]
    fits = instantiate_many([layered(2, [(0, 1)])], targets)
    assert [fit.success for fit in fits] == [True] * 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fixed": [(9, 0)]}, "no angle"),
        ({"tied": [[(0, 0)], [(0, 0)]]}, "tied twice"),
        ({"fixed": [(0, 0)], "tied": [[(0, 0), (1, 0)]]}, "both fixed and tied"),
        ({"starts": 0}, "starts"),
        ({"tol": 2.0}, "tol"),
    ],
)
def test_instantiate_refuses_bad_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        instantiate(layered(2, []), np.array([1, 0, 0, 0]), **options)  # type: ignore[arg-type]


def test_instantiate_refuses_another_register_and_a_free_order() -> None:
    with pytest.raises(InputError, match="2 qubits, the target 1"):
        instantiate(layered(2, []), np.array([1, 0]))
    with pytest.raises(InputError, match="output-permutation"):
        instantiate(layered(1, []), Target(np.eye(2, 1, dtype=np.complex128), "output-permutation"))


def test_infidelity_ignores_a_common_phase_and_takes_a_relative_one() -> None:
    circuit = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ())])
    columns = circuit.unitary()[:, :2]
    assert infidelity(Target(columns * 1j), circuit) == pytest.approx(0, abs=1e-15)
    assert infidelity(Target(columns * np.array([1, -1])), circuit) == pytest.approx(1)
