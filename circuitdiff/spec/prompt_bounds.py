"""Bounds on the numbers of gates in a plain prompt: what may be counted, and what is said to be the most."""

from __future__ import annotations

import re
from itertools import pairwise

from circuitdiff.errors import InputError
from circuitdiff.spec.prompt_words import NUMBER, number

_TWO_QUBIT = (
    r"(?:(?:entangling )?(?:two|2)[- ]qubit(?: entangling)?(?: gates?| ones?)?|entangling(?: gates?"
    r"| ones?|(?=\s*(?:[,.;)]|$)))|entanglers?"
    r"|(?:cnots?|cx|controlled-nots?|controlled-x)(?: gates?)?)"
)
_ONE = r"(?:one|two|single|1|2)[- ]qubit"
_GATES = r"(?:(?:individual |elementary |basic |native |quantum |primitive |such )?gates?(?! from| set| in the set))"
_UNIT = rf"(?:{_TWO_QUBIT}|{_GATES})(?![-\w])"

_NOT = r"(?:(?:do(?:es)?|may|must|should|can|could|shall|will|is|are|has|have) )?(?:not|n't|cannot|never)"
_BELOW = r"(?:strictly )?(?:fewer|less|smaller|lower) th[ae]n|(?:stay(?:s|ing)? )?(?:below|under)|<(?!=)"
_MOST = (
    rf"at (?:the )?(?:very |absolute )?(?:most|max(?:imum)?)|up to|(?:no|{_NOT}(?: be)?) (?:more|longer|greater"
    r"|higher|larger|bigger)"
    rf"(?: th[ae]n)?|{_NOT} (?:\w+ ){{0,2}}more th[ae]n|(?:{_NOT}|without)(?: to)?(?: (?:exceed(?:s|ing)?"
    r"|go(?:ing)? (?:over|above|beyond)|use more than"
    r"|have more than|be (?:over|above)|over|above))|as many as|maximal(?:ly)?(?: of)?|max(?:imum|\.)?(?: of)?"
    r"|(?:upper )?(?:limit|bound|cap|budget|ceiling)(?:ed)?(?: (?:of|to|at|is|on|for))?(?:\s*[:=])?"
    r"|(?:limited|restricted|bounded) (?:to|by)"
    r"|(?:keep|kept|stick|hold|limit|restrict|cap)(?: (?:it|this|them|things|yourself|everything|(?:the"
    r"|your|each|every) \w+))? (?:to|at|within)|within|<=|=<|(?:i |we |you |it )?(?:can|could|may"
    r"|will)(?: only)? (?:afford|pay(?: for)?|spend|spare|tolerate|allow)"
    r"|(?:i|we|you) (?:only )?(?:allow|accept|tolerate|permit|have)(?: for)?(?: only)?|allow(?:ing|ed)?"
    r"|only(?=.{0,30} allowed)"
)
_LIMITS = r"(?:limits?|ceilings?|maxim(?:a|um|al)|max|caps?|(?:upper )?bounds?|budgets?|most)"
_AFTER = (
    r"(?:in total |total |overall |in all |altogether )?(?:or (?:fewer|less|under|below)"
    r"|at (?:the )?(?:very |absolute )?"
    r"(?:most|max(?:imum)?|outside)|(?:and |but )?(?:not|no|nothing) more(?! than)|tops|max(?:imum"
    rf"|\.)?(?!\s*{NUMBER})|maximally"
    r"|(?:is|are|would be) (?:all )?(?:ok|okay|fine|allowed|permitted|allowable|acceptable)|(?:allowed|permitted)"
    rf"|(?:(?:these|those|both|which|that|this) )?(?:(?:is|are|being|as) )?(?:(?:the|my|our|an?|your) )?"
    rf"(?:hard |upper |absolute |strict )*{_LIMITS})(?![-\w])"
)
_NAMED = (
    rf"(?:total |overall |max(?:imum|imal|\.)? )?(?P<named>{_UNIT}|size|total)(?: (?:count|number|total"
    r"|limit|budget|cap|ceiling))*"
    r"\s*[:=]?\s*(?:(?:is|are|must|may|should|can|shall|has|have|to|be|stay|stays|remain|kept|keep|of|in"
    r"|used|number)\s+)*"
)
_NOT_OF_QUBITS = rf"(?![-\w]|\.\d|\s*[- ]?qubit|\s*{_UNIT})"
_FIRST = (
    re.compile(rf"\b{_NAMED}(?:(?P<below>{_BELOW})|{_MOST}|:)\s*(?P<count>{NUMBER}){_NOT_OF_QUBITS}"),
    re.compile(
        rf"\b(?P<named>{_UNIT}|size|total) (?:limit|budget|cap|ceiling)\s*(?:of"
        rf"|is)?\s*[:=]?\s*(?P<count>{NUMBER}){_NOT_OF_QUBITS}"
    ),
    re.compile(
        rf"\b(?P<named>{_UNIT}(?= (?:count|number|total)\b)|total)"
        r"(?: count| number| total)?\s*(?:of|is)?\s*[:=]?\s*"
        rf"(?P<count>{NUMBER}),? \(?{_AFTER}\)?"
    ),
    re.compile(
        rf"(?:(?:^|[,;:(/|])|{_LIMITS}\s*[:=]?)\s*(?P<named>{_UNIT}|total)\s+(?P<count>{NUMBER})\s*(?=$"
        r"|[,;)/|]|\.(?!\d))"
    ),
    re.compile(
        r"\bmax(?:imum|imal|\.)? (?:circuit )?(?P<named>size)\s*(?:is"
        rf"|of)?\s*[:=]?\s*(?P<count>{NUMBER}){_NOT_OF_QUBITS}"
    ),
    re.compile(
        rf"(?:{_MOST})\s*(?P<count>{NUMBER}) (?:on|for) (?:the )?(?:total )?(?P<named>{_UNIT})(?: count"
        r"| number)?"
    ),
    re.compile(
        rf"\b(?:restrict|limit|cap|bound)\w* (?:the )?(?:number of )?(?P<named>{_UNIT}) (?:to|at)"
        rf" (?:(?:at most|no more than) )?(?P<count>{NUMBER})"
    ),
    re.compile(
        r"\b(?:max(?:imum|imal|\.)?|most|limit|cap)\s*(?:of "
        rf"|on )?(?:the )?(?:number of )?(?P<named>{_UNIT})(?: count)?"
        rf"\s*(?:is|of|to)?\s*[:=]?\s*(?P<count>{NUMBER}){_NOT_OF_QUBITS}"
    ),
)
_AMOUNT = re.compile(
    rf"(?:(?:(?P<below>{_BELOW})|(?P<most>{_MOST}))\s*(?:(?:a|the) )?(?:total of )?)?"
    rf"(?<![-\d.]){NUMBER}\s*(?P<fewer>or (?:fewer|less) )?(?:of (?:them|which|those|these"
    rf"|the gates)\s*(?P<inner>{_AFTER})?\s*)?(?:(?:may|can|being|are|is|to|be)\s+)*"
    rf"(?P<named>{_UNIT})(?:\s*(?P<after>(?:in (?:total|all) |total |overall )?[,;.]?\s*\(?{_AFTER}\)?))?"
)
_BARE = re.compile(
    rf"(?:(?P<below>{_BELOW})|(?P<most>{_MOST}))\s*(?P<count>(?<![-\d.]){NUMBER})(?! ?(?:of the |of \d)"
    rf"| ?[- ]?qubit| ?-? ?{_UNIT})(?: of (?:them|those|these))?"
    rf"|(?<![-\d.])(?P<said>{NUMBER}) (?:of (?:them|those|these) )?(?:or (?:fewer|less)|at (?:the )?most"
    rf"|tops|(?:is|are) (?:the|my|our) (?:hard |upper |absolute |strict )*{_LIMITS})\b(?! {_UNIT})"
)
_GATE_LIST = re.compile(
    r"(?:gates?[^\w.;]{1,4})?\b(?:(?:h|hadamards?)\b[^.;]{1,6}\b(?:cx|cnots?)|(?:cx"
    r"|cnots?)\b[^.;]{1,6}\b(?:h|hadamards?))\b"
)
_ITEM_START, _ITEM_END = re.compile(r"(?:^|[,.;(/|])\s*$"), re.compile(r"\s*(?:$|[,;)/|]|\.(?!\d))")
_LIMIT = re.compile(
    rf"\b(?:{_LIMITS}|budgeted|limited|pay|spend|spent|spare|afford|allowed|permitted|exceed|suffices?|enough"
    r"|plenty|fits?|available)\b"
)
_LOWER = re.compile(r"\b(?:exactly|precisely|least|minimum|minimal|more than|or more|over|beyond|each|every|per)\b")
_BETWEEN = re.compile(
    r"(?:\s|[,/;&|+()]|\b(?:and|or|nor|with|of which|of them|thereof|including|among(?:st)? (?:them|these"
    r"|which)|in total|in all"
    r"|overall|total|plus|at most|but|for|them|which)\b)*"
)
_OTHERWISE = re.compile(
    r"(?:exactly|precisely|at least|at minimum|minimum|min|more than|over|above|beyond|about|around"
    r"|roughly|approximately"
    r"|between|least|\d\s*(?:-|to|or))\s*(?:of\s*)?$"
)
_EACH = re.compile(r"\s*(?:per|each|or more|at least|a (?:qubit|layer)|on each|on every|minimum|exactly)\b")


