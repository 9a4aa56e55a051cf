"""Models that are shown states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from circuitdiff import CircuitSpec, Sampling
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.generation.generation import generate
from circuitdiff.generation.model_selection import ansatz_checkpoint
from circuitdiff.models.config import STATE, UNITARY
from circuitdiff.synthesis.problem import SynthesisProblem
from circuitdiff.synthesis.stages.proposers import AnsatzProposer
from circuitdiff.training import PRESETS
from tests.small_models import small_model

SMALL_STATES = replace(PRESETS["states-tiny"].model, width=16, decoder_layers=1, stem_width=16)
GHZ = np.array([1, 0, 0, 0, 0, 0, 0, 1]) / 2**0.5 + 0j


def test_samples_stay_on_the_register_the_couplings_and_within_the_bounds() -> None:
    circuits = small_model(SMALL_STATES).sample(
        None, CircuitSpec(coupling="line", max_gates=3), state=GHZ, sampling=Sampling(6, 4)
    )
    assert len(circuits) == 6
    for circuit in circuits:
        assert circuit.num_qubits == 3
        assert circuit.two_qubit_count <= 3
        assert circuit.pairs <= {(0, 1), (1, 2)}


def test_proposals_for_a_smaller_register_leave_the_absent_qubits_alone() -> None:
    model = small_model(SMALL_STATES)
    found = model.propose(GHZ, min_gates=1, sampling=Sampling(24, sampler="gates"))
    assert {qubit for pairs, _ in found for pair in pairs for qubit in pair} <= {0, 1, 2}
    assert model.entangler_counts(np.stack([GHZ, np.eye(8)[0]])).shape == (2, SMALL_STATES.max_gates + 1)


def test_what_a_model_does_not_take_is_refused() -> None:
    model = small_model(SMALL_STATES)
    with pytest.raises(InputError, match="takes no unitary; it takes state"):
        model.sample(np.eye(8), sampling=Sampling(1))
    with pytest.raises(InputError, match="states of up to 16 amplitudes"):
        model.propose(np.eye(8))
    with pytest.raises(InputError, match="states of up to 16 amplitudes"):
        model.propose(np.eye(32)[0])
    with pytest.raises(InputError, match="takes no state; it takes unitary"):
        small_model().sample(None, state=GHZ, sampling=Sampling(1))
    with pytest.raises(InputError, match="given alone, and not searched"):
        generate(CircuitSpec(), state=GHZ, search=True, model=model)


def test_generated_circuits_have_angles_that_make_the_state() -> None:
    made = generate(CircuitSpec(), state=GHZ, model=small_model(SMALL_STATES), sampling=Sampling(24, seed=1))
    assert made.share_correct > 0
    best = made.samples[0]
    assert best.correct
    assert abs(np.vdot(GHZ, best.circuit.columns(1)[:, 0])) == pytest.approx(1, abs=1e-6)


def test_a_proposer_of_states_knows_how_many_entanglers_but_no_angles() -> None:
    problem = SynthesisProblem(GHZ[:, None], parse_coupling("line", 3), "cz", 1e-10, 2)
    proposer, rng = AnsatzProposer(small_model(SMALL_STATES)), np.random.default_rng(0)
    sequences = proposer.sequences(problem, 4, 16, rng, broad=False)
    assert sequences
    assert all(2 <= len(pairs) <= 4 and set(pairs) <= {(0, 1), (1, 2)} for pairs in sequences)
    assert proposer.starts(problem, sequences, rng) == []
    chances = proposer.at_most(problem)
    assert chances.shape == (proposer.model.layout.max_gates,)
    assert chances[0] >= 0
    assert chances[-1] <= 1 + 1e-6
    assert (np.diff(chances) >= 0).all()
    assert proposer.at_most(replace(problem, entangler="rzz")).size == 0


def test_bundled_models_of_states_cover_registers_up_to_theirs() -> None:
    assert ansatz_checkpoint(6, STATE) == "circuitdiff-states"
    assert ansatz_checkpoint(11, STATE) is None
    assert [ansatz_checkpoint(n, UNITARY) for n in (2, 3, 4)] == ["circuitdiff-3q-small"] * 2 + ["circuitdiff-4q"]
    assert ansatz_checkpoint(6, UNITARY) is None
