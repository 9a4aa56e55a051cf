"""Prompts, a small language in which a `CircuitSpec` is written; ``prompt.lark`` is its grammar.

A prompt is a row of clauses, in any order, with or without commas between them:

    register     3 qubits; on 3 qubits; a circuit on 3 qubits; a 3-qubit circuit
    entanglement SRV [2, 1, 2]; Schmidt rank vector [2, 1, 2]; entanglement [2, 1, 2]; Bell pairs 0-3, 1-2
    gates        only h and cx; using h, cx; using: ['h', 'cx']; with the gates h, cx; gates h, cx; gate set h, cx
    coupling     on a line; on a ring; all-to-all; fully connected; linear connectivity; coupling 0-1, 1-2
    budgets      at most 6 gates; up to 6 gates; at most 4 two-qubit gates; no more than 4 entangling gates

A clause may begin with "generate" or "compile", so that the templates of genQC (arXiv 2311.02041, 2506.01666) are
prompts too: "Generate SRV: [2,1,2]", "Compile 3 qubits using: ['h', 'cx']". Case does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.spec.circuit_spec import CircuitSpec

if TYPE_CHECKING:
    from lark import Lark, Token, Tree, UnexpectedInput

MAX_CHARACTERS = 2000

FORMS = (
    "3 qubits",
    "a 3-qubit circuit",
    "SRV [2, 1, 2]",
    "Bell pairs 0-3, 1-2",
    "only h and cx",
    "using: ['h', 'cx']",
    "on a line",
    "on a ring",
    "all-to-all",
    "coupling 0-1, 1-2",
    "at most 6 gates",
    "at most 4 two-qubit gates",
)
"""One clause of each kind, for help and for messages."""

_PHRASES: dict[str, tuple[str, ...]] = {
    "num_qubits": ("{} qubits", "on {} qubits", "a circuit on {} qubits", "a {}-qubit circuit"),
    "schmidt_ranks": ("srv {}", "srv: {}", "schmidt rank vector {}", "generate srv: {}", "entanglement {}"),
    "bell_pairs": ("bell pairs {}",),
    "gates": ("only {}", "using only {}", "gates {}", "with the gates {}", "gate set {}"),
    "line": ("on a line", "linear connectivity", "nearest-neighbour", "on a linear chain"),
    "ring": ("on a ring", "on a circle"),
    "all": ("all-to-all", "fully connected"),
    "coupling": ("coupling {}",),
    "max_gates": ("at most {} gates", "up to {} gates", "no more than {} gates", "maximum {} gates"),
    "max_two_qubit_gates": (
        "at most {} two-qubit gates",
        "up to {} entangling gates",
        "no more than {} two-qubit gates",
    ),
}
"""What each part may be written as, the usual form first. The text tower is trained on these, Bell pairs aside."""


def parse_prompt(text: str) -> CircuitSpec:
    """Read a prompt.

    Raises:
        InputError: a word that is no part of the grammar, with its column and the nearest form; or clauses that
            contradict each other.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"a prompt has at most {MAX_CHARACTERS} characters, not {len(text)}")
    from lark import UnexpectedInput

    try:
        tree = _parser().parse(text.lower())
    except UnexpectedInput as error:
        raise InputError(_misread(text, error)) from None
    found: dict[str, Any] = {}
    clauses: list[Tree[Token]] = tree.children
    for name, value in map(_part, clauses):
        if found.setdefault(name, value) != value:
            raise InputError(f"the prompt asks for {name} {_shown(found[name])} and {_shown(value)}")
    return CircuitSpec(**found)


def render_prompt(spec: CircuitSpec, rng: np.random.Generator | None = None) -> str:
    """Write a spec as a prompt, from which `parse_prompt` reads it back.

    Args:
        spec: what is asked for.
        rng: draws the wording and the order of the clauses, and whether ranks leave the register unsaid; None for the
            usual form.
    """
    clauses = [_one(_PHRASES[name], rng).format(value) for name, value in _clauses(spec, rng)]
    if rng is None:
        return ", ".join(clauses)
    return _one((", ", "; "), rng).join(clauses[i] for i in rng.permutation(len(clauses)))


