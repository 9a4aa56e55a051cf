from __future__ import annotations

from itertools import pairwise

import cirq
import numpy as np
import pytest
import sympy

from circuitdiff_cirq import CircuitDiffGateset, resynthesize

QUBITS = cirq.LineQubit.range(5)


def count(circuit: cirq.AbstractCircuit) -> int:
    return sum(len(op.qubits) > 1 and cirq.has_unitary(op) for op in circuit.all_operations())


def random_circuit(seed: int, num_qubits: int, size: int) -> cirq.Circuit:
    rng = np.random.default_rng(seed)
    gates = (cirq.H, cirq.T, cirq.X**0.3, cirq.CZ, cirq.CNOT, cirq.CZ**0.5, cirq.ISWAP**0.5, cirq.SWAP, cirq.I)
    chosen = [gates[rng.integers(len(gates))] for _ in range(size)]
    places = [rng.permutation(num_qubits)[: gate.num_qubits()] for gate in chosen]
    return cirq.Circuit(gate.on(*(QUBITS[q] for q in place)) for gate, place in zip(chosen, places, strict=True))


def is_same(a: cirq.AbstractCircuit, b: cirq.AbstractCircuit) -> bool:
    """Tell whether two circuits agree, global phase included."""
    order = sorted(a.all_qubits() | b.all_qubits())
    return bool(
        np.allclose(*(c.unitary(qubit_order=order, qubits_that_should_be_present=order) for c in (a, b)), atol=1e-7)
    )


@pytest.mark.parametrize("seed", range(10))
def test_transformer_is_exact_and_never_worse(seed: int) -> None:
    circuit = random_circuit(seed, 3 + seed % 3, 25)
    result = resynthesize(circuit, effort="fast", cache=None)
    assert is_same(circuit, result)
    assert count(result) <= count(circuit)


def test_measurements_symbols_and_tags_stay() -> None:
    a, b, c = QUBITS[:3]
    kept = cirq.CNOT(b, c).with_tags("keep")
    circuit = cirq.Circuit(
        [cirq.CNOT(a, b)] * 3,
        cirq.measure(a, key="m"),
        cirq.X(b).with_classical_controls("m"),
        cirq.Rz(rads=sympy.Symbol("t")).on(c),
        [kept] * 2,
        cirq.measure(b, key="m2"),
    )
    context = cirq.TransformerContext(tags_to_ignore=("keep",))
    result = resynthesize(circuit, context=context, effort="fast", cache=None)
    assert count(result) == 3
    assert [op for op in result.all_operations() if op.tags] == [kept] * 2
    assert result.all_measurement_key_names() == {"m", "m2"}
    assert cirq.parameter_names(result) == {"t"}
    order = [str(op) for op in result.all_operations()]
    assert order.index(str(cirq.measure(a, key="m"))) < order.index(str(cirq.X(b).with_classical_controls("m")))


def test_circuits_inside_are_rewritten_when_asked_for() -> None:
    inner = cirq.CircuitOperation(cirq.FrozenCircuit([cirq.CNOT(*QUBITS[:2])] * 3))
    circuit = cirq.Circuit(inner)
    deep = resynthesize(circuit, context=cirq.TransformerContext(deep=True), effort="fast", cache=None)
    assert is_same(circuit, deep)
    (operation,) = deep.all_operations()
    assert count(operation.untagged.circuit) == 1


def test_couplings_of_the_device_are_kept() -> None:
    pairs = list(pairwise(QUBITS))
    rng = np.random.default_rng(2)
    circuit = cirq.Circuit(
        op for _ in range(25) for op in (cirq.CZ(*pairs[rng.integers(4)]), cirq.H(QUBITS[rng.integers(5)]))
    )
    result = resynthesize(circuit, pairs=pairs, effort="fast", cache=None)
    assert is_same(circuit, result)
    assert count(result) <= count(circuit)
    assert {tuple(sorted(op.qubits)) for op in result.all_operations() if len(op.qubits) == 2} <= set(pairs)


def test_gateset_has_fewer_cz_than_cirqs_own() -> None:
    circuit = cirq.Circuit(cirq.CCX(*QUBITS[:3]), cirq.CSWAP(*QUBITS[:3]), cirq.CCX(*QUBITS[1:4]))
    own = cirq.optimize_for_target_gateset(circuit, gateset=cirq.CZTargetGateset())
    gateset = CircuitDiffGateset({"effort": "fast", "cache": None})
    result = cirq.optimize_for_target_gateset(circuit, gateset=gateset)
    assert gateset.validate(result)
    assert count(result) < count(own)
    cirq.testing.assert_allclose_up_to_global_phase(result.unitary(), circuit.unitary(), atol=1e-6)


def test_empty_circuit_passes() -> None:
    assert resynthesize(cirq.Circuit(), cache=None) == cirq.Circuit()
