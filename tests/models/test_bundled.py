"""The checkpoints that come with the package."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from circuitdiff import CircuitDiffusion, CircuitSpec, Sampling
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.layout import Layout
from circuitdiff.evaluation.held_out import held_out
from circuitdiff.evaluation.papers.circuits import held_out_circuits
from circuitdiff.evaluation.papers.discrete import is_made
from circuitdiff.evaluation.papers.entanglement import rank_vectors
from circuitdiff.generation.generation import schmidt_ranks_of
from circuitdiff.models.bundled import bundled_checkpoints, read_card
from circuitdiff.models.checkpoint import DEFAULT_CHECKPOINT, WEIGHTS_FILE

BUNDLED = bundled_checkpoints()
DISCRETE = ("h", "cx", "z", "x", "ccx", "swap")


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_checkpoint_loads_and_is_what_its_card_says(name: str) -> None:
    weights = BUNDLED[name] / WEIGHTS_FILE
    card = read_card(BUNDLED[name])
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == card["sha256"]
    assert weights.stat().st_size <= 16 << 20
    model = CircuitDiffusion.from_pretrained(name)
    assert model.name == name
    assert model.model.num_parameters() == card["parameters"]
    assert str(card["sha256"]) in (BUNDLED[name] / "README.md").read_text()


def test_bundled_checkpoints_are_small_together() -> None:
    assert sum((folder / WEIGHTS_FILE).stat().st_size for folder in BUNDLED.values()) <= 40 << 20


def test_the_default_checkpoint_knows_how_many_entanglers_held_out_unitaries_take() -> None:
    model = CircuitDiffusion.from_pretrained(DEFAULT_CHECKPOINT)
    likeliest = Sampling(1, sampler="beam")
    circuits = held_out("haar", 3, 16, model.layout, all_to_all(3), 0)
    right = [len(model.propose(each.circuit().unitary(), sampling=likeliest)[0][0]) == 3 for each in circuits]
    assert sum(right) >= 11  # 15 when it was trained; of lengths drawn blindly one in thirteen


@pytest.mark.parametrize(("name", "num_qubits"), [("circuitdiff-gates-3q", 3), ("circuitdiff-gates-5q", 4)])
def test_models_of_gate_sequences_make_most_held_out_unitaries(name: str, num_qubits: int) -> None:
    model = CircuitDiffusion.from_pretrained(name)
    spec = CircuitSpec(gates=DISCRETE, max_gates=10)
    targets = [circuit.unitary() for circuit in held_out_circuits(Layout(num_qubits, DISCRETE, 10), 12, 5)]
    made = [is_made(target, model.search(target, spec, sampling=Sampling(48))) for target in targets]
    assert sum(made) >= 8  # 12 when they were trained


@pytest.mark.parametrize("seed", [1, 2])
def test_the_model_of_entanglement_gives_most_samples_the_ranks_asked_for(seed: int) -> None:
    model = CircuitDiffusion.from_pretrained("circuitdiff-entanglement")
    asked = rank_vectors((4, 5, 6), 6, seed)
    how = Sampling(32, seed=seed)
    right = [schmidt_ranks_of(c) == ranks for ranks in asked for c in model.sample(spec=spec_of(ranks), sampling=how)]
    assert np.mean(right) >= 0.85  # above .99 when it was trained


def spec_of(ranks: tuple[int, ...]) -> CircuitSpec:
    return CircuitSpec(schmidt_ranks=ranks)
