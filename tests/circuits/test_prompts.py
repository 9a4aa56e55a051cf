from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.entanglement import possible_ranks
from circuitdiff.circuits.gates import GATES
from circuitdiff.circuits.prompts import Wish, checked, merge, parse, phrase
from circuitdiff.errors import InputError

NAMES = tuple(name for name in GATES if name != "dcz")
RANKS = st.lists(st.sampled_from((1, 2)), min_size=2, max_size=8).map(tuple).filter(possible_ranks)
COUNTS = st.integers(0, 64)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    ranks = draw(st.none() | RANKS)
    chosen = draw(st.none() | st.sets(st.sampled_from(NAMES), min_size=1).map(lambda names: names | {"h", "cx"}))
    return checked(
        Wish(
            num_qubits=draw(st.none() | st.integers(1, 10)) if ranks is None else None,
            srv=ranks,
            gates=None if chosen is None else tuple(name for name in NAMES if name in chosen),
            coupling=draw(st.sampled_from((None, "line", "ring", "all", "0-1,1-2"))),
            max_gates=draw(st.none() | COUNTS),
            max_two_qubit=draw(st.none() | COUNTS),
        )
    )


@given(wishes(), st.integers(0, 2**32))
def test_words_are_read_back(wish: Wish, seed: int) -> None:
    assert parse(phrase(wish, np.random.default_rng(seed))) == wish


def test_there_are_many_ways_to_say_it() -> None:
    wish = checked(Wish(srv=(2, 1, 2), gates=("h", "cx"), max_gates=6))
    assert len({phrase(wish, np.random.default_rng(seed)) for seed in range(100)}) > 50


