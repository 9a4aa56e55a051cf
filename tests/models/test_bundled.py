"""The checkpoints that come with the package."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from circuitdiff import CircuitDiffusion, CircuitSpec, Sampling
from circuitdiff.circuits.coupling import all_to_all
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.layout import Layout
from circuitdiff.errors import InputError
from circuitdiff.evaluation.held_out import held_out, task_for
from circuitdiff.evaluation.papers.circuits import held_out_circuits
from circuitdiff.evaluation.papers.discrete import is_made
from circuitdiff.evaluation.papers.entanglement import rank_vectors
from circuitdiff.evaluation.state_suite import dicke
from circuitdiff.generation.generation import generate, schmidt_ranks_of
from circuitdiff.models.bundled import CONFIG_FILE, bundled_checkpoints, checkpoints_digest, read_card
from circuitdiff.models.checkpoint import DEFAULT_CHECKPOINT, WEIGHTS_FILE
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.stages.diffusion import EarlyDiffusionStage

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


def test_the_model_of_states_proposes_structures_that_make_a_dicke_state() -> None:
    made = generate(CircuitSpec(max_gates=5), state=dicke(4, 2), sampling=Sampling(48))
    assert made.model == "circuitdiff-states"
    assert made.share_correct > 0


def test_the_model_of_four_qubits_solves_most_unitaries_of_five_entanglers_and_knows_that_so_many_suffice() -> None:
    proposer = Models().ansatz_proposer(4)
    assert proposer is not None
    assert proposer.model_name == "circuitdiff-4q"
    circuits = held_out("haar", 5, 6, proposer.model.layout, all_to_all(4), 3)
    problems = [task_for(circuit.circuit().unitary(), all_to_all(4)) for circuit in circuits]
    stage = EarlyDiffusionStage(PRESETS["default"], Models())
    found = [list(stage.run(problem, None, Budget(7.5e9), np.random.default_rng(0))) for problem in problems]
    assert sum(bool(some) and some[-1].count <= 5 for some in found) >= 4  # 6 when it was trained; blindly 1 or 2
    at_most = np.mean([proposer.at_most(problem) for problem in problems], axis=0)
    assert at_most[7] > 0.8
    assert at_most[3] < 0.05


def test_the_model_of_four_qubits_expects_no_short_circuit_of_a_generic_unitary() -> None:
    proposer = Models().ansatz_proposer(4)
    assert proposer is not None
    generic = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 32)).view(complex))[0]
    assert proposer.at_most(task_for(generic, all_to_all(4)))[8] < 0.05


def spec_of(ranks: tuple[int, ...]) -> CircuitSpec:
    return CircuitSpec(schmidt_ranks=ranks)


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Copies of the configurations of the bundled checkpoints, which stand in for them."""
    found = {name: tmp_path / name for name in BUNDLED}
    for name, folder in found.items():
        folder.mkdir()
        (folder / CONFIG_FILE).write_bytes((BUNDLED[name] / CONFIG_FILE).read_bytes())
        (folder / WEIGHTS_FILE).write_bytes(b"weights")
    for module in ("models.bundled", "generation.model_selection", "models.checkpoint"):
        monkeypatch.setattr(f"circuitdiff.{module}.bundled_checkpoints", lambda: found)
    return found


def test_the_digest_of_the_checkpoints_changes_with_each_of_them(copies: dict[str, Path], tmp_path: Path) -> None:
    before = checkpoints_digest()
    assert checkpoints_digest() == before
    (copies["circuitdiff-gates-5q"] / WEIGHTS_FILE).write_bytes(b"others!")
    after = checkpoints_digest()
    assert after != before
    assert checkpoints_digest(str(copies["circuitdiff-gates-3q"])) != after


@pytest.mark.parametrize(("name", "damage"), [(CONFIG_FILE, b"{"), (WEIGHTS_FILE, b"nonsense")])
def test_a_damaged_bundled_checkpoint_is_told_of(copies: dict[str, Path], name: str, damage: bytes) -> None:
    (copies["circuitdiff-gates-5q"] / name).write_bytes(damage)
    models = Models()
    with pytest.raises(InputError, match=f"circuitdiff-gates-5q/{name}"):
        models.gate_model(4, parse_gate_set("h,cx"))
    with pytest.raises(InputError, match=f"circuitdiff-gates-5q/{name}"):
        models.gate_sequence_proposer(4)
