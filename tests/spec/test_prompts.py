from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.features.entanglement import possible_ranks
from circuitdiff.spec.prompt_words import everyday, spelled
from circuitdiff.spec.prompts import Wish, checked, merge, parse, phrase

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
        ("a 5-qubit GHZ state, 14 gates, 6 CX are the ceilings", Wish(5, (2,) * 5, None, None, 14, 6)),
        ("bell(0,2), 4 qubits, rest |0>, #cx ≤ 2", Wish(4, (2, 1, 2, 1), None, None, None, 2)),
        ("SRV (q2,q1,q0) = (1,2,2); LNN; g<=9", Wish(3, (2, 2, 1), None, "line", 9)),
        ("ranks for qubits 0 through 2: two, one, two", Wish(3, (2, 1, 2))),
        ("ranks (q3 down to q0): 1 2 2 2, twelve gates is my limit", Wish(4, (2, 2, 2, 1), None, None, 12)),
        ("Schmidt ranks: q0=2, q1=1, q2=2", Wish(3, (2, 1, 2))),
        ("all entangled but qubit 2, 5 wires, max six 2q gates", Wish(5, (2, 2, 1, 2, 2), None, None, None, 6)),
        ("no entanglement except between 1 and 3; 5 qubits", Wish(5, (1, 2, 1, 2, 1))),
        ("first half of a 4 qubit register entangled, second half not", Wish(4, (2, 2, 1, 1))),
        ("odd qubits entangled (1, 3), even ones separable; 5 qubits", Wish(5, (1, 2, 1, 2, 1))),
        ("4 qubits, 0 and 1 entangled, the rest (2 and 3) left alone", Wish(4, (2, 2, 1, 1))),
        ("4 qubits; 1, 2 entangled, 0 and 3 shouldn't", Wish(4, (1, 2, 2, 1))),
        ("a 3-qubit GHZ on 4, 5, 6 of a seven qubit ring", Wish(7, (1, 1, 1, 1, 2, 2, 2), None, "ring")),
        ("3 qubits, nothing but Hadamards and CNOTs", Wish(3, None, ("h", "cx"))),
        ("star with hub 0 and leaves 1..3, all 4 qubits entangled", Wish(4, (2,) * 4, None, "0-1,0-2,0-3")),
        ("4 qubits, two CNOTs and six gates at most", Wish(4, max_gates=6, max_two_qubit=2)),
        ("4 qubits, at most 6 gates of which no more than two act on two qubits", Wish(4, None, None, None, 6, 2)),
        ("4 qubits; CNOTs are costly: no more than 3 of them", Wish(4, max_two_qubit=3)),
        ("5 qubits, at most a dozen gates, ring topolgy, all entangeled", Wish(5, (2,) * 5, None, "ring", 12)),
        ("3 qubits: qubit 0 is separable, the other two are not", Wish(3, (1, 2, 2))),
        ("qubit 5 is not entangled but the others are, 6 qubits", Wish(6, (2, 2, 2, 2, 2, 1))),
        ("6 qubits, the inner qubits entangled", Wish(6, (1, 2, 2, 2, 2, 1))),
        ("6 qubits, the two inner qubits entangled", Wish(6, (1, 1, 2, 2, 1, 1))),
        (
            "a cat state on a 5-ring, two-qubit gates are slow: six is the limit",
            Wish(5, (2,) * 5, None, "ring", None, 6),
        ),
        ("Schmidt ranks: q0 -> 2, q1 -> 2, q2 -> 1", Wish(3, (2, 2, 1))),
        ("qubits 0-3 inclusive entangled, 4 idle", Wish(5, (2, 2, 2, 2, 1))),
        ("a star, qubit 1 in the centre, 4 qubits, all entangled", Wish(4, (2,) * 4, None, "1-0,1-2,1-3")),
        ("the only unentangled qubit is q2, 4 qubits", Wish(4, (2, 2, 1, 2))),
        (
            "4 qubits, Bell pairs (0,3) and (1,2)",
            Wish(4, (2, 2, 2, 2), partners=((0, 3), (1, 2))),
        ),
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
        ("4 qubits, all entangled, using 5 gates", "not understood"),
        ("4 qubits, all entangled, more than 5 gates", "not understood"),
        ("4 qubits, all entangled, between 3 and 5 gates", "not clear which qubits"),
        ("4 qubits, all entangled, at most 5 gates per qubit", "not understood"),
        ("4 qubits, all entangled, depth at most 3", "not clear which qubits"),
        ("4-qubit cluster state", "'cluster'"),
        ("4 qubits, a graph state on a ring", "'graphstate'"),
        ("4 qubits in a star, all entangled", "'star', and not for its pairs"),
        ("4 qubits, either 0 or 1 entangled with 2", "not clear which qubits"),
        ("5 qubits, entangle all but one", "not clear which qubits"),
        ("6 qubits: GHZ on 0,1,2 and GHZ on 3,4,5", "not clear which qubits"),
        ("4 qubits, all entangled, all-to-all except 0-3", "others nothing"),
        ("4 qubits, q0 is not entangled, the others are not", "not clear what"),
        ("0 couples to 1, 1 to 2; 3 qubits, all entangled", "not clear which"),
        ("qubit 0 couples to 1, 2 to 3; 4 qubits, all entangled", "not clear which pairs"),
        ("a star around qubit 5, 4 qubits, all entangled", "around qubit 5, of 4 qubits"),
        ("5 qubits, 0 to 3 exclusive entangled", "'exclusive'"),
        ("ranks of q0 to q3: 2, 1, 2", "for qubits 0 to 3"),
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


def test_everyday_words_neither_bound_nor_exclude_nor_count() -> None:
    meant = "no not never without except exactly least most more less fewer twice half few one two zero first last each"
    assert not everyday() & set(meant.split())


@pytest.mark.parametrize("slip", ["entangeled", "entagnled", "topolgy", "registr", "hadamrd"])
def test_one_slip_of_the_hand_is_understood(slip: str) -> None:
    assert spelled(slip) in {"entangled", "topology", "register", "hadamard"}
