from __future__ import annotations

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.gates import GATES
from circuitdiff.models.text import MAX_WORDS, UNKNOWN_WORD, VOCABULARY, TextEncoder, text_config, tokenize
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import render_prompt
from tests.spec.test_prompts import specs

UNKNOWN = VOCABULARY.index(UNKNOWN_WORD)


@settings(max_examples=50, deadline=None)
@given(specs(), st.integers(0, 2**32))
def test_every_phrase_is_made_of_known_words(spec: CircuitSpec, seed: int) -> None:
    assume(set(spec.gates or ()) <= set(VOCABULARY))
    words, present = tokenize([render_prompt(spec, np.random.default_rng(seed))])
    assert present.all()
    assert not (words == UNKNOWN).any()
    assert words.shape[1] <= MAX_WORDS


def test_gates_of_the_library_are_known_or_one_unknown_word_each() -> None:
    names = [name for name in GATES if name != "dcz"]
    words, _ = tokenize([" ".join(names)])
    known = [VOCABULARY.index(name) if name in VOCABULARY else UNKNOWN for name in names]
    assert words[0, 1:-1].tolist() == known
    assert len(VOCABULARY) == 153  # of the bundled checkpoints, whatever comes to the library


def test_other_words_are_unknown_and_case_does_not_matter() -> None:
    words, present = tokenize(["SRV [2, 1, 2]", "srv [2,1,2] hello", ""])
    assert words[0, : present[0].sum() - 1].tolist() == words[1, : present[1].sum() - 2].tolist()
    assert (words == UNKNOWN).sum() == 1
    assert present.sum(1).tolist() == [10, 11, 2]


def test_absent_words_do_not_change_what_is_read() -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(text_config(32, 1)).eval()
    alone, with_longer = (
        tokenize(["srv [2, 2]"]),
        tokenize(["srv [2, 2]", "on a line, at most 6 gates, 3 qubits, only h"]),
    )
    length = alone[0].shape[1]
    assert torch.allclose(encoder(*alone)[0], encoder(*with_longer)[0, :length], atol=1e-5)
    assert encoder(alone[0], torch.zeros_like(alone[1])).isfinite().all()
