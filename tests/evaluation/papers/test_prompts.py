from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling, all_to_all, parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.prompts import Prompt, complies, is_meant, prompts
from circuitdiff.spec.prompts import Wish, parse, phrase

PROMPTS = prompts()
GATES = ("h", "cx")


def normal(text: str) -> str:
    return " ".join(text.lower().replace(";", ",").split())


def reached(coupling: Coupling, start: int, within: set[int]) -> dict[int, int]:
    """Return the qubits that hang together with one, in the order of a search, each with the one before it."""
    before, frontier = {start: start}, [start]
    while frontier:
        qubit = frontier.pop(0)
        new = [q for q in coupling.neighbours(qubit) if q in within and q not in before]
        before |= dict.fromkeys(new, qubit)
        frontier += new
    return before


def grown(wish: Wish) -> Circuit:
    """Entangle the qubits of a wish one by one, through as few others as possible, which are left as they were."""
    assert wish.num_qubits is not None
    n = wish.num_qubits
    if wish.srv is None:
        return Circuit.from_gates(n, [("h", (0,), ())])
    coupling = all_to_all(n) if wish.coupling is None else parse_coupling(wish.coupling, n)
    region = {qubit for qubit, rank in enumerate(wish.srv) if rank == 2}
    groups = {frozenset(reached(coupling, qubit, region)) for qubit in region}
    if any(len(group) == 1 for group in groups):
        others = [set(some) for size in range(n) for some in combinations(set(range(n)) - region, size)]
        whole = (
            region | some for some in others if region | some <= set(reached(coupling, min(region), region | some))
        )
        groups = {frozenset(next(whole))}
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for group in groups:
        start, *joins = reached(coupling, min(group & region), set(group)).items()
        copies = [("cx", (control, target), ()) for target, control in joins]
        gates += [("h", start[:1], ()), *copies, *(copy for copy in reversed(copies) if copy[1][1] not in region)]
    return Circuit.from_gates(n, gates)


def paired(wish: Wish) -> Circuit:
    """Entangle the qubits of a wish in twos."""
    region = [qubit for qubit, rank in enumerate(wish.srv or ()) if rank == 2]
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for pair in zip(region[::2], region[1::2], strict=False):
        gates += [("h", pair[:1], ()), ("cx", pair, ())]
    return Circuit.from_gates(wish.num_qubits or 1, gates)


def test_prompts_are_five_hundred_different_ones_and_a_fifth_is_held_out() -> None:
    assert len({normal(prompt.text) for prompt in PROMPTS}) == len(PROMPTS) == 500
    assert sum(prompt.held_out for prompt in PROMPTS) == 100


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.text)
def test_prompt_has_a_circuit(prompt: Prompt) -> None:
    wish = prompt.wish
    assert wish.gates is None or set(wish.gates) <= set(GATES)
    if wish.coupling == "1-2":  # leaves qubit 0 alone, which no coupling map of the library does
        with pytest.raises(InputError):
            parse(prompt.text)
        return
    assert complies(grown(wish), wish) or complies(paired(wish), wish)


def test_prompts_are_none_that_the_model_was_trained_with() -> None:
    rng = np.random.default_rng(0)
    for prompt in PROMPTS:
        wish = prompt.wish
        for said in (wish, replace(wish, num_qubits=None), replace(wish, srv=None)):
            drawn = {normal(phrase(said, rng)) for _ in range(50)}
            assert normal(prompt.text) not in drawn


def test_prompts_are_understood_as_meant_or_refused() -> None:
    understood = 0
    for prompt in PROMPTS:
        try:
            read = parse(prompt.text)
        except InputError:
            continue
        understood += 1
        assert is_meant(read, prompt.wish), prompt.text
    assert understood >= 430


@pytest.mark.parametrize(
    "changed",
    [
        {"num_qubits": 4},
        {"srv": (2, 1, 2)},
        {"gates": ("h", "x")},
        {"coupling": "0-1,0-2"},
        {"max_gates": 2},
        {"max_two_qubit": 1},
    ],
)
def test_circuit_that_misses_one_thing_does_not_comply(changed: dict[str, object]) -> None:
    wish = Wish(3, (2, 2, 2), GATES, "0-1,1-2", 3, 2)
    circuit = grown(wish)
    assert complies(circuit, wish)
    assert not complies(circuit, replace(wish, **changed))


def test_wish_is_meant_however_its_coupling_is_given() -> None:
    meant = Wish(3, (2, 2, 2), coupling="line")
    assert is_meant(replace(meant, coupling="1-2,0-1"), meant)
    assert not is_meant(replace(meant, coupling=None), meant)
    assert not is_meant(replace(meant, num_qubits=4, srv=(2, 2, 2, 1)), meant)
    assert not is_meant(replace(meant, max_gates=4), meant)
