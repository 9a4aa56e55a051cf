"""The language of prompts: read back in every wording, in any order, or refused with the word and its place."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.features.entanglement import possible_ranks
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.spec.grammar import FORMS, MAX_CHARACTERS, parse_prompt, render_prompt

NAMES = tuple(name for name in GATES if name != "dcz")
RANKS = st.lists(st.sampled_from((1, 2)), min_size=2, max_size=8).map(tuple).filter(possible_ranks)
COUNTS = st.integers(0, 64)


@st.composite
def specs(draw: st.DrawFn) -> CircuitSpec:
    ranks = draw(st.none() | RANKS)
    chosen = draw(st.none() | st.sets(st.sampled_from(NAMES), min_size=1).map(lambda names: names | {"h", "cx"}))
    return CircuitSpec(
        num_qubits=draw(st.none() | st.integers(2, 10)) if ranks is None else None,
        schmidt_ranks=ranks,
        gates=None if chosen is None else tuple(chosen),
        coupling=draw(st.sampled_from((None, "line", "ring", "all"))),
        max_gates=draw(st.none() | COUNTS),
        max_two_qubit_gates=draw(st.none() | COUNTS),
    )


@given(specs(), st.none() | st.integers(0, 2**32))
def test_every_wording_is_read_back(spec: CircuitSpec, seed: int | None) -> None:
    assert parse_prompt(render_prompt(spec, None if seed is None else np.random.default_rng(seed))) == spec


def test_there_are_many_ways_to_say_it() -> None:
    spec = CircuitSpec(schmidt_ranks=(2, 1, 2), gates=("h", "cx"), max_gates=6)
    assert len({render_prompt(spec, np.random.default_rng(seed)) for seed in range(100)}) > 50


@pytest.mark.parametrize("form", FORMS)
def test_every_form_that_messages_name_is_understood(form: str) -> None:
    assert parse_prompt(("4 qubits, " if form.startswith("Bell") else "") + form) != CircuitSpec()


@pytest.mark.parametrize(
    ("prompt", "spec"),
    [
        (
            "3 qubits, SRV [2,1,2], only h and cx, on a line, at most 6 gates",
            CircuitSpec(3, (2, 1, 2), ("h", "cx"), "line", 6),
        ),
        ("Generate SRV: [2, 2, 1]", CircuitSpec(3, (2, 2, 1))),
        ("Compile 3 qubits using: ['h', 'cx']", CircuitSpec(3, gates=("h", "cx"))),
        ("a 4-qubit circuit, coupling 0-1, 1-2 and 2-3", CircuitSpec(4, coupling="0-1,1-2,2-3")),
        ("4 qubits, Bell pairs 0-3, 1-2", CircuitSpec(4, (2, 2, 2, 2), bell_pairs=((0, 3), (1, 2)))),
        ("up to 3 entangling gates on a ring on 4 qubits", CircuitSpec(4, coupling="ring", max_two_qubit_gates=3)),
        ("", CircuitSpec()),
    ],
)
def test_prompts_are_read(prompt: str, spec: CircuitSpec) -> None:
    assert parse_prompt(prompt) == spec


def test_clauses_stand_in_any_order() -> None:
    clauses = ("3 qubits", "SRV [2, 1, 2]", "only h and cx", "on a line", "at most 6 gates")
    assert len({parse_prompt(", ".join(order)) for order in permutations(clauses)}) == 1


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("3 qubits, please", "'please', column 11"),
        ("four qubits", "'four', column 1"),
        ("3 qubits, only h and frob", "'frob', column 22"),
        ("at most 6", "at its end"),
        ("3 qubits, 4 qubits", "3 and 4"),
        ("SRV [2, 1, 2], 4 qubits", "of 4 qubits"),
        ("SRV [2, 1, 1]", "a single qubit cannot be entangled"),
        ("SRV [3, 3]", "1 or 2"),
        ("SRV [2, 2], only h", "make none"),
        ("0 qubits", "1 to 64"),
        ("3 qubits, coupling 0-7", "7"),
        ("only h and dcz", "dcz"),
        ("x" * (MAX_CHARACTERS + 1), str(MAX_CHARACTERS)),
    ],
)
def test_what_is_not_understood_or_cannot_be_is_one_line_that_says_so(prompt: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_prompt(prompt)
    assert "\n" not in str(caught.value)


def test_the_nearest_form_is_named() -> None:
    with pytest.raises(InputError, match="nearest form is: at most 6 gates"):
        parse_prompt("3 qubits, at most six gates")


def test_specs_are_merged_or_contradict_each_other() -> None:
    spec = CircuitSpec(3, gates=("h", "cx"))
    assert spec.merged(CircuitSpec(coupling="line")) == CircuitSpec(3, gates=("h", "cx"), coupling="line")
    assert spec.merged(CircuitSpec(gates=("cx", "h"))) == spec
    named = CircuitSpec(3, coupling="line").merged(CircuitSpec(coupling="0-1,1-2"))
    assert named.coupling in ("line", "0-1,1-2")
    with pytest.raises(InputError, match="two numbers of qubits contradict each other: 3 and 4"):
        spec.merged(CircuitSpec(4))
