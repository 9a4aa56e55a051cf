from __future__ import annotations

import time
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

import circuitdiff
from circuitdiff import Circuit, InputError, OpaqueOperation, Operation, gate_set_of, resynthesize, resynthesize_steps
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.synthesis.models import Models


def random_circuit(seed: int, num_qubits: int, count: int, line: bool = False) -> Circuit:
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(count):
        a = int(rng.integers(num_qubits - 1))
        pair = (a, a + 1) if line else tuple(map(int, rng.permutation(num_qubits)[:2]))
        name = ("h", "t", "cx", "cz", "rz")[rng.integers(5)]
        gates.append((name, pair if name in ("cx", "cz") else pair[:1], (0.3,) if name == "rz" else ()))
    return Circuit.from_gates(num_qubits, gates)


def same(a: Circuit, b: Circuit) -> bool:
    """Tell whether two circuits agree, global phase included."""
    return bool(abs(np.vdot(a.unitary(), b.unitary()) / 2**a.num_qubits - 1) < 1e-9)


TOFFOLIS = Circuit.from_gates(5, [("ccx", q, ()) for q in ((0, 1, 2), (1, 2, 0), (2, 3, 4))], 0.5)


@pytest.mark.parametrize("seed", range(3))
def test_resynthesis_is_equivalent_and_never_longer(seed: int) -> None:
    circuit = random_circuit(seed, 6, 40)
    result = resynthesize(circuit, effort="fast", cache=None)
    assert same(circuit, result.circuit)
    assert same(circuit, result.before)
    assert result.circuit.two_qubit_count <= result.before.two_qubit_count
    assert result.circuit.gate_names <= {"u", "cx"}


def test_toffolis_are_taken_apart_and_shortened() -> None:
    result = resynthesize(TOFFOLIS, effort="fast", cache=None)
    assert same(TOFFOLIS, result.circuit)
    assert result.circuit.two_qubit_count < result.before.two_qubit_count


@pytest.mark.parametrize("name", ["ccx", "ccz", "cswap"])
@pytest.mark.parametrize("qubits", list(permutations(range(3))), ids=str)
def test_gates_on_three_qubits_are_taken_apart_with_their_phase(name: str, qubits: tuple[int, ...]) -> None:
    circuit = Circuit.from_gates(3, [("x", (0,), ()), (name, qubits, ()), ("ry", (1,), (3.0,))])
    assert same(circuit, resynthesize(circuit, timeout=0.0, cache=None).circuit)


@pytest.mark.parametrize("gate_set", ["ibm-cz", "ion", "ibm-ecr"])
def test_device_is_kept_to(gate_set: str) -> None:
    circuit = random_circuit(5, 6, 30, line=True)
    result = resynthesize(circuit, gate_set=gate_set, coupling="line", effort="fast", cache=None)
    assert same(circuit, result.circuit)
    assert result.circuit.gate_names <= set(PRESETS[gate_set])
    assert result.circuit.pairs <= {(q, q + 1) for q in range(5)}


def test_given_circuit_has_to_be_routed() -> None:
    with pytest.raises(InputError, match="such as 0-2"):
        resynthesize(Circuit.from_gates(3, [("cx", (0, 2), ())]), coupling="line", cache=None)


@pytest.mark.parametrize("option", [{"block_size": 6}, {"effort": "huge"}, {"gate_set": "nothing"}, {"workers": 0}])
def test_options_out_of_range_are_refused(option: dict[str, object]) -> None:
    with pytest.raises(InputError):
        resynthesize_steps([], **option)  # type: ignore[arg-type]


def test_same_seed_gives_the_same_circuit_and_a_file_of_blocks_too(tmp_path: Path) -> None:
    circuit = random_circuit(2, 6, 30)
    settings = {"effort": "fast", "seed": 3, "cache": tmp_path / "blocks.sqlite"}
    first, second = (resynthesize(circuit, **settings) for _ in range(2))  # type: ignore[arg-type]
    assert first.circuit == second.circuit
    assert first.circuit == resynthesize(circuit, effort="fast", seed=3, cache=None).circuit


