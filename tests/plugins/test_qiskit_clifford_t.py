from __future__ import annotations

import os
import signal
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.quantum_info import Operator, random_unitary
from qiskit.transpiler import CouplingMap, generate_preset_clifford_t_pass_manager, generate_preset_pass_manager

from circuitdiff import InputError, resynthesize_program
from circuitdiff.interruption import is_interrupted
from circuitdiff_qiskit import CircuitDiffResynthesis, stage_options
from circuitdiff_qiskit.eighths import without_other_rotations

BASIS = ["h", "s", "sdg", "t", "tdg", "cx"]


def t_count(circuit: QuantumCircuit) -> int:
    return sum(circuit.count_ops().get(name, 0) for name in ("t", "tdg"))


def infidelity(first: QuantumCircuit, second: QuantumCircuit) -> float:
    a, b = Operator.from_circuit(first).data, Operator.from_circuit(second).data
    return float(1 - abs(np.trace(a.conj().T @ b)) / len(a))


def rotations() -> QuantumCircuit:
    circuit = QuantumCircuit(3)
    circuit.h(0)
    circuit.rz(0.3, 0)
    circuit.cx(0, 1)
    circuit.ry(0.4, 1)
    circuit.cx(1, 2)
    circuit.rx(0.7, 2)
    return circuit


@pytest.mark.parametrize("coupling", [None, CouplingMap([[1, 0], [1, 2]])], ids=["all", "directed"])
@pytest.mark.parametrize("level", [0, 3])
def test_stage_spends_its_tolerance_in_a_clifford_t_basis(coupling: CouplingMap | None, level: int) -> None:
    settings = {"basis_gates": BASIS, "coupling_map": coupling, "optimization_level": level, "seed_transpiler": 1}
    plain = transpile(rotations(), **settings)
    with stage_options(tol=1e-3):
        made = generate_preset_pass_manager(optimization_method="circuitdiff", **settings).run(rotations())
    assert infidelity(made, rotations()) <= 1e-3
    assert set(made.count_ops()) <= set(BASIS)
    assert 0 < t_count(made) < t_count(plain) / 5
    if coupling is not None:
        pairs = {tuple(made.find_bit(q).index for q in item.qubits) for item in made.data if len(item.qubits) == 2}
        assert pairs <= set(coupling.get_edges())


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_synthesis_spends_its_tolerance_at_every_level_of_qiskits_pipeline(level: int) -> None:
    haar = QuantumCircuit(3)
    haar.unitary(random_unitary(8, seed=1), range(3))
    passes = generate_preset_clifford_t_pass_manager(
        level,
        basis_gates=BASIS,
        unitary_synthesis_method="circuitdiff",
        unitary_synthesis_plugin_config={"tol": 0.1, "effort": "fast"},
    )
    made = passes.run(haar)
    assert infidelity(made, haar) <= 0.1
    assert set(made.count_ops()) <= set(BASIS)
    assert t_count(made) < 120  # Qiskit takes 600


@pytest.mark.parametrize("num_qubits", [1, 2])
@pytest.mark.parametrize("pipeline", ["clifford_t", "preset"])
def test_synthesis_spends_its_tolerance_on_one_and_two_qubits(num_qubits: int, pipeline: str) -> None:
    haar = QuantumCircuit(2)
    haar.unitary(random_unitary(1 << num_qubits, seed=1), range(num_qubits))
    make = generate_preset_clifford_t_pass_manager if pipeline == "clifford_t" else generate_preset_pass_manager
    settings = {"optimization_level": 2, "basis_gates": BASIS}
    plain = make(**settings).run(haar)
    made = make(
        unitary_synthesis_method="circuitdiff_clifford_t", unitary_synthesis_plugin_config={"tol": 1e-2}, **settings
    ).run(haar)
    assert infidelity(made, haar) <= 1e-2
    assert set(made.count_ops()) <= set(BASIS)
    assert t_count(made) < t_count(plain) / 5


def test_synthesis_in_clifford_t_leaves_bases_with_angles_to_qiskit(caplog: pytest.LogCaptureFixture) -> None:
    haar = QuantumCircuit(2)
    haar.unitary(random_unitary(4, seed=1), range(2))
    made = transpile(haar, basis_gates=["u", "cx"], unitary_synthesis_method="circuitdiff_clifford_t")
    assert "gates with angles" in caplog.text
    assert infidelity(made, haar) < 1e-9
    assert set(made.count_ops()) <= {"u", "cx"}


