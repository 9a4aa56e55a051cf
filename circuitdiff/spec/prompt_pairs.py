"""Bell pairs in a plain prompt, where there are several: which qubit is the partner of which."""

from __future__ import annotations

import re

from circuitdiff.errors import InputError
from circuitdiff.spec.prompt_words import NUMBER, number

Partners = tuple[tuple[int, int], ...]

_PAIR = (
    r"[(\[{]?\s*(?:qubits? ?|q)?\d+\s*(?:-|,|&|and|with|\s)\s*(?:qubits? ?"
    r"|q)?\d+\s*[)\]}]?(?! ?[-\w]*(?:gate|cx|cnot))"
)
_JOIN = r"\s*(?:,|;|&|and|plus|\+)\s*(?:and |plus )?"
_EACH = r"(?:(?:one|another|(?:the|a) (?:other|first|second|third|fourth))(?: one| pair)?(?: (?:on|between|over))? )?"
_NAME = r"(?:bell|epr)(?:[- ](?:pair|state))?"
_ON = r"(?: (?:on|over|between|across|of|for|in|at|connecting|linking))?(?: (?:the )?(?:qubits?|positions?))?:?"
_LISTED = re.compile(
    rf"(?:(?P<count>{NUMBER}|both|the|a) )?(?:bell|epr)[- ](?:pairs|states)\b"
    rf"(?P<between>[^\d(\[{{]*?(?:\(?(?:{NUMBER})[- ]?qubits?\)?[^\d(\[{{]*?)?)(?P<pairs>{_EACH}{_PAIR}"
    rf"(?:{_JOIN}{_EACH}{_PAIR})+)"
)
_ONE_BY_ONE = re.compile(
    rf"{_PAIR} {_NAME}(?:{_JOIN}{_PAIR} {_NAME})+|(?:an? |one )?{_NAME}{_ON} {_PAIR}"
    rf"(?:{_JOIN}(?:(?:an?|one)? ?(?:other|another|second|third|fourth|more)(?: one)?|an?"
    rf"|one)?(?: ?{_NAME})?{_ON} ?{_PAIR})+"
)


def read_partners(text: str) -> tuple[str, Partners | None]:
    """Read several Bell pairs of a plain prompt.

    Returns:
        The text with all their qubits called entangled, and the partners; None where there is not more than one pair.

    Raises:
        InputError: qubits with two partners, or not so many pairs as are spoken of.
    """
    match = _LISTED.search(text) or _ONE_BY_ONE.search(text)
    if match is None:
        return text, None
    groups = match.groupdict()
    qubits = [int(qubit) for qubit in re.findall(r"\d+", groups.get("pairs") or match[0])]
    partners = tuple(zip(qubits[::2], qubits[1::2], strict=True))
    count = groups.get("count")
    if len(set(qubits)) < len(qubits):
        raise InputError("the prompt speaks of Bell pairs that share a qubit")
    if count is not None and re.fullmatch(NUMBER, count) and number(count) != len(partners):
        raise InputError(f"the prompt speaks of {count} Bell pairs, and names {len(partners)}")
    said = f"{groups.get('between') or ''} ; entangled qubits {', '.join(map(str, qubits))} ; "
    return text[: match.start()] + said + text[match.end() :], partners
