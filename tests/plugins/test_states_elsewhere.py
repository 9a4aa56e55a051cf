"""States in Cirq and PennyLane."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff import InputError


def generic(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    state = rng.normal(size=1 << n) + 1j * rng.normal(size=1 << n)
    return np.asarray(state / np.linalg.norm(state))


def test_cirq_prepares_amplitudes_in_its_own_order() -> None:
    cirq = pytest.importorskip("cirq")
    from circuitdiff_cirq import prepare_state

    qubits = cirq.NamedQubit.range(3, prefix="q")
    circuit = prepare_state(generic(3, 1), qubits, effort="fast")
    made = cirq.final_state_vector(circuit, qubit_order=qubits, dtype=np.complex128)
    np.testing.assert_allclose(made, generic(3, 1), atol=1e-6)
    assert sum(len(op.qubits) == 2 for op in circuit.all_operations()) <= 3
    with pytest.raises(InputError, match="2 qubits are given for amplitudes of 3"):
        prepare_state(generic(3, 1), qubits[:2])


def test_cirq_takes_the_last_qubits_of_an_isometry_as_its_input() -> None:
    cirq = pytest.importorskip("cirq")
    from circuitdiff_cirq import prepare_state

    columns = np.linalg.qr(generic(4, 2).reshape(8, 2))[0]
    circuit = prepare_state(columns, effort="fast")
    unitary = circuit.unitary(qubit_order=cirq.LineQubit.range(3))
    np.testing.assert_allclose(unitary[:, :2], columns, atol=1e-6)


def test_free_outputs_are_refused_where_a_circuit_cannot_tell_their_order() -> None:
    pytest.importorskip("cirq")
    from circuitdiff_cirq import prepare_state

    with pytest.raises(InputError, match="up_to is not offered"):
        prepare_state(generic(3, 1), up_to="output-permutation")
    qml = pytest.importorskip("pennylane")
    from circuitdiff_pennylane import prepare_states

    tape = qml.tape.QuantumScript([qml.StatePrep(generic(3, 1), wires=range(3))], [qml.state()])
    with pytest.raises(InputError, match="up_to is not offered"):
        prepare_states(tape, up_to="output-permutation")


@pytest.mark.parametrize("name", ["StatePrep", "MottonenStatePreparation"])
def test_pennylane_prepares_what_is_first_on_its_wires(name: str) -> None:
    qml = pytest.importorskip("pennylane")
    from circuitdiff_pennylane import prepare_states

    def circuit() -> object:
        getattr(qml, name)(generic(3, 3), wires=["a", 0, 7])
        qml.CNOT(wires=[7, "b"])
        return qml.state()

    device = qml.device("default.qubit", wires=["a", 0, 7, "b"])
    made = prepare_states(qml.QNode(circuit, device), effort="fast")
    np.testing.assert_allclose(made(), qml.QNode(circuit, device)(), atol=1e-6)
    (tape,), _ = prepare_states(qml.tape.make_qscript(circuit)(), effort="fast")
    assert sum(len(op.wires) > 1 for op in tape.operations) <= 4


def test_pennylane_leaves_a_preparation_after_other_gates() -> None:
    qml = pytest.importorskip("pennylane")
    from circuitdiff_pennylane import prepare_states

    tape = qml.tape.QuantumScript([qml.H(0), qml.MottonenStatePreparation(generic(2, 1), wires=[0, 1])])
    (same,), _ = prepare_states(tape)
    assert [op.name for op in same.operations] == ["Hadamard", "MottonenStatePreparation"]
