"""Placed gates and their tokens."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.vocabulary import MASK, NUM_SPECIAL, PAD, Vocabulary
from tests.strategies import QISKIT_GATES

VOCABULARIES = st.builds(
    Vocabulary,
    st.lists(st.sampled_from(list(GATES)), min_size=1, unique=True).map(tuple),
    st.integers(3, 4),
)


@given(VOCABULARIES)
def test_vocabulary_tokens_and_placed_gates_are_one_to_one(vocabulary: Vocabulary) -> None:
    tokens = [vocabulary.index(name, qubits) for name, qubits in vocabulary.placed]
    assert tokens == list(range(NUM_SPECIAL, len(vocabulary)))
    assert {PAD, MASK}.isdisjoint(tokens)


@given(VOCABULARIES)
def test_vocabulary_has_every_placement_of_its_gates(vocabulary: Vocabulary) -> None:
    for name in vocabulary.gate_names:
        for qubits in permutations(range(vocabulary.num_qubits), GATES[name].num_qubits):
            token = vocabulary.index(name, qubits)
            assert token is not None
            placed_name, placed_qubits = vocabulary.placed[token - NUM_SPECIAL]
            assert (placed_name, set(placed_qubits)) == (name, set(qubits))


@pytest.mark.parametrize("name", [name for name in QISKIT_GATES if GATES[name].num_qubits > 1])
def test_vocabulary_gives_two_orders_one_token_exactly_when_they_mean_the_same(name: str) -> None:
    vocabulary = Vocabulary((name,), 3)
    angles = (0.7,) * GATES[name].num_params
    size = GATES[name].num_qubits
    for qubits in permutations(range(3), size):
        for others in permutations(qubits):
            ours, theirs = (Circuit.from_gates(3, [(name, q, angles)]).unitary() for q in (qubits, others))
            same_token = vocabulary.index(name, qubits) == vocabulary.index(name, others)
            assert same_token == np.allclose(ours, theirs)


def test_vocabulary_index_of_what_it_lacks_is_none() -> None:
    vocabulary = Vocabulary(("cx", "h"), 2)
    assert vocabulary.index("h", (2,)) is None
    assert vocabulary.index("cz", (0, 1)) is None
    assert vocabulary.index("cx", (0, 2)) is None


def test_vocabulary_leaves_out_gates_that_do_not_fit() -> None:
    assert Vocabulary(("ccx", "h"), 2).placed == (("h", (0,)), ("h", (1,)))


@given(VOCABULARIES, st.sampled_from(["all", "line", "ring"]), st.data())
def test_vocabulary_mask_permits_exactly_what_gate_set_and_coupling_do(
    vocabulary: Vocabulary, text: str, data: st.DataObject
) -> None:
    names = data.draw(st.none() | st.sets(st.sampled_from(vocabulary.gate_names)))
    coupling = parse_coupling(text, vocabulary.num_qubits)
    mask = vocabulary.allowed(names, coupling)
    assert mask.shape == (len(vocabulary),)
    assert mask[PAD]
    assert not mask[MASK]
    for token, (name, qubits) in enumerate(vocabulary.placed, start=NUM_SPECIAL):
        angles = (0.0,) * GATES[name].num_params
        placed = Circuit.from_gates(vocabulary.num_qubits, [(name, qubits, angles)])
        assert mask[token] == ((names is None or name in names) and coupling.allows(placed.pairs))


def test_vocabulary_mask_without_constraints_permits_every_gate() -> None:
    vocabulary = Vocabulary(("cx", "u", "ccx"), 3)
    assert vocabulary.allowed().tolist() == [True, False] + [True] * len(vocabulary.placed)