def _clauses(spec: CircuitSpec, rng: np.random.Generator | None) -> Iterator[tuple[str, object]]:
    """Yield a key of `_PHRASES` for each part of a spec, and what it is filled with."""
    by_ranks = spec.schmidt_ranks is not None and spec.bell_pairs is None
    if spec.num_qubits is not None and not (by_ranks and rng is not None and rng.random() < 0.5):
        yield "num_qubits", spec.num_qubits
    if by_ranks:
        yield "schmidt_ranks", _shown(spec.schmidt_ranks)
    if spec.bell_pairs is not None:
        yield "bell_pairs", ", ".join(f"{a}-{b}" for a, b in spec.bell_pairs)
    if spec.gates is not None:
        yield "gates", (" and " if len(spec.gates) == 2 else ", ").join(spec.gates)
    if spec.coupling is not None:
        yield (spec.coupling if spec.coupling in _PHRASES else "coupling"), spec.coupling
    for name in ("max_gates", "max_two_qubit_gates"):
        if (most := getattr(spec, name)) is not None:
            yield name, most


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = resources.files("circuitdiff.spec").joinpath("prompt.lark").read_text(encoding="utf-8")
    names = "|".join(sorted((name for name in GATES if name != "dcz"), key=len, reverse=True))
    return Lark(f"{grammar}\nGATE: /({names})(?![a-z0-9])/\n", parser="lalr")


def _part(clause: Tree[Token]) -> tuple[str, Any]:
    """Return the field of `CircuitSpec` that a clause gives, and its value."""
    kind, words = clause.data, [str(word) for word in clause.children]
    if kind == "register":
        return "num_qubits", int(words[0])
    if kind == "ranks":
        return "schmidt_ranks", tuple(map(int, words))
    if kind == "pairs":
        return "bell_pairs", tuple((int(a), int(b)) for a, b in re.findall(r"(\d+)-(\d+)", words[0]))
    if kind == "gates":
        names = {name for word in words for name in re.split(r"[\s,]+(?:and\s+)?", word.strip("'\""))}
        return "gates", tuple(name for name in GATES if name in names)
    if kind == "budget":
        return ("max_gates" if len(words) == 1 else "max_two_qubit_gates"), int(words[0])
    if kind == "coupling":
        return "coupling", ",".join(re.findall(r"\d+-\d+|[a-z]{3,}", words[0].replace("and", ",")))
    return "coupling", str(kind)


def _misread(text: str, error: UnexpectedInput) -> str:
    """Say which word is not understood, where it is, and which clause comes nearest."""
    at: int = getattr(error, "pos_in_stream", None) or 0
    if getattr(getattr(error, "token", None), "type", "$END") == "$END" and not hasattr(error, "char"):
        at = len(text)
    at = max(text.rfind(end, 0, at) for end in " ,;\t\n") + 1 if at < len(text) else at
    if begun := re.match(r"(?:[\s,;]|and\b)+", text[at:]):
        at += begun.end()
    word = re.split(r"[\s,;]", text[at:], maxsplit=1)[0]
    clause = re.split("[,;]", text[:at])[-1] + re.split("[,;]", text[at:])[0]
    nearest = max(FORMS, key=lambda form: SequenceMatcher(None, clause.strip().lower(), form.lower()).ratio())
    where = f"at {word[:40]!r}, column {at + 1}" if word else "at its end"
    return f"the prompt is not understood {where}; the nearest form is: {nearest}"


def _shown(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _one(choices: Sequence[str], rng: np.random.Generator | None) -> str:
    return choices[0 if rng is None else int(rng.integers(len(choices)))]
