"""Sources of structures: the model under constraints, and blind draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.errors import InputError
from circuitdiff.numerics.ansatz import EntanglerSequence
from circuitdiff.synthesis.models import load_ansatz_model
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.proposers import MODEL_ANGLE_STEPS, AnsatzProposer, UniformProposer, random_sequence
from tests.planted import task_of
from tests.small_models import SMALL, small_model
from tests.strategies import haar

MODEL = AnsatzProposer(small_model())
COUPLINGS = st.sampled_from(["all", "line", "ring", "0-2,1-2"])


def longest_run(pairs: EntanglerSequence) -> int:
    run = best = 0
    for index, pair in enumerate(pairs):
        run = run + 1 if index and pairs[index - 1] == pair else 1
        best = max(best, run)
    return best


def haar_task(coupling: str = "all", num_qubits: int = 3, lower_bound: int = 0) -> SynthesisProblem:
    return replace(task_of(haar(num_qubits, 0), coupling), lower_bound=lower_bound)


@given(COUPLINGS, st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_blind_draws_a_structure_of_the_length_on_the_coupling_map(coupling: str, length: int, seed: int) -> None:
    problem = haar_task(coupling)
    pairs = random_sequence(problem, length, np.random.default_rng(seed))
    assert len(pairs) == length
    assert problem.coupling.allows(pairs)
    assert longest_run(pairs) <= 3


def test_blind_repeats_the_only_coupling_there_is() -> None:
    assert random_sequence(haar_task(num_qubits=2), 5, np.random.default_rng(0)) == ((0, 1),) * 5


@given(COUPLINGS, st.integers(0, 4), st.integers(0, 6), st.booleans(), st.booleans(), st.integers(0, 2**32 - 1))
def test_blind_source_respects_coupling_and_lengths(
    coupling: str, lowest: int, more: int, longest_only: bool, broad: bool, seed: int
) -> None:
    problem, longest = haar_task(coupling, lower_bound=lowest), lowest + more
    source = UniformProposer("random", longest_only=longest_only)
    drawn = source.sequences(problem, longest, 20, np.random.default_rng(seed), broad=broad)
    assert 1 <= len(drawn) <= 20
    assert len(set(drawn)) == len(drawn)
    assert all(problem.coupling.allows(pairs) for pairs in drawn)
    assert {len(pairs) for pairs in drawn} <= set(range(longest if longest_only else lowest, longest + 1))


def test_blind_source_has_no_informed_starts() -> None:
    assert UniformProposer("search").starts(haar_task(), [((0, 1),)], np.random.default_rng(0)) == []


@pytest.mark.parametrize("broad", [False, True])
@pytest.mark.parametrize("coupling", ["all", "line", "0-2,1-2"])
@pytest.mark.parametrize(("lowest", "longest"), [(0, 3), (2, 4), (3, 3), (0, 40), (7, 40)])
def test_model_source_respects_coupling_and_lengths(coupling: str, lowest: int, longest: int, broad: bool) -> None:
    problem = haar_task(coupling, lower_bound=lowest)
    proposed = MODEL.sequences(problem, longest, 12, np.random.default_rng(0), broad=broad)
    assert proposed
    assert len(set(proposed)) == len(proposed)
    most = min(longest, SMALL.max_gates)
    for pairs in proposed:
        assert problem.coupling.allows(pairs)
        assert min(lowest, most) <= len(pairs) <= most


@pytest.mark.parametrize("broad", [False, True])
def test_model_source_leaves_the_idle_qubit_of_a_smaller_target_alone(broad: bool) -> None:
    proposed = MODEL.sequences(haar_task(num_qubits=2), 4, 12, np.random.default_rng(0), broad=broad)
    assert {pair for pairs in proposed for pair in pairs} == {(0, 1)}


def test_model_source_is_the_same_for_equal_generators() -> None:
    first, second = (MODEL.sequences(haar_task(), 5, 8, np.random.default_rng(3), broad=False) for _ in range(2))
    assert first == second


def test_model_source_starts_are_the_models_circuits() -> None:
    """Angles come in the order of the model's own gate, beta before gamma, and leave in that of a ansatz structure."""
    problem = haar_task()
    structures = [((0, 1), (1, 2), (0, 1)), ((0, 2),), ()]
    starts = MODEL.starts(problem, structures, np.random.default_rng(5))
    assert [start.pairs for start in starts] == structures
    generator_seed = int(np.random.default_rng(5).integers(2**62))
    draws = raw_angles(problem, structures, generator_seed)
    for start, theta in zip(starts, draws, strict=True):
        gates = [("dcz", pair, theta[4 * k : 4 * k + 4]) for k, pair in enumerate(start.pairs)]
        closing = theta[4 * len(start.pairs) :].reshape(3, 3)
        model_circuit = Circuit.from_gates(3, [*gates, *(("u", (q,), closing[q]) for q in range(3))])
        assert infidelity(model_circuit.unitary(), start.circuit().unitary()) < 1e-13


def raw_angles(problem: SynthesisProblem, structures: list[EntanglerSequence], seed: int) -> list[np.ndarray]:
    """The angles that the model itself gives, in its order."""
    generator = torch.Generator().manual_seed(seed)
    return [
        draws[0] for draws in MODEL.model.propose_angles(problem.target, structures, 1, MODEL_ANGLE_STEPS, generator)
    ]


def test_model_source_has_starts_for_its_own_form_alone() -> None:
    rng = np.random.default_rng(0)
    assert MODEL.starts(task_of(haar(3, 0), entangler="rzz"), [((0, 1),)], rng) == []
    assert MODEL.starts(haar_task(num_qubits=2), [((0, 1),)], rng) == []
    assert MODEL.starts(haar_task(), [], rng) == []


def test_a_model_that_never_learned_angles_has_no_starts() -> None:
    model, rng = small_model(), np.random.default_rng(0)
    assert AnsatzProposer(model).starts(haar_task(), [((0, 1),)], rng)
    model.model.forget_angles()
    assert AnsatzProposer(model).starts(haar_task(), [((0, 1),)], rng) == []


def test_load_model_names_a_checkpoint_that_there_is_not() -> None:
    with pytest.raises(InputError, match="no-such-model"):
        load_ansatz_model("no-such-model", "cpu")
