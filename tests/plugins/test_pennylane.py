from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pennylane")

import pennylane as qml
from pennylane.queuing import AnnotatedQueue
from pennylane.tape import QuantumScript

from circuitdiff import InputError
from circuitdiff_pennylane import GATES, resynthesize

WIRES = ("a", 3, "b", 0)


def count(tape: QuantumScript) -> int:
    return sum(len(op.wires) > 1 and op.name not in ("Barrier", "Identity") for op in tape.operations)


def rewritten(tape: QuantumScript, **settings: object) -> QuantumScript:
    (result,), _ = resynthesize(tape, effort="fast", cache=None, **settings)
    return result


def lowered(tape: QuantumScript) -> QuantumScript:
    with AnnotatedQueue():
        (result,), _ = qml.transforms.decompose(tape, gate_set={gate.__name__ for gate in GATES.values()})
    return result


def is_same(a: QuantumScript, b: QuantumScript) -> bool:
    """Tell whether two tapes agree, global phase included."""
    with AnnotatedQueue():  # PennyLane records for the whole process: one thread at a time
        overlap = np.vdot(*(qml.matrix(tape, wire_order=WIRES) for tape in (a, b))) / 2 ** len(WIRES)
    return bool(abs(overlap - 1) < 1e-9)


def random_tape(seed: int, size: int) -> QuantumScript:
    rng = np.random.default_rng(seed)
    operations = []
    with AnnotatedQueue():
        for _ in range(size):
            operations += random_operations(rng)
    return QuantumScript(operations, [qml.state()])


def random_operations(rng: np.random.Generator) -> list[qml.operation.Operator]:
    a, b, c, _ = (WIRES[place] for place in rng.permutation(4))
    angle = float(rng.uniform(-3, 3))
    trainable = qml.numpy.array(angle, requires_grad=True)
    choices = (
        [qml.CNOT([a, b])] * 4,
        [qml.Hadamard(a), qml.adjoint(qml.S(b)), qml.CZ([a, b])],
        [qml.RX(trainable, a), qml.IsingZZ(angle, [a, b])],
        [qml.Rot(angle, 0.1, 0.2, a), qml.SWAP([a, c])],
        [qml.Toffoli([a, b, c])],
        [qml.Barrier([a, b]), qml.QubitUnitary(np.eye(4)[[1, 0, 2, 3]], [b, c])],
        [qml.CRY(angle, [a, b]), qml.CNOT([a, b]), qml.CRY(0.3, [a, b])],
    )
    return choices[rng.integers(len(choices))]


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(s, marks=pytest.mark.slow) for s in range(6, 60))])
def test_transform_is_exact_and_never_worse(seed: int) -> None:
    tape = random_tape(seed, 5 + seed % 12)
    result = rewritten(tape)
    assert is_same(tape, result)
    assert result == tape or count(result) < count(lowered(tape))
    assert result.wires == tape.wires
    trained = [sorted(op.data for op in t.operations if op.name == "RX") for t in (tape, result)]
    assert trained[0] == trained[1]


def test_qnode_keeps_measurements_conditions_and_gradients() -> None:
    @qml.qnode(qml.device("default.qubit"))
    def circuit(x: float) -> qml.measurements.ExpectationMP:
        qml.RX(x, "a")
        for _ in range(3):
            qml.CNOT(["a", 3])
        qml.cond(qml.measure("a"), qml.RY)(x, "b")
        qml.Toffoli(["a", 3, "b"])
        return qml.expval(qml.Z("b"))

    x = qml.numpy.array(0.3, requires_grad=True)
    shorter = resynthesize(circuit, effort="fast", cache=None)
    assert shorter(x) == pytest.approx(circuit(x))
    assert qml.grad(shorter)(x) == pytest.approx(qml.grad(circuit)(x))
    assert qml.grad(circuit)(x) != pytest.approx(0.0)


def test_couplings_of_the_device_are_kept() -> None:
    tape = QuantumScript([qml.CNOT([a, b]) for a, b in [("a", 3), (3, "b"), ("a", 3), (3, "b"), ("a", 3)] * 2])
    result = rewritten(tape, pairs=[("a", 3), (3, "b")])
    assert is_same(tape, result)
    assert count(result) < count(tape)
    assert {frozenset(op.wires) for op in result.operations if len(op.wires) == 2} <= {
        frozenset(("a", 3)),
        frozenset((3, "b")),
    }


def test_what_cannot_be_shortened_comes_back_as_it_was() -> None:
    tape = QuantumScript([qml.Hadamard(0), qml.Toffoli([0, 3, "a"])], [qml.probs(wires=0)], shots=10)
    assert rewritten(tape) is tape
    empty = QuantumScript()
    assert rewritten(empty) is empty


@pytest.mark.parametrize("option", [{"block_size": 9}, {"gate_set": "nothing"}, {"gate_set": "u,csx"}])
def test_options_out_of_range_are_refused(option: dict[str, object]) -> None:
    with pytest.raises(InputError):
        resynthesize(QuantumScript([qml.CNOT([0, 1])] * 3), **option)


def random_unitary(num_wires: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (2**num_wires, 2**num_wires)
    return np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))[0]


@pytest.mark.parametrize(
    "phased",
    [
        qml.GlobalPhase(0.7),
        qml.GlobalPhase(0.7, wires=["a"]),
        qml.ctrl(qml.GlobalPhase(0.4), control="b"),
        qml.QubitUnitary(1j * np.eye(4)[[0, 1, 3, 2]], wires=["a", 3]),
        qml.QubitUnitary(random_unitary(1, 1), wires=["b"]),
        qml.QubitUnitary(random_unitary(2, 2), wires=["b", "a"]),
        qml.QubitUnitary(random_unitary(3, 3), wires=["b", "a", 0]),
        qml.GlobalPhase(qml.numpy.array(0.3, requires_grad=True)),
        qml.adjoint(qml.QFT(wires=["a", 3])),
    ],
    ids=repr,
)
def test_global_phases_are_kept_as_control_shows(phased: qml.operation.Operator) -> None:
    tape = QuantumScript([phased, *[qml.CNOT(["a", 3])] * 3, qml.SX(0)], [qml.state()])
    result = rewritten(tape)
    assert is_same(tape, result)
    controlled = [QuantumScript([qml.ctrl(o, control="c") for o in t.operations]) for t in (tape, result)]
    order = (*WIRES, "c")
    np.testing.assert_allclose(*(qml.matrix(t, wire_order=order) for t in controlled), atol=1e-7)
    assert len([o for o in result.operations if o.name == "CNOT"]) < len(tape.operations) + 18