def read_bounds(text: str) -> tuple[str, dict[str, int]]:
    """Read the bounds of a plain prompt.

    Amounts of gates in a row are all bounded where one of them is ("seven gates, four cx at most").

    Returns:
        What is left of the text, and ``max_gates`` and ``max_two_qubit`` where they are bounded.

    Raises:
        InputError: bounds that contradict each other.
    """
    found: dict[str, int] = {}
    for pattern in _FIRST:
        for match in pattern.finditer(text):
            _add(found, match["named"], number(match["count"]) - bool(match.groupdict().get("below")))
        text = pattern.sub(" ; ", text)
    amounts = [match for match in _AMOUNT.finditer(text) if not _otherwise(text, match)]
    for row in _rows(text, amounts):
        bounded = [
            match
            for match in row
            if match["below"] or match["most"] or match["after"] or match["inner"] or match["fewer"]
        ]
        bounded = bounded or [
            match for match in row if _ITEM_START.search(text, 0, match.start()) and _ITEM_END.match(text, match.end())
        ]
        if not bounded and not _limited(text, row):
            continue
        below = bool(bounded and bounded[0]["below"])
        for match in row:
            below = bool(match["below"]) or (below and match not in bounded)
            _add(found, match["named"], number(_counted(match)) - below)
            text = text[: match.start()] + ";" * (match.end() - match.start()) + text[match.end() :]
    text, found = _read_bare(text, found)
    return (" ".join(_LIMIT.sub(" ", text).split()) if found else text), found


