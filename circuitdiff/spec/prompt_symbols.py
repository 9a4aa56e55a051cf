"""The words of a prompt that tell which qubits are entangled: sets of qubits, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from circuitdiff.spec.prompt_words import NUMBERS, ORDINALS

_DIGITS = ("zero", *NUMBERS)
_ORDINAL = rf"(?:{'|'.join(ORDINALS)})\b"
_WORD = rf"(?:{'|'.join(NUMBERS)})\b"
_NUMBER = rf"(?:\d{{1,9}}|{'|'.join(NUMBERS)})\b"
_KIND = r"(?:qu?bits?|q|sites|spins|ions)\b"
_UNITS = r"(?:gates?|operations?)\b"
_COUNTED = rf"(?! ?-?{_KIND})(?! ?{_UNITS})(?!\d)"
_SINGLE = r"(?:(?:the )?(?:qubit|position|number|index|q)\s*)"
_NAMED = r"(?:(?:qubits?|sites?|spins?|ions?|positions?|numbers?|ind(?:ex|ices)|q)\s*[:=]?\s*)"
_SPOKEN = rf"(?:{'|'.join(_DIGITS)})\b{_COUNTED}"
_BARE = rf"q?\d{{1,3}}\b{_COUNTED}"
_AND = r"(?:\s*,\s*(?:and )?|\s*[&+]\s*|\s+and\s+|\s+)"
_TO = r"\s*(?:-|to|through|\.\.\.?)\s*"


def _list(item: str) -> str:
    one = rf"(?:{item}{_TO}{item}|{item} through qubit {item}|{item})"
    alone = r"(?! (?:as|on its own|alone|left|kept|idle|out|not)\b)"
    return (
        rf"(?:{item} with {_SINGLE}?{item}(?:(?:\s*,\s*(?:and )?|\s+and\s+){_SINGLE}?{one}(?! with))*"
        rf"|{one}(?:{_AND}{one}|(?:\s+and\s+|\s*&\s*){_SINGLE}{one}"
        rf"|\s*,\s*(?:and )?{_SINGLE}{one}{alone})*)"
    )


_BE = (
    r"(?: (?:is|are|be|being|may|must|should|shall|will|would|can|has|have|to|get|gets|stay|stays|remain"
    r"|remains|become|becomes"
    r"|ends? up|come out|all|together|mutually))*"
)
_AGAIN = (
    r"(?:,? (?:with|to) (?:each other|one another|(?:all )?(?:of )?the (?:rest|others|remaining ones)"
    r"|any(?:thing|one)(?: else)?"
    r"|everything(?: else)?|any others?(?: qubits?| ones?)?|another(?: one| qubit)?|any of the others))?"
)
_RANKED = r"(?:schmidt )?(?:ranks?|srv)(?:-| (?:is|are|be|of|should|must|has|have|to|equals?)| ?=)* ?"
_NOT = r"(?:not|(?:is|are|was|were|should|must|do|does|need|shall|can)(?:n't|nt| not))"
_GHZ = r"ghz(?:[- ](?:like|type|style|class|kind|form))*(?:[- ](?:entangled|entanglement|state))?"
_KINDS = "|".join(
    f"(?P<{name}>{pattern})"
    for name, pattern in {
        "group": rf"\b{_NUMBER}[- ]qubit(?= (?:ghz|entangled|maximally))",
        "skip": (
            rf"\b(?:the )?{_NUMBER} (?=qubits \d)|"
            r"\ba (?:triple|trio|quartet|quintet|group|set|block|subset) of (?:the )?qubits\b|"
            rf"\ball (?:of )?(?:(?:the|my|our) )?(?:{_NUMBER} )?qubits (?=(?:sit|lie|live|are (?:on|in an?"
            r"|arranged|placed|coupled|connected|wired))\b)|"
            r"\b(?:of them|each other|one another|half of (?:an?|the)\b|(?:(?:and|but|with) )?(?:nothing|no ?one"
            r"|nobody|no qubit|none|no) (?:else|more(?! than)|others?(?: qubits?)?)(?: (?:should|shall|is|are|be"
            r"|may|must|gets?|to be))*(?: entangled)?"
            r"|with respect to (?:the )?(?:rest|others)"
            r"|(?<=entangled )(?:block|cluster|group|whole|unit)"
            rf"|(?:those|these) {_NUMBER}(?= ?\()"
            r"|one (?=(?:single |big |joint )?(?:entangled(?! state)|ghz))|exactly(?= these| those"
            r"| (?:the )?(?:qubits? \d|first|last|middle"
            rf"|{_WORD} of)|(?= \d+(?: and|,)))"
            r"|(?:the )?(?:state|it) (?:should be|is) biseparable)\b"
        ),
        "none": (
            rf"\b(?:none(?: of(?: (?:them|which|these|those))?)?|nothing|no (?:two )?qubits?)\b"
            rf"(?= ?(?:the |{_NUMBER} ?|qubits? ?)*{_BE} entangled)"
        ),
        "except": (
            r"\b(?:except(?: for)?|apart from|other than|excluding|with the exception of|leaving out|save for"
            r"|aside from|(?:without|omitting|skip(?:ping)?|ignoring|bar|barring|save|minus)"
            r"(?= (?:the )?(?:qubits?|q\d|\d|first|last|middle))"
            r"|(?:(?<=all )|(?<=everything )|(?<=everyone )|(?<=everywhere )|(?<=qubit )|(?<=qubits )"
            r"|(?<=all entangled )"
            r"|(?<=everything entangled )|(?<=qubits entangled ))but(?: for| not)?(?!\s*[;,]))\b"
        ),
        "separable_all": (
            r"\b(?:(?:no|without(?: any)?|zero|not want any|don't want any|not have any|free of(?: any)?"
            r"|any) (?:entanglement|correlations?)(?: at all| whatsoever)?"
            r"|not entangle (?:anything|any(?: of the)? qubits?|them|at all)"
            r"|entanglement[- ]free|(?:full(?:y)? |completely |pure )?product (?:states?|form)"
            r"|(?:fully |completely |totally |all )?(?:separable|unentangled|non-entangled|factori[sz]ed)"
            r"|(?:total|full) separability)\b"
        ),
        "separable": (
            rf"\b(?:(?:{_NOT}|no){_BE} entangled?{_AGAIN}|(?:disentangled|separable|uncorrelated"
            r"|decoupled)(?:,? from (?:everything|everyone|(?:all |any )?(?:of )?(?:the )?(?:others|rest"
            r"|other qubits?|remaining qubits)|them))?|product(?: form)?(?: with (?:everything|(?:the"
            r"|all) (?:rest|others)|them|it))?|untouched|alone|idle|idling|inert|clean"
            r"|pure"
            r"|spectators?|bystanders?|none(?= (?:on|at|for|with)\b)|factors? (?:out|off)|factori[sz]es?"
            r"|out of (?:it|this|the game)|le(?:ft|ave) out|the ground state"
            r"|by itself|by themselves|on (?:its|their) own|unused|inactive|uninvolved|do(?:es|ing)? nothing"
            r"|(?:in )?(?:the|their|its) (?:initial|original"
            r"|starting) states?|in (?:the )?(?:0|zero)|as (?:they|it) (?:are|is|were|was)|(?:stays?|kept|left"
            r"|staying|remains?) out|(?<=\d )out(?! of)|(?<=\w )apart(?! from)"
            rf"|{_RANKED}(?:1|one)(?!\s*,?\s*\d(?! ?-?{_KIND}))|separated?|without (?:touching|involving"
            r"|affecting)|(?<!-)free(?! (?:of|choice|to|for)))\b"
        ),
        "entangled_all": (
            r"\b(?:(?:fully|completely|totally|globally|mutually|genuinely|maximally) entangle[sd]?"
            r"|(?:full|complete|total|global|genuine|maximal) entanglement"
            rf"|(?:(?<=are )|(?<=be )|(?<=is )|(?<=being ))all (?:mutually |of them )?entangled{_AGAIN}"
            r"|(?:one|a) (?:single |big |large |joint "
            r"|global |common |genuinely )*entangled state(?<!\ban entangled state)(?<!\ba entangled state)"
            rf"|{_GHZ}|entangle(?= {_NUMBER}[- ]?{_KIND})"
            r"|(?<=qubits )(?:(?:that|which|are|to|be|must|should) )*entangled)\b"
        ),
        "two": (
            r"\b(?:one )?(?:(?:bell|epr)(?:-like)?(?:[- ](?:pair|state)|(?= (?:on|over|between|across)| ?[(\[])"
            r"|(?=\s*(?:[,;.]|$)))|ebit|pair of entangled qubits|entangled pair)\b"
        ),
        "entangled": (
            rf"\bentangl(?:e[sd]?|ing|ement)\b(?! {_UNITS}){_AGAIN}|\b(?:mixed|correlated)\b|\b(?:should|must"
            r"|shall|may)(?= *(?:[;.,]|$))"
            rf"|(?<=and )two(?= (?:for|on) qubits)|\b{_RANKED}(?:2|two)\b(?!\s*,?\s*\d(?! ?-?{_KIND}))"
        ),
        "number_of_2": (
            rf"(?<!of )(?<!my )(?<!the )(?<!our )\b{_NUMBER} qubits?(?= (?:(?:should|to|must) be )?entangled ?[:(])|"
            rf"(?<!and )(?<!, )(?<!,)(?<!& )(?<!to )(?<!qubits )(?<!qubit )(?<!through )(?<![-\d.])\b{_NUMBER} "
            rf"(?:qubits )?(?=(?:out )?of (?:(?:the|my|our|an?|these) )?{_NUMBER})|"
            rf"\b{_WORD}(?= (?:of (?:the|my|our|these|those|them|its)\b|entangled\b(?! (?:block|state|cluster"
            r"|group|whole|unit))))|(?<!and )(?<!, )(?<!& )(?<!,)\b\d(?= entangled (?:qubits|ones))"
            rf"|\b(?:exactly|precisely|only|just) {_WORD}(?: of the)? qubits?\b(?! (?:in total|altogether))"
        ),
        "number_of_1": rf"\b{_WORD}(?= (?:idle|separable|unentangled|spectators?|bystanders?)\b)",
        "ends": (
            r"\b(?:the )?(?:(?:very )?first (?:one |qubit )?(?:and|&|with) (?:the )?(?:very )?(?:last|final)"
            r"|(?:two |both )?(?:of the )?(?:far )?ends"
            r"|(?:two |both )?(?:outer(?:most)?|end|edge|boundary)(?: two)?(?= qubits?| ones?))\b(?: qubits?"
            r"| ones?)?(?: qubits?| ones?)?"
            r"|\bouter(?:most)?(?: two)?\b"
        ),
        "half": r"\b(?:first|second|last|lower|upper|other) half\b(?: of (?:the|a|an|them)\b)?",
        "ordinals": (
            rf"\b{_ORDINAL}(?: qubit| one)?(?:(?:, and|,| and| &)(?: the)? {_ORDINAL}(?: qubit)?)+s?"
            rf"|\b(?!first){_ORDINAL}(?: qubit| one)?"
        ),
        "first": (
            rf"\b(?:(?:very )?first|leftmost|left(?= {_NUMBER}))\b(?: {_NUMBER}(?! {_UNITS}))?(?: qubits?"
            r"| ones?)?"
        ),
        "last": (
            r"\b(?:(?:very )?(?:last|final)|rightmost"
            rf"|right(?= {_NUMBER}))\b(?! states?\b)(?: {_NUMBER}(?! {_UNITS}))?(?: qubits?| ones?)?"
        ),
        "between": rf"\b(?:everything |all |{_NUMBER} )?(?:qubits? )?in[- ]between\b(?: qubits?| ones?)?",
        "middle": (
            rf"\b(?:{_NUMBER} )?(?:qubits? )?(?:(?:in|at) the )?(?:middle|central|cent(?:re|er)"
            rf"|innermost)\b(?: {_NUMBER}(?! {_UNITS}))?(?: qubits?| ones?)?"
        ),
        "inner": (rf"\b(?:{_NUMBER} )?(?:inner|interior)\b(?: {_NUMBER}(?! {_UNITS}))?(?: qubits?| ones?)?"),
        "every_second": r"\bevery (?:second|other) qubit,? starting at (?:0|1|zero|one)\b",
        "even": rf"\b(?:{_NUMBER} )?even(?:[- ](?:numbered|indexed|index|number))?\b(?: (?:qubits?|ones|sites))?",
        "odd": rf"\b(?:{_NUMBER} )?odd(?:[- ](?:numbered|indexed|index|number))?\b(?: (?:qubits?|ones|sites))?",
        "rest": (
            rf"\b(?:all |any |everything )?(?:of )?(?:the )?(?:{_NUMBER} )?(?:others?(?= (?:qubits?|ones"
            rf"|{_NUMBER})|\W|$)"
            r"|rest|remaining|remainder|everything else|elsewhere|else|leftover)\b(?: of (?:them|it"
            r"|the (?:register|qubits|system)))?"
            rf"(?: {_NUMBER}(?! {_UNITS}))?(?: ones| qubits?)?|\b(?:every|each|any)(?:body| other qubit"
            r"| other one| other)(?: else)?\b"
        ),
        "register": (
            r"\b(?:num(?:ber of)? qubits|qubit (?:count|number)|n ?qubits|(?:total )?qubits|n|registers?"
            rf"|size)\s*(?:[=:]|is)\s*{_NUMBER}"
            rf"(?!\s*(?:,|and|&)\s*(?:and )?\d)(?! ?{_KIND})"
            rf"|\b{_NUMBER}[- ]?{_KIND}(?! {_UNITS})"
            r"(?: \((?:numbered |labell?ed |named |called |from |q0)?(?:from )?q?0? ?(?:\.\.+|to|-"
            r"|through) ?q?\d\)|,? (?:numbered|labell?ed|named|called) (?:from )?q?0 ?(?:\.\.+|to|-"
            r"|through) ?q?\d)?"
            rf"|\b\d+q\b"
            r"|\b(?:out )?of (?:(?:a|an|the|these|those) )?(?:register of )?(?:size )?"
            rf"(?!0){_NUMBER}{_COUNTED}(?!\s*(?:,|and|&|-|to|\.\.)\s*\d)"
        ),
        "all": (
            r"\b(?:no qubit (?:is )?left out|(?:all|every(?: ?one)?|each(?: one)?)(?: of)?(?: the)?"
            r"|everything|everyone|everywhere|the (?:whole )?lot|whole|entire)\b"
        ),
        "list": rf"{_NAMED}(?:[\[({{]?\s*{_list(_BARE)}|{_list(_SPOKEN)})|\b{_list(_BARE)}",
        "not": rf"\b{_NOT}\b(?: be\b)?",
    }.items()
)
_MATCHES = re.compile(_KINDS)
PLACES = frozenset(
    {
        "half",
        "between",
        "first",
        "last",
        "ends",
        "every_second",
        "middle",
        "inner",
        "even",
        "odd",
        "rest",
        "all",
        "list",
        "ordinals",
    }
)
REST = frozenset({"rest", "between"})
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
    named = {"list": listed(text), "ordinals": map(ORDINALS.index, re.findall(_ORDINAL, text))}
    return Symbol(kind, text, count, frozenset(named.get(kind, ())))


def _number(text: str) -> int:
    return _DIGITS.index(text) if text in _DIGITS else int(text)


def listed(text: str) -> Iterator[int]:
    """Yield the qubits of a list with ranges, such as ``0, 2 to 4 and 6``."""
    item = rf"q?(\d+|{'|'.join(_DIGITS)})\b"
    for match in re.finditer(rf"{item}(?:(?:{_TO}| through qubit ){item})?", text):
        first = _number(match[1])
        yield from range(first, 1 + (first if match[2] is None else _number(match[2])))