def test_synthesis_and_stage_have_a_budget_each() -> None:
    haar = QuantumCircuit(2)
    haar.unitary(random_unitary(4, seed=1), range(2))
    haar.rx(0.3, 1)
    with stage_options(tol=1e-3):
        made = generate_preset_pass_manager(
            basis_gates=BASIS,
            optimization_method="circuitdiff",
            unitary_synthesis_method="circuitdiff_clifford_t",
            unitary_synthesis_plugin_config={"tol": 1e-2},
        ).run(haar)
    found = infidelity(made, haar)
    assert np.arccos(1 - found) <= np.arccos(1 - 1e-2) + np.arccos(1 - 1e-3)


def test_pass_takes_any_angles_and_keeps_what_is_no_gate() -> None:
    circuit = QuantumCircuit(2, 1)
    circuit.rx(0.3, 0)
    circuit.cx(0, 1)
    circuit.measure(1, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.ry(0.4, 0)
    made = CircuitDiffResynthesis(basis_gates=BASIS, tol=1e-2)(circuit)
    body = next(item.operation.blocks[0] for item in made.data if item.operation.name == "if_else")
    assert set(body.count_ops()) <= set(BASIS)
    assert set(made.count_ops()) <= {*BASIS, "measure", "if_else"}
    assert [item.operation.name for item in made.data].index("measure") > 0


def test_what_is_exact_stays_with_no_more_t() -> None:
    circuit = QuantumCircuit(3)
    circuit.ccx(0, 1, 2)
    plain = transpile(circuit, basis_gates=BASIS, optimization_level=2)
    made = transpile(circuit, basis_gates=BASIS, optimization_level=2, optimization_method="circuitdiff")
    assert t_count(made) <= t_count(plain) == 7
    assert infidelity(made, circuit) < 1e-12


def test_a_tolerance_below_rounding_is_one_clear_error() -> None:
    with pytest.raises(InputError, match="cannot be told from rounding") as error:
        CircuitDiffResynthesis(basis_gates=BASIS, tol=1e-15)(rotations())
    assert "\n" not in str(error.value)


def test_a_budget_that_the_time_does_not_suffice_for_is_told(caplog: pytest.LogCaptureFixture) -> None:
    made = CircuitDiffResynthesis(basis_gates=BASIS, tol=1e-9, timeout=0.0)(rotations())
    assert "misses the tolerance of 1.0e-09 in the time given" in caplog.text
    said = float(caplog.text.split("infidelity ")[1].split()[0])
    assert infidelity(made, rotations()) == pytest.approx(said, rel=0.1)
    assert set(made.count_ops()) <= set(BASIS)


def test_without_time_a_circuit_in_the_basis_keeps_what_it_does() -> None:
    given = transpile(rotations(), basis_gates=BASIS)
    made = CircuitDiffResynthesis(basis_gates=BASIS, tol=1e-9, timeout=0.0)(given)
    assert infidelity(made, given) < 1e-9
    assert t_count(made) <= t_count(given)


@pytest.mark.parametrize("choice", ["return", "raise"])
def test_interrupted_the_stage_hands_over_the_best_so_far(
    choice: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*arguments: Any, **settings: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return resynthesize_program(*arguments, **settings)

    monkeypatch.setattr("circuitdiff_qiskit.clifford_t.resynthesize_program", pressed)
    with stage_options(tol=1e-9, on_interrupt=choice):
        passes = generate_preset_pass_manager(basis_gates=BASIS, optimization_method="circuitdiff")
    if choice == "raise":
        with pytest.raises(KeyboardInterrupt):
            passes.run(rotations())
    else:
        made = passes.run(rotations())
        assert "best so far" in caplog.text
        assert set(made.count_ops()) <= set(BASIS)
        assert infidelity(made, rotations()) < 1e-9
    assert not is_interrupted()


@pytest.mark.parametrize("seed", range(5))
def test_rotations_that_qiskit_merges_stay_t(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(3)
    for _ in range(60):
        name, qubits = rng.choice(["h", "x", "z", "s", "sdg", "t", "tdg", "cx", "cz"]), rng.permutation(3)
        getattr(circuit, name)(*map(int, qubits[: 2 if name in ("cx", "cz") else 1]))
    made = without_other_rotations(circuit)
    assert infidelity(circuit, made) < 1e-12
    assert t_count(made) <= t_count(circuit)
    again = transpile(made, basis_gates=["h", "x", "s", "sdg", "t", "tdg", "cx", "cz"], optimization_level=2)
    assert t_count(again) <= t_count(made)
