"""Wishes in words: what a prompt may ask of circuits, put into words and read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError

MAX_QUBITS = 10
MAX_CHARACTERS = 2000
MAX_COUNT = 64
"""Largest bound on numbers of gates that a prompt may name."""


@dataclass(frozen=True)
class Wish:
    """What is asked of circuits; each part may be absent.

    Attributes:
        num_qubits: size of the register.
        srv: Schmidt rank, 1 or 2, of each qubit in the state made of |0...0>.
        gates: names of the gates to use, in the library's order.
        coupling: ``all``, ``line``, ``ring``, or pairs such as ``0-1,1-2``.
        max_gates: most gates.
        max_two_qubit: most gates on two qubits or more.
    """

    num_qubits: int | None = None
    srv: tuple[int, ...] | None = None
    gates: tuple[str, ...] | None = None
    coupling: str | None = None
    max_gates: int | None = None
    max_two_qubit: int | None = None


_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ALIASES = {
    **dict.fromkeys(("hadamard", "hadamards"), "h"),
    **dict.fromkeys(("cnot", "cnots", "controlled-not", "controlled-x"), "cx"),
    **dict.fromkeys(("toffoli", "toffolis", "ccnot"), "ccx"),
    **{"fredkin": "cswap", "swaps": "swap", "pauli-x": "x", "pauli-y": "y", "pauli-z": "z"},
}
_NAMES = tuple(name for name in GATES if name != "dcz")
_FILLERS = frozenset(
    "a an the and or of on in with using use uses only from that which for to me please generate make give create "
    "circuit circuits state states gate gates set entanglement entangled entangling having has have whose is are its "
    "quantum restricted limited built compile draw where i want need all along arranged between be by consisting "
    "contain containing connected connectivity coupling couplings topology device map pattern produce prepare "
    "prepares preparing produces respecting together just it".split()
)
_NUMBER = rf"(\d+|{'|'.join(_NUMBERS)})"
_MOST = (
    r"(?:at most|up to|(?:no|not) more than|(?:(?:a|the) )?(?:maximum|limit|budget)(?: of)?|max\.?|limited to|within"
    r"|<=|≤)"
)
_BELOW = r"(?:fewer than|less than|below|under|<)"
_OR_FEWER = r"(?:or (?:fewer|less)|at (?:the )?most|max(?:imum)?|tops)"
_UNITS = "gates?|operations?"
_TWO_QUBIT = rf"(?:(?:two|2)[- ]qubit|entangling|cnot|cx) (?:{_UNITS})|(?:two|2)[- ]qubit|entanglers?|cnots?|cx"
_PAIRS = r"\d+-\d+(?:\s*,\s*\d+-\d+)*"
_RANKS = r"(?:srv|schmidt[- ](?:ranks?(?:[- ]vector)?|vector))\s*[:=]?\s*(?:(?:of|is|are|equal to)\s+)?"


def _bound(unit: str) -> str:
    """Return a pattern of bounds on how many there are of a unit."""
    named = _NUMBER.replace("(", "(?P<below>", 1)
    at_most = rf"{_MOST}\s*{_NUMBER}\s*(?:{unit})\b|{_NUMBER}\s*(?:{unit})\s*{_OR_FEWER}\b"
    return rf"{at_most}|{_BELOW}\s*{named}\s*(?:{unit})\b"


_PATTERNS: tuple[tuple[str, str], ...] = (
    ("", r"\b(?:no other gates?|nothing else)\b"),
    ("srv", rf"(?:{_RANKS})?[\[(]\s*(\d+(?:[\s,]+\d+)*)\s*[\])]"),
    ("srv", rf"{_RANKS}(\d(?:\s*,\s*\d)*)\b(?!-|\s*(?:qubit|gate|two))"),
    ("max_two_qubit", _bound(_TWO_QUBIT)),
    ("max_gates", _bound(_UNITS)),
    ("coupling", rf"(?:(?:coupling|couplings|pairs)\s*:?\s*)?({_PAIRS})"),
    ("num_qubits", rf"{_NUMBER}[- ]?qubits?\b(?! (?:{_UNITS}))"),
    ("line", r"(?:linear(?:ly)?(?: chain)?|(?:nearest[- ]neighbou?rs?|neighbou?ring|adjacent)(?: qubits?| only)*)\b"),
    ("line", r"\b(?:line|chain|row)\b"),
    ("ring", r"\b(?:ring|circle|circular|loop)\b"),
    ("all", r"(?:all[- ]to[- ]all|(?:fully connected|full connectivity|any (?:two|pair)(?: of)? qubits))\b"),
)
_PHRASES: dict[str, tuple[str, ...]] = {
    "num_qubits": ("{} qubits", "on {} qubits", "a circuit on {} qubits", "a {}-qubit circuit"),
    "srv": ("srv {}", "srv: {}", "schmidt rank vector {}", "generate srv: {}", "entanglement {}"),
    "gates": ("only {}", "using only {}", "gates {}", "with the gates {}", "gate set {}"),
    "max_gates": ("at most {} gates", "up to {} gates", "no more than {} gates", "maximum {} gates"),
    "max_two_qubit": ("at most {} two-qubit gates", "up to {} entangling gates", "no more than {} two-qubit gates"),
}
_COUPLINGS: dict[str, tuple[str, ...]] = {
    "line": ("on a line", "linear connectivity", "nearest-neighbour", "on a linear chain"),
    "ring": ("on a ring", "on a circle"),
    "all": ("all-to-all", "fully connected"),
}


def phrase(wish: Wish, rng: np.random.Generator) -> str:
    """Put a wish into words, in one of many ways; `parse` reads each of them back."""
    parts = []
    for name in ("num_qubits", "max_gates", "max_two_qubit"):
        value = getattr(wish, name)
        if value is not None:
            parts.append(_one(_PHRASES[name], rng).format(value))
    if wish.srv is not None:
        parts.append(_one(_PHRASES["srv"], rng).format(f"[{', '.join(map(str, wish.srv))}]"))
    if wish.gates is not None:
        names = (" and " if len(wish.gates) == 2 else ", ").join(wish.gates)
        parts.append(_one(_PHRASES["gates"], rng).format(names))
    if wish.coupling is not None:
        parts.append(_one(_COUPLINGS.get(wish.coupling, (f"coupling {wish.coupling}",)), rng))
    return _one((", ", "; "), rng).join(parts[i] for i in rng.permutation(len(parts)))


def parse(prompt: str) -> Wish:
    """Read a wish from words.

    Raises:
        InputError: words that are not understood, contradictions, or what no circuit can be.
    """
    if len(prompt) > MAX_CHARACTERS:
        raise InputError(f"a prompt has at most {MAX_CHARACTERS} characters, not {len(prompt)}")
    rest = prompt.lower()
    found: dict[str, Any] = {}
    for name, pattern in _PATTERNS:
        for match in re.finditer(pattern, rest) if name else ():
            part, value = _read(name, match)
            if found.setdefault(part, value) != value:
                raise InputError(f"the prompt asks for {part} {_shown(found[part])} and {_shown(value)}")
        rest = re.sub(pattern, " ; ", rest)
    words = re.findall(r"[^\s,;:.!?{}&+]+", rest)
    names = {_ALIASES.get(word, word) for word in words}
    unknown = [word for word in words if _ALIASES.get(word, word) not in _NAMES and word not in _FILLERS]
    if unknown:
        raise InputError(f"the prompt is not understood from {unknown[0][:40]!r} on")
    gates = tuple(name for name in _NAMES if name in names)
    return checked(Wish(**found, gates=gates or None))


def merge(wish: Wish, options: Wish) -> Wish:
    """Put a prompt's wish together with that of structured options.

    Raises:
        InputError: where they contradict each other.
    """
    values: dict[str, Any] = {}
    for field in fields(Wish):
        said, given = getattr(wish, field.name), getattr(options, field.name)
        same = set(said or ()) == set(given or ()) if field.name == "gates" else said == given
        if said is not None and given is not None and not same:
            raise InputError(f"the prompt asks for {field.name} {_shown(said)}, the options for {_shown(given)}")
        values[field.name] = given if said is None else said
    return checked(Wish(**values))


def checked(wish: Wish) -> Wish:
    """Return a wish with the register that it implies.

    Raises:
        InputError: Schmidt ranks that no state has or of another register, or numbers out of range.
    """
    if wish.srv is not None:
        ranks = list(wish.srv)
        if len(ranks) > MAX_QUBITS:
            raise InputError(f"a prompt may ask for 1 to {MAX_QUBITS} qubits, not for {len(ranks)} Schmidt ranks")
        if not set(ranks) <= {1, 2}:
            raise InputError(f"Schmidt ranks of qubits are 1 or 2, not {ranks}")
        if ranks.count(2) == 1:
            raise InputError(f"no state has Schmidt ranks {ranks}: a single qubit cannot be entangled")
        if wish.num_qubits not in (None, len(ranks)):
            raise InputError(f"{len(ranks)} Schmidt ranks {ranks} are asked of {wish.num_qubits} qubits")
        wish = replace(wish, num_qubits=len(ranks))
    if wish.num_qubits is not None and not 1 <= wish.num_qubits <= MAX_QUBITS:
        raise InputError(f"a prompt may ask for 1 to {MAX_QUBITS} qubits, not {wish.num_qubits}")
    for what, count in (("gates", wish.max_gates), ("two-qubit gates", wish.max_two_qubit)):
        if count is not None and not 0 <= count <= MAX_COUNT:
            raise InputError(f"a prompt may ask for at most 0 to {MAX_COUNT} {what}, not {count}")
    return wish


def _read(name: str, match: re.Match[str]) -> tuple[str, Any]:
    if name in _COUPLINGS:
        return "coupling", name
    text = next(group for group in match.groups() if group is not None)
    if name == "srv":
        return name, tuple(int(rank[:9]) for rank in re.findall(r"\d+", text))
    if name == "coupling":
        return name, ",".join(pair.strip() for pair in text.split(","))
    count = _NUMBERS.index(text) + 1 if text in _NUMBERS else int(text[:9])
    return name, count - ("below" in match.re.groupindex and match["below"] is not None)


def _shown(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _one(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
