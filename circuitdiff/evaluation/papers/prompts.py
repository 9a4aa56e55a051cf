"""Prompts as people type them, none of them in training: samples that comply with everything that a prompt asks for."""

from __future__ import annotations

import csv
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import zip_longest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.circuits import generator
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.generation import CircuitDiffusion
from circuitdiff.generation.generation import schmidt_ranks_of
from circuitdiff.spec.prompts import Wish, parse

logger = logging.getLogger(__name__)

SAMPLES = 16
FILE = "prompts.tsv"


@dataclass(frozen=True)
class Prompt:
    """A prompt, and what the person who wrote it means.

    Attributes:
        held_out: whether it was left unread until parser and sampler were done.
    """

    text: str
    wish: Wish
    held_out: bool


def prompts() -> tuple[Prompt, ...]:
    """Return all the prompts: those that the parser was made with, then those held out."""
    text = files(__package__ or "").joinpath(FILE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(Prompt(row["prompt"], _wish(row), row["use"] == "held_out") for row in rows)


def complies(circuit: Circuit, wish: Wish) -> bool:
    """Tell whether a circuit is all that is asked for: register, ranks, gates, couplings and bounds."""
    gates = wish.gates is None or {name for name, _, _ in circuit.operations} <= set(wish.gates)
    pairs = {(min(pair), max(pair)) for pair in circuit.pairs}
    coupled = wish.coupling is None or parse_coupling(wish.coupling, circuit.num_qubits).allows(pairs)
    few = wish.max_gates is None or circuit.num_gates <= wish.max_gates
    few_pairs = wish.max_two_qubit is None or circuit.two_qubit_count <= wish.max_two_qubit
    right = wish.srv is None or schmidt_ranks_of(circuit) == wish.srv
    return circuit.num_qubits == wish.num_qubits and gates and coupled and few and few_pairs and right


def is_meant(read: Wish, meant: Wish) -> bool:
    """Tell whether a wish is read as it is meant; a coupling may be named or spelled out."""
    n = meant.num_qubits or 0
    couplings = [parse_coupling(wish.coupling or "all", n).pairs for wish in (read, meant) if read.num_qubits == n]
    return len(set(couplings)) == 1 and all(
        getattr(read, name) == getattr(meant, name) for name in ("srv", "gates", "max_gates", "max_two_qubit")
    )


def complying(setting: Setting) -> Outcome:
    """Mean share of samples that comply, of prompts held out; a prompt that is refused has none."""
    model = setting.shelf.general(Wish(num_qubits=8, srv=(2,) * 8), has_target=False)
    asked = _in_turn(setting.targets)
    answers = {prompt: _answer(model, prompt, setting.seed, number) for number, prompt in enumerate(asked)}
    held_out, seen = ([answers[prompt] for prompt in asked if prompt.held_out == held] for held in (True, False))
    told = [f"{name}: {_told(some)}" for name, some in (("held out", held_out), ("seen", seen)) if some]
    return Outcome(_mean(held_out), len(held_out), SAMPLES, model.name, "; ".join(told))


@dataclass(frozen=True)
class _Answer:
    """What came of a prompt: the share of samples that comply, and whether it was refused or misread."""

    share: float
    refused: bool = False
    misread: bool = False


def _answer(model: CircuitDiffusion, prompt: Prompt, seed: int, number: int) -> _Answer:
    try:
        read = parse(prompt.text)
        drawn = model.sample(prompt=prompt.text, num_samples=SAMPLES, generator=generator(seed, number))
    except InputError as error:
        logger.info("refused: %s (%s)", prompt.text, error)
        return _Answer(0.0, refused=True)
    share = sum(complies(circuit, prompt.wish) for circuit in drawn) / len(drawn)
    misread = not is_meant(read, prompt.wish)
    logger.info("prompt %d, %.2f comply%s: %s", number + 1, share, ", misread" if misread else "", prompt.text)
    return _Answer(share, misread=misread)


def _in_turn(count: int) -> list[Prompt]:
    """Return so many prompts, of those held out and of the others in turn while there are both."""
    unknown, known = ([prompt for prompt in prompts() if prompt.held_out == held] for held in (True, False))
    pairs = zip_longest(unknown, known)
    return [prompt for pair in pairs for prompt in pair if prompt is not None][:count]


def _mean(answers: Sequence[_Answer]) -> float:
    return sum(answer.share for answer in answers) / len(answers)


def _told(answers: Sequence[_Answer]) -> str:
    understood = [answer for answer in answers if not answer.refused]
    misread = sum(answer.misread for answer in answers)
    of_those = f", {_mean(understood):.3f} of their samples" if understood else ""
    return (
        f"{_mean(answers):.3f} comply; {len(understood)} of {len(answers)} prompts are understood, "
        f"{misread} of them otherwise than meant{of_those}"
    )


def _wish(row: dict[str, str]) -> Wish:
    return Wish(
        num_qubits=int(row["qubits"]),
        srv=tuple(map(int, row["ranks"])) or None,
        gates=tuple(row["gates"].split(",")) if row["gates"] else None,
        coupling=row["coupling"] or None,
        max_gates=int(row["max_gates"]) if row["max_gates"] else None,
        max_two_qubit=int(row["max_two_qubit"]) if row["max_two_qubit"] else None,
    )
