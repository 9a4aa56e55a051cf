"""Commuting gates, and the one order of them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.commutation import commuting, inverse_tokens, normal_order
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.tensors import decode
from circuitdiff.circuits.vocabulary import MASK, NUM_SPECIAL, PAD, Vocabulary

VOCABULARY = Vocabulary(("h", "x", "z", "t", "tdg", "s", "cx", "ccx", "swap", "rx", "rz", "cp"), 3)
TABLE = commuting(VOCABULARY)
TOKENS = st.integers(NUM_SPECIAL, len(VOCABULARY) - 1)
SEQUENCES = st.lists(TOKENS, min_size=1, max_size=10)


def circuit(tokens: list[int], angle: float = 0.9) -> Circuit:
    params = torch.full((1, len(tokens), 4), angle, dtype=torch.float64)
    return decode(torch.tensor([tokens]), params, VOCABULARY)[0]


@settings(max_examples=60, deadline=None)
@given(TOKENS, TOKENS)
def test_tokens_commute_exactly_when_their_unitaries_do_up_to_phase(first: int, second: int) -> None:
    one, other = (circuit(order).unitary() for order in ([first, second], [second, first]))
    assert TABLE[first, second] == (first != second and infidelity(one, other) < 1e-9)


def test_padding_commutes_with_everything_and_masks_with_nothing() -> None:
    assert bool(TABLE[PAD].all())
    assert not bool(TABLE[MASK, NUM_SPECIAL:].any())


@settings(max_examples=40, deadline=None)
@given(SEQUENCES, st.randoms(use_true_random=False))
def test_the_normal_form_is_one_for_all_orders_of_commuting_gates(tokens: list[int], random: object) -> None:
    shuffled = list(tokens)
    for _ in range(40):
        place = random.randrange(len(tokens))  # type: ignore[attr-defined]
        pair = shuffled[place : place + 2]
        if len(pair) == 2 and TABLE[pair[0], pair[1]]:
            shuffled[place : place + 2] = pair[::-1]
    both = torch.tensor([tokens, shuffled])
    ordered = torch.gather(both, 1, normal_order(both, TABLE))
    assert torch.equal(ordered[0], ordered[1])
    np.testing.assert_allclose(
        infidelity(circuit(tokens).unitary(), circuit(ordered[0].tolist()).unitary()), 0, atol=1e-9
    )


def test_the_normal_form_puts_padding_last() -> None:
    tokens = torch.tensor([[PAD, 5, PAD, 2]])
    assert torch.gather(tokens, 1, normal_order(tokens, TABLE)).tolist()[0][2:] == [PAD, PAD]


def test_inverse_tokens_cancel_or_turn_back() -> None:
    inverses = inverse_tokens(VOCABULARY)
    for token, (name, _) in enumerate(VOCABULARY.placed, start=NUM_SPECIAL):
        inverse = int(inverses[token])
        if inverse == PAD:
            assert name == "s"
            continue
        first, second = circuit([token], 0.4), circuit([inverse], -0.4)
        assert infidelity((second.unitary() @ first.unitary()), np.eye(8)) < 1e-12
        assert GATES[name].num_params == 0 or inverse == token
