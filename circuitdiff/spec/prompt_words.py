"""The words of prompts: numbers, everyday words that ask for nothing, and slips of the hand."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

MAX_QUBITS = 10
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NUMBER = rf"(?:\d+|{'|'.join(NUMBERS)})(?![-\w])"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
LATER_NUMBERS = "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split()

_SUFFIXES = frozenset(("style", "based", "type", "like", "friendly", "ish"))
_MEANT = (
    "entangle entangled entangles entangling entanglement unentangled disentangled separable product qubits register "
    "topology linear neighbour neighbours neighbor neighbors nearest hadamard hadamards toffoli connectivity coupling "
    "gates qubit cnots ghz-like schmidt vector except exactly without gates maximum fewer remaining others between"
).split()


def number(text: str) -> int:
    """Return the number that digits or a word stand for."""
    return NUMBERS.index(text) + 1 if text in NUMBERS else int(text[:9])


@cache
def everyday() -> frozenset[str]:
    """Return words that ask for nothing. None of them bounds, excludes or counts: those are understood or refused."""
    return frozenset(files(__package__ or "").joinpath("everyday_words.txt").read_text(encoding="utf-8").split())


def is_everyday(word: str) -> bool:
    """Tell whether a word asks for nothing; of one with hyphens, whether all its parts do."""
    word = word.removesuffix("'s")
    return word in everyday() or all(part in everyday() or part in _SUFFIXES for part in word.split("-") if part)


def spelled(word: str) -> str:
    """Return the word that a misspelt one stands for, where one slip of the hand is between them."""
    if word in everyday() or word in _MEANT:
        return word
    near = [meant for meant in _MEANT if _one_slip(word, meant)]
    return near[0] if len(near) == 1 else word


def _one_slip(word: str, meant: str) -> bool:
    """Tell whether one letter is missing, too many, or another, or two neighbouring ones are exchanged."""
    if abs(len(word) - len(meant)) > 1 or word[0] != meant[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), min(len(word), len(meant)))
    a, b = word[start:], meant[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
