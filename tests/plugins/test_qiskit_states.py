from __future__ import annotations

import logging
from importlib.metadata import entry_points

import numpy as np
import pytest

pytest.importorskip("qiskit")

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Gate
from qiskit.circuit.library import DiagonalGate, Initialize, Isometry, StatePreparation, UCGate, UCRYGate
from qiskit.quantum_info import Operator, Statevector, random_statevector, random_unitary
from qiskit.transpiler import CouplingMap, PassManager
from qiskit.transpiler.passes.synthesis import HighLevelSynthesis, HLSConfig

from circuitdiff_qiskit import CircuitDiffIsometry, CircuitDiffMultiplexer, CircuitDiffState

BASIS = ["u", "cx"]
CONFIG = HLSConfig(state_preparation=[CircuitDiffState(effort="fast")], isometry=[CircuitDiffIsometry(effort="fast")])


def with_state(state: Statevector, *places: int) -> QuantumCircuit:
    circuit = QuantumCircuit(max(places) + 1)
    circuit.append(StatePreparation(state.data), places)
    return circuit


def test_states_come_out_at_as_few_cx_as_their_parameters_in_any_place() -> None:
    state = random_statevector(16, seed=2)
    circuit = with_state(state, 4, 0, 3, 1)
    made = transpile(circuit, basis_gates=BASIS, hls_config=CONFIG, optimization_level=1)
    assert made.count_ops()["cx"] <= 6
    np.testing.assert_allclose(Statevector(made).data, Statevector(circuit).data, atol=1e-6)


def test_initialize_is_a_reset_and_a_state_of_ours() -> None:
    circuit = QuantumCircuit(4)
    circuit.append(Initialize(random_statevector(16, seed=3).data), range(4))
    made = transpile(circuit, basis_gates=[*BASIS, "reset"], hls_config=CONFIG, optimization_level=1)
    assert made.count_ops()["cx"] <= 6


def test_isometries_agree_on_the_columns_they_state() -> None:
    columns = random_unitary(8, seed=4).data[:, :2]
    circuit = QuantumCircuit(3)
    circuit.append(Isometry(columns, 0, 0), [2, 0, 1])
    made = transpile(circuit, basis_gates=BASIS, hls_config=CONFIG, optimization_level=1)
    assert made.count_ops()["cx"] <= 5
    first = [0, 4]  # the input is qubit 2
    np.testing.assert_allclose(Operator(made).data[:, first], Operator(circuit).data[:, first], atol=1e-6)


def multiplexers() -> list[Gate]:
    rng = np.random.default_rng(6)
    choices = [random_unitary(2, seed=number).data for number in range(4)]
    return [
        UCGate(choices),
        UCGate([choices[0], choices[0], choices[1], choices[1]]),  # the upper control alone decides
        UCRYGate(list(rng.uniform(0, 6, 4))),
        DiagonalGate(list(np.exp(1j * rng.uniform(0, 6, 8)))),
    ]


@pytest.mark.parametrize("gate", multiplexers(), ids=lambda gate: gate.name)
def test_multiplexers_are_exact_and_never_longer_than_those_of_qiskit(gate: Gate) -> None:
    circuit = QuantumCircuit(4)
    circuit.append(gate, [3, 0, 2])
    config = HLSConfig(**{gate.name: [CircuitDiffMultiplexer(effort="fast")]})
    made, plain = (
        transpile(circuit, basis_gates=BASIS, hls_config=hls, optimization_level=1) for hls in (config, None)
    )
    assert made.count_ops()["cx"] <= plain.count_ops()["cx"]
    np.testing.assert_allclose(Operator(made).data, Operator(circuit).data, atol=1e-6)


def test_multiplexers_with_fewer_controls_than_they_say_lose_them() -> None:
    gate = multiplexers()[1]
    made = CircuitDiffMultiplexer(effort="fast").run(gate)
    assert made is not None
    assert made.num_nonlocal_gates() <= 2
    assert CircuitDiffMultiplexer().run(UCRYGate([0.1] * 32)) is None  # six qubits


def test_placed_states_keep_to_the_couplings_of_their_qubits() -> None:
    line = CouplingMap.from_line(4)
    synthesis = HighLevelSynthesis(hls_config=CONFIG, coupling_map=line, use_qubit_indices=True, basis_gates=BASIS)
    made = PassManager([synthesis]).run(with_state(random_statevector(8, seed=5), 1, 3, 2))
    pairs = {tuple(sorted(made.find_bit(q).index for q in item.qubits)) for item in made.data if len(item.qubits) == 2}
    assert pairs <= {(1, 2), (2, 3)}


def test_inverses_labels_and_wrong_settings_are_left_to_qiskit(caplog: pytest.LogCaptureFixture) -> None:
    state = StatePreparation(random_statevector(4, seed=1).data)
    plugin = CircuitDiffState()
    assert plugin.run(StatePreparation("01")) is None
    with caplog.at_level(logging.WARNING):
        assert plugin.run(state, effort="heroic", optimization_level=1) is None
        assert plugin.run(state, colour="red") is None
    assert "heroic" in caplog.text
    assert "colour" in caplog.text
    circuit = QuantumCircuit(2)
    circuit.append(state, range(2))
    circuit.append(state.inverse(), range(2))
    made = transpile(circuit, basis_gates=BASIS, hls_config=CONFIG, optimization_level=1)
    assert abs(Statevector(made).data[0]) == pytest.approx(1)


def test_entry_points_name_the_plugins() -> None:
    declared = {point.name: point.value for point in entry_points(group="qiskit.synthesis")}
    ours = {name: value for name, value in declared.items() if value.startswith("circuitdiff_qiskit")}
    if not ours:
        pytest.skip("the package is not installed with these entry points")
    assert ours == {
        "state_preparation.circuitdiff": "circuitdiff_qiskit.states:CircuitDiffState",
        "isometry.circuitdiff": "circuitdiff_qiskit.states:CircuitDiffIsometry",
        **dict.fromkeys(
            (f"{name}.circuitdiff" for name in ("multiplexer", "ucrx", "ucry", "ucrz", "diagonal")),
            "circuitdiff_qiskit.states:CircuitDiffMultiplexer",
        ),
    }