def test_any_number_of_workers_makes_the_same_circuit() -> None:
    circuit = random_circuit(7, 6, 30)
    alone, several = (resynthesize(circuit, effort="fast", cache=None, workers=count) for count in (1, 3))
    assert alone.circuit == several.circuit
    assert alone.circuit.two_qubit_count < circuit.two_qubit_count


def test_result_when_time_runs_out_is_valid() -> None:
    circuit = random_circuit(1, 8, 400)
    started = time.monotonic()
    result = resynthesize(circuit, effort="max", timeout=1.0, cache=None)
    assert time.monotonic() - started < 30.0
    assert same(circuit, result.circuit)
    assert result.circuit.two_qubit_count <= result.before.two_qubit_count


def test_fences_keep_their_place_on_every_wire() -> None:
    cx = Operation("cx", (0, 1))
    steps = [
        cx,
        OpaqueOperation((1, 9), "measure"),
        cx,
        Operation("h", (2,)),
        OpaqueOperation((2, 9), "if"),
        cx,
        cx,
        cx,
    ]
    found = resynthesize_steps(steps, effort="fast", cache=None).steps
    assert [step.payload for step in found if isinstance(step, OpaqueOperation)] == ["measure", "if"]
    measured = next(n for n, step in enumerate(found) if isinstance(step, OpaqueOperation))
    assert sum(step == cx for step in found[:measured]) == 1
    after = [step for step in found[measured:] if isinstance(step, Operation) and len(step.qubits) == 2]
    assert len(after) < 4


def test_weights_forbid_what_costs_more() -> None:
    toffoli = resynthesize(Circuit.from_gates(3, [("ccx", (0, 1, 2), ())]), cache=None).circuit
    steps = resynthesize(Circuit.from_gates(3, [("cswap", (0, 1, 2), ())]), cache=None, effort="fast").before.operations
    dear = {("cx", (0, 1)): 100.0, ("cx", (0, 2)): 100.0, ("cx", (1, 2)): 0.01}
    found = resynthesize_steps(steps, weights=dear, effort="fast", cache=None).steps
    costs = [sum(dear[name, (min(q), max(q))] for name, q, _ in s if len(q) == 2) for s in (steps, found)]  # type: ignore[misc]
    assert costs[1] <= costs[0]
    assert toffoli.two_qubit_count == 6


def test_equal_targets_are_compiled_once_and_alike() -> None:
    bell = Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ())])
    results = circuitdiff.compile_many([bell, bell.unitary(), bell], seed=2)
    assert results[0] is results[2]
    assert [result.two_qubit_count for result in results] == [1, 1, 1]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["cz", "id", "rz", "sx", "x", "measure"], "cz,rz,sx,x"),
        (["rz", "cz"], None),
        (["u", "measure"], None),
    ],
)
def test_gate_set_of_a_device(names: list[str], expected: str | None) -> None:
    assert gate_set_of(names) == expected


def test_no_model_is_asked_where_none_takes_part(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = random_circuit(1, 4, 60)
    asked: list[int] = []
    monkeypatch.setattr(Models, "ansatz_proposer", lambda self, num_qubits: asked.append(num_qubits))
    monkeypatch.setattr(Models, "gate_sequence_proposer", lambda self, num_qubits: asked.append(num_qubits))
    found = resynthesize(circuit, effort="fast", cache=None, proposers=("analytic", "template", "search"))
    assert same(circuit, found.circuit)
    assert found.circuit.two_qubit_count < circuit.two_qubit_count
    assert not asked
    resynthesize(circuit, effort="fast", cache=None)
    assert asked


def test_proposers_that_there_are_not_are_refused() -> None:
    with pytest.raises(InputError, match="oracle"):
        resynthesize(TOFFOLIS, proposers=("oracle",))
