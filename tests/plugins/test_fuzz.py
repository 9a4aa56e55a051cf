"""Random circuits with whatever a circuit may have in it, through every way into the compilers."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import cirq
import numpy as np
import pytest
import sympy
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator, random_unitary
from qiskit.transpiler import CouplingMap, PassManager

from circuitdiff_cirq import resynthesize
from circuitdiff_qiskit import CircuitDiffResynthesis, stage_options
from tests.plugins.qiskit_circuits import count, is_same, random_circuit, stand_in

THETA = Parameter("theta")


def seeds(quick: int, slow: int) -> Iterable[object]:
    """Return the seeds of the quick tests, then those of the slow ones."""
    return [*range(quick), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(quick, slow))]


def random_gates(seed: int, num_qubits: int, size: int) -> QuantumCircuit:
    """Return a circuit of unitary gates alone, some of them on three qubits."""
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(num_qubits)
    for _ in range(size):
        a, b, c = map(int, rng.permutation(num_qubits)[:3])
        match int(rng.integers(6)):
            case 0:
                circuit.ccx(a, b, c)
            case 1:
                circuit.unitary(random_unitary(4, seed=rng), [a, b])
            case 2:
                circuit.u(*rng.uniform(-3, 3, 3), a)
            case _:
                circuit.cx(a, b)
    return circuit


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400))
def test_qiskit_pass_respects_whatever_is_in_a_circuit(seed: int) -> None:
    circuit = random_circuit(seed, 2 + seed % 5, 5 + seed % 30, THETA)
    result = PassManager([CircuitDiffResynthesis(effort="fast")]).run(circuit)
    assert is_same(stand_in(circuit, THETA), stand_in(result, THETA))
    assert count(result) <= count(circuit)


@pytest.mark.parametrize("seed", seeds(6, 120))
def test_qiskit_stage_respects_whatever_is_in_a_circuit(seed: int) -> None:
    circuit = random_circuit(seed, 2 + seed % 5, 5 + seed % 20, THETA)
    settings = {"basis_gates": ["u", "cx"], "optimization_level": 1 + seed % 3, "seed_transpiler": seed}
    plain = transpile(circuit, **settings)
    with stage_options(effort="fast"):
        result = transpile(circuit, optimization_method="circuitdiff", **settings)
    assert is_same(stand_in(plain, THETA), stand_in(result, THETA))
    assert count(result) <= count(plain)


@pytest.mark.parametrize("seed", seeds(1, 80))
def test_qiskit_stage_keeps_to_a_line_and_its_directions(seed: int) -> None:
    circuit = random_gates(seed, 3 + seed % 3, 4 + seed % 8)
    line = CouplingMap.from_line(7, bidirectional=False)
    settings = {"basis_gates": ["rz", "sx", "x", "ecr"], "coupling_map": line, "seed_transpiler": seed}
    plain = transpile(circuit, optimization_level=1, **settings)
    result = transpile(circuit, optimization_level=1, optimization_method="circuitdiff", **settings)
    assert Operator.from_circuit(result).equiv(Operator.from_circuit(plain), atol=1e-6)
    assert count(result) <= count(plain)
    pairs = {tuple(result.find_bit(q).index for q in i.qubits) for i in result.data if len(i.qubits) == 2}
    assert pairs <= set(line.get_edges())


@pytest.mark.parametrize("seed", seeds(4, 60))
def test_qiskit_unitary_synthesis_is_never_worse(seed: int) -> None:
    rng = np.random.default_rng(seed)
    circuit = QuantumCircuit(5, 1)
    for position in range(3):
        size = int(rng.integers(1, 4))
        local = random_gates(int(rng.integers(1000)), 3, 6)
        unitary = Operator(local).data if size == 3 else random_unitary(2**size, seed=rng).data
        circuit.append(UnitaryGate(unitary), [int(q) for q in rng.permutation(5)[:size]])
        circuit.rz(THETA, position)
        if position == 1:
            circuit.measure(0, 0)
    settings = {"basis_gates": ["u", "cx"], "optimization_level": 1, "seed_transpiler": seed}
    plain = transpile(circuit, **settings)
    result = transpile(
        circuit, unitary_synthesis_method="circuitdiff", unitary_synthesis_plugin_config={"effort": "fast"}, **settings
    )
    assert is_same(stand_in(circuit, THETA), stand_in(result, THETA))
    assert count(result) <= count(plain)


def random_cirq_circuit(seed: int, num_qubits: int, size: int) -> cirq.Circuit:
    """Return a circuit with symbols, measurements, what they control, channels, tags, and circuits inside."""
    rng = np.random.default_rng(seed)
    qubits = [*cirq.LineQubit.range(num_qubits - 1), cirq.NamedQubit("last")]
    circuit = cirq.Circuit()
    keys: list[str] = []
    for position in range(size):
        a, b, c = (qubits[q] for q in rng.permutation(num_qubits)[:3])
        match int(rng.integers(14)):
            case 0:
                circuit.append(cirq.measure(a, key=f"m{position}"))
                keys.append(f"m{position}")
            case 1:
                circuit.append([cirq.CX(a, b).with_classical_controls(key) for key in keys[-1:]])
            case 2:
                circuit.append(cirq.Rz(rads=sympy.Symbol("t")).on(a))
            case 3:
                circuit.append(cirq.depolarize(0.1).on(a))
            case 4:
                circuit.append([cirq.CZ(a, b).with_tags("keep")] * 2)
            case 5:
                circuit.append(cirq.CircuitOperation(cirq.FrozenCircuit([cirq.CX(a, b)] * 3)))
            case 6:
                circuit.append([cirq.ISWAP(a, b) ** 0.5, cirq.CCX(a, b, c)])
            case 7:
                circuit.append(cirq.PhasedXZGate(x_exponent=0.3, z_exponent=0.2, axis_phase_exponent=0.7).on(a))
            case kind:
                circuit.append([cirq.CX(a, b), cirq.H(c)] if kind % 2 else cirq.CZ(a, b))
    return circuit


def cirq_stand_in(circuit: cirq.Circuit) -> cirq.Circuit:
    """Put unitaries, the same for the same key, in the places of what is not unitary."""
    replaced = cirq.Circuit()
    for given in cirq.resolve_parameters(circuit, {"t": 0.7}).all_operations():
        keys = sorted(str(key) for key in cirq.measurement_key_objs(given) | cirq.control_keys(given))
        if cirq.has_unitary(given):
            replaced.append(given)
        else:
            label = sum(map(ord, "".join(keys))) + len(given.qubits)
            unitary = random_unitary(2 ** len(given.qubits), seed=label).data
            replaced.append(cirq.MatrixGate(unitary).on(*given.qubits))
    return replaced


@pytest.mark.parametrize("seed", seeds(8, 200))
def test_cirq_transformer_respects_whatever_is_in_a_circuit(seed: int) -> None:
    circuit = random_cirq_circuit(seed, 3 + seed % 4, 5 + seed % 30)
    context = cirq.TransformerContext(tags_to_ignore=("keep",), deep=seed % 2 == 1)
    result = resynthesize(circuit, context=context, effort="fast")
    order = sorted(circuit.all_qubits())
    before, after = (cirq_stand_in(c).unitary(order, order) for c in (circuit, result))
    assert abs(np.vdot(before, after) / len(before) - 1) < 1e-9
    assert cirq.num_qubits(result) == 0 if not order else result.all_qubits() <= circuit.all_qubits()
    wide = [sum(len(op.qubits) > 1 for op in c.all_operations()) for c in (circuit, result)]
    assert wide[1] <= wide[0]
    kept = [sum("keep" in op.tags for op in c.all_operations()) for c in (circuit, result)]
    assert kept[0] == kept[1]


def rewritten_by_pass(seed: int) -> str:
    """Return what the Qiskit pass makes of a random circuit, as text, once it was compared with it."""
    circuit = random_circuit(seed, 2 + seed % 4, 5 + seed % 20, THETA)
    result = PassManager([CircuitDiffResynthesis(effort="fast", cache=None)]).run(circuit)
    assert is_same(stand_in(circuit, THETA), stand_in(result, THETA)), seed
    assert count(result) <= count(circuit), seed
    return str(result.draw("text", fold=-1))


@pytest.mark.parametrize("first", [0, *(pytest.param(s, marks=pytest.mark.slow) for s in range(1000, 2000, 50))])
def test_four_threads_rewrite_what_one_does(first: int) -> None:
    chosen = range(first, first + (6 if first == 0 else 50))
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(rewritten_by_pass, chosen))
    for seed, text in list(zip(chosen, together, strict=True))[:: 3 if first == 0 else 10]:
        assert rewritten_by_pass(seed) == text
