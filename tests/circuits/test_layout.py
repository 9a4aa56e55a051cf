"""General circuits as sequences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.vocabulary import MASK, NUM_SPECIAL, PAD
from circuitdiff.errors import InputError

GATES_USED = ("h", "cx", "ccx", "swap", "rx", "cp")
LAYOUT = Layout(4, GATES_USED, 8)
NAMES = st.sets(st.sampled_from(GATES_USED))
PAIRS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] != pair[1]))


@given(st.integers(1, 4), st.none() | NAMES, st.none() | PAIRS, NAMES, st.sets(st.integers(0, 3)), PAIRS)
def test_permitted_gates_are_those_that_break_no_rule(
    num_qubits: int,
    gates: set[str] | None,
    pairs: set[tuple[int, int]] | None,
    no_gates: set[str],
    no_qubits: set[int],
    no_pairs: set[tuple[int, int]],
) -> None:
    mask = LAYOUT.permitted(num_qubits, gates, pairs, no_gates, no_qubits, no_pairs)
    assert not mask[PAD]
    assert not mask[MASK]
    for token, (name, qubits) in enumerate(LAYOUT.vocabulary.placed, start=NUM_SPECIAL):
        coupled = [(a, b) for a in qubits for b in qubits if a < b]
        either = [{pair, pair[::-1]} for pair in coupled]
        assert mask[token] == (
            max(qubits) < num_qubits
            and (gates is None or name in gates)
            and name not in no_gates
            and not no_qubits & set(qubits)
            and (pairs is None or all(both & pairs for both in either))
            and not any(both & no_pairs for both in either)
        )


def test_every_placement_has_slots_of_its_own() -> None:
    seen = {(name, tuple(row)) for (name, _), row in zip(LAYOUT.vocabulary.placed, LAYOUT.slots.tolist(), strict=True)}
    assert len(seen) == len(LAYOUT.vocabulary.placed)
    assert LAYOUT.slots.sum(1).tolist() == [GATES[name].num_qubits for name, _ in LAYOUT.vocabulary.placed]


def test_gates_unknown_or_of_longer_periods_are_refused() -> None:
    with pytest.raises(InputError, match="period above 2 pi"):
        Layout(2, ("h", "crx"), 4)
    with pytest.raises(InputError, match="unknown gate 'hadamard'"):
        Layout(2, ("hadamard",), 4)
    with pytest.raises(InputError, match="the model has no gate t;"):
        LAYOUT.permitted(gates=["h", "t"])
