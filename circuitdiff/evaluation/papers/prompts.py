"""Prompts as people type them, none of them in training: samples that comply with everything that a prompt asks for."""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass
from importlib.resources import files

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.prompts import Wish, parse
from circuitdiff.errors import InputError
from circuitdiff.evaluation.papers.circuits import generator
from circuitdiff.evaluation.papers.protocol import Outcome, Setting
from circuitdiff.sampling.generation import schmidt_ranks_of

logger = logging.getLogger(__name__)

SAMPLES = 16
FILE = "prompts.tsv"


@dataclass(frozen=True)
class Prompt:
    """A prompt, and what the person who wrote it means.

    Attributes:
        held_out: whether it was left unread while the parser was made.
    """

    text: str
    wish: Wish
    held_out: bool


def prompts() -> tuple[Prompt, ...]:
    """Return all the prompts, in an order drawn at random; those of the parser's making first."""
    text = files(__package__ or "").joinpath(FILE).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(Prompt(row["prompt"], _wish(row), row["half"] == "held_out") for row in rows)


def complies(circuit: Circuit, wish: Wish) -> bool:
    """Tell whether a circuit is all that is asked for: register, ranks, gates, couplings and bounds."""
    gates = wish.gates is None or {name for name, _, _ in circuit.operations} <= set(wish.gates)
    pairs = {(min(pair), max(pair)) for pair in circuit.pairs}
    coupled = wish.coupling is None or parse_coupling(wish.coupling, circuit.num_qubits).allows(pairs)
    few = wish.max_gates is None or circuit.num_gates <= wish.max_gates
    few_pairs = wish.max_two_qubit is None or circuit.two_qubit_count <= wish.max_two_qubit
    right = wish.srv is None or schmidt_ranks_of(circuit) == wish.srv
    return circuit.num_qubits == wish.num_qubits and gates and coupled and few and few_pairs and right


def complying(setting: Setting) -> Outcome:
    """Mean share of samples that comply; a prompt that is refused has none."""
    model = setting.shelf.general(Wish(num_qubits=8, srv=(2,) * 8), has_target=False)
    asked = _both_halves(setting.targets)
    shares: list[float | None] = []
    for number, prompt in enumerate(asked):
        try:
            parse(prompt.text)
            drawn = model.sample(prompt=prompt.text, num_samples=SAMPLES, generator=generator(setting.seed, number))
        except InputError as error:
            logger.info("refused: %s (%s)", prompt.text, error)
            shares.append(None)
            continue
        shares.append(sum(complies(circuit, prompt.wish) for circuit in drawn) / len(drawn))
        logger.info("prompts: %d of %d", number + 1, len(asked))
    value = sum(share or 0.0 for share in shares) / len(shares)
    halves = [[share for share, p in zip(shares, asked, strict=True) if p.held_out == held] for held in (False, True)]
    told = "; ".join(f"{name}: {_told(half)}" for name, half in zip(("first half", "held out"), halves, strict=True))
    return Outcome(value, len(asked), SAMPLES, model.name, told)


def _both_halves(count: int) -> list[Prompt]:
    """Return so many prompts, of the two halves in turn."""
    known, unknown = ([prompt for prompt in prompts() if prompt.held_out == held] for held in (False, True))
    return [prompt for pair in zip(known, unknown, strict=True) for prompt in pair][:count]


def _told(shares: list[float | None]) -> str:
    understood = [share for share in shares if share is not None]
    if not understood:
        return f"none of {len(shares)} understood"
    mean = sum(understood) / len(understood)
    whole = sum(understood) / len(shares)
    return (
        f"{whole:.3f} comply, {len(understood)} of {len(shares)} prompts understood, {mean:.3f} of their samples comply"
    )


def _wish(row: dict[str, str]) -> Wish:
    return Wish(
        num_qubits=int(row["qubits"]),
        srv=tuple(map(int, row["ranks"])),
        gates=tuple(row["gates"].split(",")) if row["gates"] else None,
        coupling=row["coupling"] or None,
        max_gates=int(row["max_gates"]) if row["max_gates"] else None,
        max_two_qubit=int(row["max_two_qubit"]) if row["max_two_qubit"] else None,
    )
