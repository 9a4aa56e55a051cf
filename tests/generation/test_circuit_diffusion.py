"""The model as its users see it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from circuitdiff import CircuitDiffusion, CircuitSpec, Sampling
from circuitdiff.circuits.circuit import Circuit
from circuitdiff.errors import InputError
from tests.small_gate_models import small_gate_model
from tests.small_models import SMALL, small_model

LINE = [(1, 0), (1, 2)]


def unitary(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))[0]


@pytest.mark.parametrize("sampler", ["gates", "beam"])
@pytest.mark.parametrize("show_budget", [False, True])
def test_proposals_are_distinct_ranked_and_obey_the_coupling(sampler: str, show_budget: bool) -> None:
    how = Sampling(num_samples=24, sampler=sampler)
    found = small_model().propose(unitary(), LINE, max_gates=4, min_gates=2, sampling=how, show_budget=show_budget)
    placements = [placement for placement, _ in found]
    scores = [score for _, score in found]
    assert len(set(placements)) == len(placements) > 1
    assert scores == sorted(scores, reverse=True)
    assert all(2 <= len(placement) <= 4 for placement in placements)
    assert {pair for placement in placements for pair in placement} <= {(0, 1), (1, 2)}


def test_proposals_depend_on_the_seed_alone() -> None:
    model = small_model()
    draws = [model.propose(unitary(), sampling=Sampling(16, sampler="gates", seed=seed)) for seed in (1, 1, 2)]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_angle_proposals_have_four_an_entangler_and_three_a_qubit() -> None:
    placements = [((0, 1), (1, 2)), (), ((0, 2),) * 5]
    found = small_model().propose_angles(unitary(), placements, num_draws=3)
    assert [draws.shape for draws in found] == [(3, 17), (3, 9), (3, 29)]
    assert all(((draws >= 0) & (draws <= 2 * np.pi)).all() for draws in found)
    assert small_model().propose_angles(unitary(), []) == []


@pytest.mark.parametrize("target", [unitary(), None])
def test_samples_are_circuits_within_the_bounds(target: np.ndarray | None) -> None:
    circuits = small_model().sample(target, CircuitSpec(coupling="line", max_gates=3), sampling=Sampling(5, 4))
    assert len(circuits) == 5
    for circuit in circuits:
        assert circuit.num_qubits == 3
        assert circuit.two_qubit_count <= 3
        assert {tuple(sorted(op.qubits)) for op in circuit.operations if len(op.qubits) == 2} <= {(0, 1), (1, 2)}
        np.testing.assert_allclose(circuit.unitary() @ circuit.unitary().conj().T, np.eye(8), atol=1e-9)


def test_impossible_bounds_are_refused() -> None:
    model = small_model()
    with pytest.raises(InputError, match="between 3 and 2"):
        model.propose(unitary(), min_gates=3, max_gates=2)
    with pytest.raises(InputError, match="no pair is allowed"):
        model.propose(unitary(), [], min_gates=1)
    with pytest.raises(InputError, match="up to 8 wide"):
        model.propose(np.eye(16))
    with pytest.raises(InputError, match="the model's most is 5"):
        model.propose_angles(unitary(), [((0, 1),) * 6])


def test_no_allowed_pair_leaves_the_empty_structure() -> None:
    assert [pairs for pairs, _ in small_model().propose(unitary(), [])] == [()]


def test_register_is_that_of_the_configuration() -> None:
    model = small_model()
    assert (model.num_qubits, model.layout.max_gates) == (SMALL.num_qubits, SMALL.max_gates)


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (np.eye(4), "circuitdiff-gates-3q"),
        (np.eye(8), "circuitdiff-gates-3q"),
        (np.eye(16), "circuitdiff-gates-5q"),
        (np.eye(32), "circuitdiff-gates-5q"),
        ("5 qubits, SRV [2,1,2,2,1]", "circuitdiff-entanglement"),
    ],
)
def test_target_chooses_its_checkpoint(target: np.ndarray | str, name: str) -> None:
    assert CircuitDiffusion.from_pretrained(target=target).name == name


def test_target_that_no_checkpoint_takes_is_refused() -> None:
    with pytest.raises(InputError, match="on 6 qubits for a target"):
        CircuitDiffusion.from_pretrained(target=np.eye(64, dtype=np.complex128))


MODELS = [small_model, small_gate_model]


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("joint", [True, False])
def test_samples_of_every_layout_keep_to_what_is_asked_for(make: Callable[[], CircuitDiffusion], joint: bool) -> None:
    spec = CircuitSpec(coupling="line", max_gates=4, max_two_qubit_gates=3)
    circuits = make().sample(unitary(), spec, sampling=Sampling(5, 4, guidance=1.5, joint=joint))
    assert len(circuits) == 5
    assert all(circuit.two_qubit_count <= 3 for circuit in circuits)
    assert {pair for circuit in circuits for pair in circuit.pairs} <= {(0, 1), (1, 2)}


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("n", [2, 3])
def test_searches_of_every_layout_return_whole_circuits(make: Callable[[], CircuitDiffusion], n: int) -> None:
    target = np.linalg.qr(np.random.default_rng(1).normal(size=(1 << n, 1 << n)))[0].astype(np.complex128)
    circuits = make().search(target, CircuitSpec(max_gates=5), sampling=Sampling(24, 3))
    assert len(circuits) == 24
    assert all(circuit.num_qubits == n and circuit.two_qubit_count <= 5 for circuit in circuits)
    assert all("dcz" not in circuit.gate_names for circuit in circuits)


def test_edits_of_dressed_circuits_keep_gates_and_final_angles() -> None:
    gates = [("dcz", pair, (0.1, 0.2, 0.3, 0.4)) for pair in ((0, 1), (1, 2), (0, 2))]
    circuit = Circuit.from_gates(3, [*gates, *(("u", (q,), (0.5, 0.6, 0.7)) for q in range(3))])
    for found in small_model().edit(circuit, [False, True, False, True, False, False], sampling=Sampling(6, 3)):
        rounded = [(name, qubits, tuple(np.round(params, 5))) for name, qubits, params in found.operations]
        kept = list(Circuit.from_gates(3, gates[1:2]).expand().operations)
        assert any(rounded[i : i + len(kept)] == kept for i in range(len(rounded)))
        assert rounded[-3] == ("u", (0,), (0.5, 0.6, 0.7))
        assert rounded[-2][2] != (0.5, 0.6, 0.7)
        assert found.two_qubit_count <= 3


def test_gate_sets_without_the_gates_of_dressed_cz_are_refused() -> None:
    assert small_model().sample(unitary(), CircuitSpec(gates=("rz", "ry", "cz", "u", "h")), sampling=Sampling(1))
    with pytest.raises(InputError, match="no gate ry is allowed"):
        small_model().sample(unitary(), CircuitSpec(gates=("rz", "cz", "u")))