@pytest.mark.parametrize(
    ("prompt", "wish"),
    [
        (
            "3 qubits, SRV [2,1,2], only h and cx, on a line, at most 6 gates",
            Wish(3, (2, 1, 2), ("h", "cx"), "line", 6),
        ),
        ("Generate SRV: [2, 2, 1]", Wish(3, (2, 2, 1))),
        (
            "Please make a three-qubit circuit of Hadamard and CNOT gates with at most 3 CNOTs!",
            Wish(3, None, ("h", "cx"), None, None, 3),
        ),
        ("5 qubits, couplings 0-1, 1-2, 2-3", Wish(5, coupling="0-1,1-2,2-3")),
        ("srv 2, 1, 2, 3 qubits", Wish(3, (2, 1, 2))),
        ("Schmidt-rank vector of (2 2)", Wish(2, (2, 2))),
        ("a state whose Schmidt ranks are [2, 2]", Wish(2, (2, 2))),
        ("fewer than six gates, 3 two-qubit gates or less", Wish(max_gates=5, max_two_qubit=3)),
        ("4 qubits arranged in a row, H, CX and no other gates", Wish(4, None, ("h", "cx"), "line")),
        (
            "Prepare a 5-qubit state with entanglement [2,1,2,1,2], neighbouring qubits only, within 8 operations",
            Wish(5, (2, 1, 2, 1, 2), None, "line", 8),
        ),
        ("4 qubits [2,2,1,1]", Wish(4, (2, 2, 1, 1))),
        ("SRV 2212, max 9 gates", Wish(4, (2, 2, 1, 2), max_gates=9)),
        ("Schmidt ranks two, one, two", Wish(3, (2, 1, 2))),
        ("entangle qubits 1 and 3 of five", Wish(5, (1, 2, 1, 2, 1))),
        ("q0 to q2 entangled, the remaining two idle", Wish(5, (2, 2, 2, 1, 1))),
        ("Nothing is entangled apart from the first two qubits, 4 qubits", Wish(4, (2, 2, 1, 1))),
        ("n=6, the second and fourth qubits entangled", Wish(6, (1, 2, 1, 2, 1, 1))),
        ("A GHZ-like state of four qubits", Wish(4, (2, 2, 2, 2))),
        ("6 qubits, entangle all but the last", Wish(6, (2, 2, 2, 2, 2, 1))),
        ("3 qubits, none of them entangled", Wish(3, (1, 1, 1))),
        ("the middle two of 4 qubits form a Bell pair", Wish(4, (1, 2, 2, 1))),
        ("{0,1}, {1,2}: the couplings; qubits 0 and 1 entangled", Wish(3, (2, 2, 1), coupling="0-1,1-2")),
        ("a line 0-1-2, all entangled", Wish(3, (2, 2, 2), coupling="0-1,1-2")),
        ("2 qubits, max 6 gates and 2 cnots", Wish(2, max_gates=6, max_two_qubit=2)),
        ("5 qubits, CNOT count below 4; gate limit: 7", Wish(5, max_gates=7, max_two_qubit=3)),
    ],
)
def test_what_users_write_is_understood(prompt: str, wish: Wish) -> None:
    assert parse(prompt) == wish


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("a circuit that flies", "'flies'"),
        ("3 qubits, not swap", "'not'"),
        ("3 qubits with dcz", "'dcz'"),
        ("only two-qubit gates", "'two-qubit'"),
        ("3 qubits " * 1000, "at most 2000 characters, not 9000"),
        (f"SRV {[2] * 300}", "not for 300 Schmidt ranks"),
        ("2 qubits, SRV [2,1,2]", "3 Schmidt ranks [2, 1, 2] are asked of 2 qubits"),
        ("SRV [1,2,1]", "a single qubit cannot be entangled"),
        ("SRV [2,3]", "1 or 2, not [2, 3]"),
        ("4 qubits, on 5 qubits", "num_qubits 4 and 5"),
        ("on a line, on a ring", "coupling line and ring"),
        ("12 qubits", "1 to 10 qubits, not 12"),
        ("at most 99999999999999999999 gates", "0 to 64 gates"),
        ("entangle qubits 0 and 1", "not how many qubits there are"),
        ("4 qubits, entangle 1 and 4", "names qubit 4 of 4, which are 0 to 3"),
        ("3 qubits, qubit 1 separable", "1 of 3 qubits"),
        ("a 5-qubit W state", "'w'"),
        ("a 4-qubit entangled state", "not clear which qubits"),
        ("4 qubits, entangle 0 with 1 and 2 with 3", "not clear which qubits"),
        ("4 qubits, three Bell pairs: 0-1 and 2-3", "three Bell pairs, and names 2"),
        ("5 qubits, Bell pairs 0-1 and 1-2", "share a qubit"),
        ("4 qubits, all entangled, gates: cx", "gates cx alone, which entangle nothing"),
        ("5 qubits, entangle every other qubit", "not clear which qubits"),
        ("4 qubits, not all entangled", "not clear which qubits"),
        ("4 qubits, 0 and 1 entangled, 1 and 2 separable", "not clear which qubits"),
        ("srv [2,2,1], all entangled", "[2, 2, 1] and [2, 2, 2]"),
        ("6 qubits, three entangled qubits: 0 and 1", "3 entangled qubits"),
        ("6 qubits, entangle 0 and 1, the remaining three separable", "remaining three, but 4 of 6"),
        ("4 qubits, all entangled, at least 5 gates", "not understood"),
        ("4 qubits, all entangled, exactly 5 gates", "not understood"),
        ("4 qubits, all entangled, without swap", "'without'"),
    ],
)
def test_what_cannot_be_is_refused(prompt: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse(prompt)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_options_add_to_a_prompt_and_may_not_contradict_it() -> None:
    said = parse("3 qubits, only h and cx")
    assert merge(said, Wish(max_gates=4)) == Wish(3, None, ("h", "cx"), None, 4)
    assert merge(said, Wish(gates=("cx", "h"))).gates is not None
    with pytest.raises(InputError, match=r"num_qubits 3, the options for 4"):
        merge(said, Wish(num_qubits=4))
    with pytest.raises(InputError, match="2 Schmidt ranks"):
        merge(said, Wish(srv=(2, 2)))