def _read_bare(text: str, found: dict[str, int]) -> tuple[str, dict[str, int]]:
    """Read bounds that leave out of what, which is what was spoken of last ("CNOTs are costly: at most 2")."""
    for match in _BARE.finditer(text):
        spoken = list(
            re.finditer(_UNIT, _GATE_LIST.sub(lambda gates: "gates".ljust(len(gates[0])), text[: match.start()]))
        )
        if spoken:
            _add(found, spoken[-1][0], number(match["count"] or match["said"]) - bool(match["below"]))
            listed = any(gates.start() <= spoken[-1].start() < gates.end() for gates in _GATE_LIST.finditer(text))
            for said in (match,) if listed else (match, spoken[-1]):
                text = text[: said.start()] + ";" * len(said[0]) + text[said.end() :]
    return text, found


def _limited(text: str, row: list[re.Match[str]]) -> bool:
    """Tell whether the sentence of some amounts speaks of a limit, and of nothing else that it could be."""
    start = max(text.rfind(end, 0, row[0].start()) for end in ".;!?\0") + 1
    stop = min((place for end in ".;!?" if (place := text.find(end, row[-1].end())) >= 0), default=len(text))
    rest = text[start : row[0].start()] + " ; " + text[row[-1].end() : stop]
    return bool(_LIMIT.search(rest)) and not _LOWER.search(rest)


def _counted(match: re.Match[str]) -> str:
    start = max(match.end(name) for name in ("below", "most")) - match.start()
    said = re.search(rf"(?<![-\w]){NUMBER}", match[0][max(start, 0) :])
    assert said is not None
    return said[0]


def _rows(text: str, amounts: list[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Put together amounts between which nothing else is said."""
    rows = [amounts[:1]] if amounts else []
    for first, second in pairwise(amounts):
        if _BETWEEN.fullmatch(text, first.end(), second.start()):
            rows[-1].append(second)
        else:
            rows.append([second])
    return rows


def _otherwise(text: str, match: re.Match[str]) -> bool:
    """Tell whether an amount is said to be another thing than the most."""
    before = not (match["below"] or match["most"]) and _OTHERWISE.search(text, 0, match.start())
    return bool(before or (not match["after"] and _EACH.match(text, match.end())))


def _add(found: dict[str, int], named: str, count: int) -> None:
    part = "max_two_qubit" if re.fullmatch(_TWO_QUBIT, named) else "max_gates"
    if found.setdefault(part, count) != count:
        raise InputError(f"the prompt asks for {part} {found[part]} and {count}")
