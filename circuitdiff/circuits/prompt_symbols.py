"""The words of a prompt that tell which qubits are entangled: sets of qubits, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from circuitdiff.circuits.prompt_patterns import NUMBERS

_DIGITS = ("zero", *NUMBERS)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = rf"(?:{'|'.join(_ORDINALS)})\b"
_WORD = rf"(?:{'|'.join(NUMBERS)})\b"
_NUMBER = rf"(?:\d{{1,9}}|{'|'.join(NUMBERS)})\b"
_KIND = r"(?:qu?bits?|q|sites|spins|ions)\b"
_UNITS = r"(?:gates?|operations?)\b"
_COUNTED = rf"(?! ?-?{_KIND})(?! ?{_UNITS})(?!\d)"
_NAMED = r"(?:(?:qubits?|sites?|spins?|ions?|positions?|numbers?|q)\s*[:=]?\s*)"
_SPOKEN = rf"(?:{'|'.join(_DIGITS)})\b{_COUNTED}"
_BARE = rf"q?\d{{1,3}}\b{_COUNTED}"
_AND = r"(?:\s*,\s*(?:and |with )?|\s*&\s*|\s+and\s+|\s+with\s+|\s+)"
_TO = r"\s*(?:-|to|through|\.\.\.?)\s*"


def _list(item: str) -> str:
    one = rf"(?:{item}{_TO}{item}|{item})"
    return rf"{one}(?:{_AND}{_NAMED}?{one})*"


_BE = r"(?: (?:is|are|be|being|may|must|should|can|to|get|gets|stay|stays|remain|remains|become|becomes|ends? up))*"
_AGAIN = r"(?: (?:with|to) (?:each other|one another|(?:all )?(?:of )?the (?:rest|others)|everything(?: else)?))?"
_KINDS = "|".join(
    f"(?P<{name}>{pattern})"
    for name, pattern in {
        "skip": r"\b(?:of them|each other|one another)\b",
        "none": (
            rf"\b(?:none(?: of(?: them)?)?|nothing|no (?:two )?qubits?)\b"
            rf"(?= ?(?:the |{_NUMBER} ?|qubits? ?)*{_BE} entangled)"
        ),
        "except": (
            r"\b(?:except(?: for)?|apart from|other than|excluding|(?:(?<=all )|(?<=everything )|(?<=qubit ))but)\b"
        ),
        "separable_all": (
            r"\b(?:(?:no|without(?: any)?|zero|not want any|don't want any|free of) entanglement"
            r"|product states?|(?:fully |completely |totally |all )?(?:separable|unentangled)"
            r"|(?:total|full) separability)\b"
        ),
        "separable": (
            rf"\b(?:not{_BE} entangled|disentangled|separable|product(?: form)?|untouched|alone|idle|pure"
            r"|spectators?|bystanders?|uncorrelated|factors? out|out of it|left out|the ground state"
            r"|(?:schmidt )?rank (?:1|one)(?= (?:for|on|at)))\b"
        ),
        "entangled_all": (
            r"\b(?:(?:fully|completely|totally|globally|mutually) entangle[sd]?"
            r"|(?:full|complete|total|global) entanglement"
            rf"|ghz-(?:like|type)(?: entanglement)?|entangle(?= {_NUMBER}[- ]?{_KIND})"
            r"|(?<=qubits )(?:(?:that|which|are|to|be|must|should) )*entangled)\b"
        ),
        "two": r"\b(?:one )?(?:(?:bell|epr)(?:-like)? (?:pair|state)|ebit|pair of entangled qubits)\b",
        "entangled": (
            rf"\bentangl(?:e[sd]?|ing|ement)\b(?! {_UNITS}){_AGAIN}|\bmixed\b"
            r"|(?<=and )two(?= (?:for|on) qubits)|\b(?:schmidt )?rank (?:2|two)(?= (?:for|on|at))"
        ),
        "number_of_2": rf"\b{_WORD}(?= (?:of the\b|entangled\b))",
        "number_of_1": rf"\b{_WORD}(?= (?:idle|separable|unentangled|spectators?|bystanders?)\b)",
        "ends": (
            r"\b(?:the )?(?:first (?:qubit )?and (?:the )?last|(?:two |both )?ends|outer(?:most)?(?: two)?)\b"
            r"(?: qubits?)?"
        ),
        "ordinals": (
            rf"\b{_ORDINAL}(?: qubit)?(?:(?:, and|,| and)(?: the)? {_ORDINAL}(?: qubit)?)+s?"
            rf"|\b(?!first){_ORDINAL}(?: qubit)?"
        ),
        "first": rf"\bfirst\b(?: {_NUMBER})?(?: qubits?)?",
        "last": rf"\b(?:last|final)\b(?: {_NUMBER})?(?: qubits?)?",
        "middle": rf"\b(?:{_NUMBER} )?(?:middle|central|inner)\b(?: {_NUMBER})?(?: qubits?| one)?",
        "even": r"\beven(?:-numbered|-indexed)?\b(?: (?:qubits?|ones))?",
        "odd": r"\bodd(?:-numbered|-indexed)?\b(?: (?:qubits?|ones))?",
        "rest": (
            rf"\b(?:all |any |everything )?(?:of )?(?:the )?(?:others?(?= (?:qubits?|ones|{_NUMBER})|\W|$)"
            rf"|rest|remaining|remainder|everything else|else)\b(?: {_NUMBER}(?! {_UNITS}))?(?: ones| qubits?)?"
        ),
        "register": (
            rf"\b(?:num(?:ber of)? qubits|n ?qubits|(?:total )?qubits|n|registers?|size)\s*[=:]\s*{_NUMBER}"
            rf"(?!\s*(?:,|and|&)\s*(?:and )?\d)(?! ?{_KIND})"
            rf"|\b{_NUMBER}[- ]?{_KIND}(?! {_UNITS})|\b\d+q\b"
            rf"|\b(?:out )?of (?:(?:a|an|the) )?(?:register of )?(?:size )?{_NUMBER}{_COUNTED}"
        ),
        "all": (
            r"\b(?:no qubit (?:is )?left out|(?:all|every(?: ?one)?|each(?: one)?)(?: of)?(?: the)?"
            r"|everything|whole|entire)\b"
        ),
        "list": rf"{_NAMED}(?:[\[({{]?\s*{_list(_BARE)}|{_list(_SPOKEN)})|\b{_list(_BARE)}",
        "not": r"\b(?:is |are )?not\b",
    }.items()
)
_MATCHES = re.compile(_KINDS)
PLACES = frozenset({"first", "last", "ends", "middle", "even", "odd", "rest", "all", "list", "ordinals"})
COUNTS = {"number_of_1": 1, "number_of_2": 2}
STATES = {"entangled": 2, "two": 2, "entangled_all": 2, "separable": 1, "separable_all": 1, "not": 1}


@dataclass(frozen=True)
class Symbol:
    """A word or more that names qubits, or says what they are."""

    kind: str
    text: str
    count: int = 0  # that it tells, 0 for none
    qubits: frozenset[int] = frozenset()


def symbols_of(text: str) -> tuple[list[Symbol], str]:
    """Return the words of a plain prompt that tell of sets of qubits, in their order, and what is left of it."""
    return [_symbol(match) for match in _MATCHES.finditer(text)], _MATCHES.sub(" ; ", text)


def _symbol(match: re.Match[str]) -> Symbol:
    kind, text = match.lastgroup or "", match[0]
    said = re.search(rf"\d{{1,9}}|{_WORD}", text)
    count = _number(said[0]) if said else int(kind in ("first", "last"))
    named = {"list": _listed(text), "ordinals": map(_ORDINALS.index, re.findall(_ORDINAL, text))}
    return Symbol(kind, text, count, frozenset(named.get(kind, ())))


def _number(text: str) -> int:
    return _DIGITS.index(text) if text in _DIGITS else int(text)


def _listed(text: str) -> Iterator[int]:
    """Yield the qubits of a list with ranges, such as ``0, 2 to 4 and 6``."""
    item = rf"q?(\d+|{'|'.join(_DIGITS)})\b"
    for match in re.finditer(rf"{item}(?:{_TO}{item})?", text):
        first = _number(match[1])
        yield from range(first, 1 + (first if match[2] is None else _number(match[2])))
