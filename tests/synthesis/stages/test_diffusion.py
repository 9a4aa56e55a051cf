"""The diffusion stage for states."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.numerics.multi_start import Budget
from circuitdiff.synthesis.models import Models
from circuitdiff.synthesis.pipeline import PRESETS
from circuitdiff.synthesis.problem import Candidate, SynthesisProblem
from circuitdiff.synthesis.stages.diffusion import DiffusionStage
from tests.generation.test_states import SMALL_STATES
from tests.small_models import small_model


def candidate(count: int) -> Candidate:
    return Candidate(Circuit.from_gates(4, [("cz", (0, 1), ())] * count), 0.0, "test")


def problem_of(columns: np.ndarray) -> SynthesisProblem:
    return SynthesisProblem(columns.astype(complex), parse_coupling("all", 4), "cz", 1e-10, 3)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("models") / "states"
    small_model(SMALL_STATES).save_pretrained(folder)
    return Models(str(folder))


def test_structures_for_a_state_are_instantiated_and_credited_to_the_model(models: Models) -> None:
    ghz = problem_of(np.eye(16)[:, [0, 15]].sum(1, keepdims=True) / 2**0.5)
    stage, rng = DiffusionStage(PRESETS["default"], models), np.random.default_rng(0)
    found = list(stage.run(ghz, candidate(5), Budget(2e9), rng))
    assert found
    assert found[-1].count < 5
    assert (found[-1].source, found[-1].model) == ("diffusion", "states")
    assert infidelity(ghz.target, found[-1].circuit.columns(1)) <= ghz.tol


def test_isometries_are_not_asked_about(models: Models) -> None:
    stage = DiffusionStage(PRESETS["default"], models)
    assert list(stage.run(problem_of(np.eye(16)[:, :2]), candidate(5), Budget(1e9), np.random.default_rng(0))) == []
    assert stage.stats.tried == 0


def test_a_model_of_states_is_refused_for_unitaries_and_taken_for_states(models: Models) -> None:
    from circuitdiff.errors import InputError

    models.check_named()
    with pytest.raises(InputError, match="is of states"):
        models.ansatz_proposer(3)
    assert models.state_proposer(5) is None
