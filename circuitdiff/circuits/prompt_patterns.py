"""Patterns of what prompts ask for, entanglement in words aside, and the words that ask for nothing."""

from __future__ import annotations

import re

MAX_QUBITS = 10
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ALIASES = {
    **dict.fromkeys(("hadamard", "hadamards"), "h"),
    **dict.fromkeys(("cnot", "cnots", "controlled-not", "controlled-x"), "cx"),
    **dict.fromkeys(("toffoli", "toffolis", "ccnot"), "ccx"),
    **{"fredkin": "cswap", "swaps": "swap", "pauli-x": "x", "pauli-y": "y", "pauli-z": "z"},
}
FILLERS = frozenset(
    "a able about across act acts actually after again ahead aim allow allowed allowing allows alone along already "
    "also although am among amongst an ancilla ancillas and another any anything apply applying appreciate are around "
    "arrange arranged as ask asked asking assume at available base based basis be because been being benchmark "
    "between both bring budget build built but by call called can case cases certain chip circuit circuits class "
    "clearly code come comes common compare compile compiled compiler computer concerned condition connected "
    "connecting connection connections connectivity consider consist consisting constraint constraints contain "
    "containing contains control corresponding could coupled couples coupling couplings course create creates "
    "creating current currently data define defined demo depends depth describe described design desire desired "
    "details device devices did directly do does doing done draw during each easily edge edges effectively end ensure "
    "entangler entangler's especially essentially etc evaluate everyone exactly example examples execute exercise "
    "exist exists expect experiment explain explore fact find fit fits following for form forms found from fun "
    "further gate gates gateset general generally generate generates generating get gets give given gives go goal "
    "going good got graph had hardware has have having he hello help here here's herself hey hi hold holds home "
    "homework hope how however i i'd i'll i'm i've idea ideally if implement implements in include including indeed "
    "inside instance intend intended interact interested into involve involves involving is it it's its itself job "
    "just keep keeps kind kindly know known lab layout learn leave leaves leaving left let let's lets like likewise "
    "limited list look looking looks made main mainly make makes making map may maybe me mean meaning means meant "
    "method might mind mine moment must my myself name named namely names native near need needed needs new nice note "
    "notice now number numbers obey obeying obtain obtained obviously of off offer ok okay on once only onto operate "
    "operation operations option options or order ordinary other ought our ours ourselves out output over overall own "
    "pair pairs paper particular pattern per perhaps physical pick place placed places plain please plus point "
    "possible possibly practice precisely prefer preferably prepare prepared prepares preparing probably problem "
    "process processor produce produces producing program project properly proposal propose provide provided purpose "
    "purposes put qpu quantum qubit qubits question quite random rather reach read reading real realise realize "
    "really reason refer regarding register registers regular related remain remains report request respecting "
    "respects restrict restricted result resulting return role run running runs same sample samples satisfies satisfy "
    "satisfying scheme search see seem seems sense set sets setting setup several shall share she should show shown "
    "shows simply simulator since site sites so so-called some something sort source special specific spin spins "
    "start state states stay stays step still study stuff subject subset such suggest suitable suppose supposed sure "
    "system systems take talk target task teach team tell term terms test testing text thank thanks that that's the "
    "their them themselves then theory there there's therefore these they they're thing things think this those "
    "though thought through thus to today together too topology total toward towards transpiler try trying turn type "
    "types typical typically understand up upon us use used uses using usual usually various version via view want "
    "wanted wants was way we we'd we're we've well were what what's whatsoever when whenever where whether which "
    "whichever while who whose will wish with wonder wondering word words work works would write writing yes yet you "
    "you'd your yours".split()
)
"""Words that ask for nothing. None of them bounds, excludes or counts: such words are understood or refused."""

_SIGNS = str.maketrans(
    {**dict.fromkeys("–—‑−", "-"), **dict.fromkeys('"`“”'), **dict.fromkeys("_→", " "), "≤": "<=", "’": "'"}
)

TOPOLOGIES = ("line", "ring", "all")

NUMBER = rf"(\d+|{'|'.join(NUMBERS)})\b"
_MOST = (
    r"(?:at (?:the )?most|up to|(?:no|not) more than|as many as|(?:maximum|max\.?|limit|budget)(?: of|:)?"
    r"|limited to|within|<=)"
)
_BELOW = r"(?:fewer than|less than|below|under|<)"
_OR_FEWER = r"(?:(?:in )?total |in all |overall )?(?:or (?:fewer|less)|at (?:the )?most|max(?:imum)?\b|tops)"
_UNITS = "gates?|operations?"
_TWO_QUBIT = (
    rf"(?:(?:two|2)[- ]qubit|entangling|cnot|cx) (?:{_UNITS})|(?:two|2)[- ]qubit(?: ones)?|entanglers?|cnots?|cx"
)
_PAIR = r"(?<!\d)\d+-\d+(?![-\d])"
_PAIRS = rf"{_PAIR}(?:(?:\s*(?:,|;|and)\s*|\s+)(?:and\s+)?{_PAIR})+|(?<!qubits ){_PAIR}"
_CHAIN = r"(?<!\d)\d+(?:-\d+){2,}(?![-\d])"
_BRACKETED = r"[(\[{]\s*\d+\s*,\s*\d+\s*[)\]}]"
_JOINED = r"(?:\s*(?:,|;|and)\s*|\s*)"
_RANKS = (
    r"\b(?:srv|(?:schmidt|entanglement)[- ](?:ranks?[- ])?(?:vector|vec|pattern|numbers?)|schmidt[- ]ranks?|schmidt"
    r"|entanglement(?= [\[(])"
    r"|ranks?(?:[- ](?:vector|pattern))?)(?: class| vector| per qubit)?\s*"
    r"(?:(?:must be|should be|equal to|of|is|are|:|=)\s*)*"
)
_NO_INDICES = "".join(rf"(?<!{word}{sign})" for word in ("qubits", "entangled") for sign in ("", " ", ": ", " = "))
_COUNTED = "|".join(rf"(?<={number} qubits )" for number in (r"\d", *NUMBERS))
_RANK = r"(?:\d|one|two)"


def _bound(unit: str) -> str:
    """Return a pattern of bounds on how many there are of a unit; group `below` where the bound itself is too many."""
    below = NUMBER.replace("(", "(?P<below>", 1)
    named = rf"(?:{unit})(?: (?:count|number|limit|budget)\b)?(?: (?:is|are|must be|should be)\b)?\s*[:=]?\s*"
    return "|".join(
        (
            rf"{_MOST}\s*{NUMBER}\s*(?:{unit})\b",
            rf"{NUMBER}\s*(?:{unit})\s*{_OR_FEWER}",
            rf"{_BELOW}\s*{below}\s*(?:{unit})\b",
            rf"(?:max(?:imum)?|most)\s*(?:{unit})\s*[:=]?\s*{NUMBER}(?!\s*[- ]?qubit)",
            rf"\b{named}{_MOST}\s*{NUMBER}(?!\s*(?:[- ]?qubit|{_UNITS}|{_TWO_QUBIT}))",
            rf"\b{named}{_BELOW}\s*{below.replace('below', 'under')}(?!\s*(?:[- ]?qubit|{_UNITS}|{_TWO_QUBIT}))",
            rf"\b(?:{unit}) (?:limit|budget)(?: of| is)?\s*[:=]?\s*{NUMBER}(?!\s*[- ]?qubit)",
        )
    )


PATTERNS: tuple[tuple[str, str], ...] = (
    ("", rf"\b{NUMBER} (?=(?:neighbou?ring|adjacent) qubits \d)"),
    ("", r"\b(?:single|one|two)-qubit gates?:? (?=(?:h|x|y|z|s|t|u|rx|ry|rz|cx|cz|cnots?|hadamards?)\b)"),
    (
        "",
        r"\b(?:(?:and )?no other gates?|gates alone|(?:at|in) all\b(?! \w+ qubits)|in total"
        r"|\w+ (?:doesn't|does not) matter|a few(?= (?:circuits|states|examples)\b))",
    ),
    ("srv", rf"{_RANKS}[\[({{]\s*({_RANK}(?:[\s,]+{_RANK})*)\s*[\])}}]"),
    ("srv", rf"{_RANKS}([12]{{2,}}|{_RANK}(?:(?:\s*[,/-]\s*|\s+){_RANK})+)\b(?!-|\s*(?:qubit|gate|two))"),
    ("coupling", rf"((?:\[\s*)?{_BRACKETED}(?:{_JOINED}{_BRACKETED})+(?:\s*\])?)"),
    ("srv", rf"(?:{_NO_INDICES}|{_COUNTED})[\[(]\s*(\d+(?:[\s,]+\d+)+)\s*[\])](?!\s*,?\s*[(\[])"),
    ("max_two_qubit", _bound(_TWO_QUBIT)),
    ("max_gates", _bound(_UNITS)),
    ("coupling", rf"({_CHAIN}|{_PAIRS})"),
    ("", r"\b(?:cnots?|cx)(?= (?:gates )?(?:(?:act|are|is|allowed|possible|work|only) )*(?:on|between|along)\b)"),
    ("line", r"(?:linear(?:ly)?(?: chain)?|(?:nearest|next)[- ]neighbou?rs?(?: (?:cnots?|cx|gates?))?)\b"),
    ("line", r"\b(?:neighbou?ring|adjacent|neighbou?rs?)(?: qubits?)?\b(?! \d)|\bpath graph\b|\bopen boundary\b"),
    ("line", r"\b(?:line|chain|row)\b(?!.*\bperiodic boundar)"),
    ("ring", r"\b(?:ring|circle)(?:-shaped)?\b|\b(?:circular|loop)\b|\bperiodic boundar(?:y|ies)\b"),
    ("ring", r"\bchain\b"),
    (
        "all",
        r"all[- ]to[- ]all|fully connected|full connectivity|complete graph|any (?:two|pair)(?: of)? qubits\b"
        r"|\b(?:no connectivity (?:constraints|restrictions|limits)|unrestricted connectivity)\b",
    ),
)
"""By part of a wish, in the order in which they are looked for; what the parts `line`, `ring` and `all` mean is their
name, and the first part asks for nothing. The matched value is the one group that took part."""


def plain(prompt: str) -> str:
    """Return a prompt in lower case, with one sign for each meaning and without quotation marks."""
    return prompt.lower().translate(_SIGNS).replace("w/ ", "with ")


def repeated(text: str) -> str:
    """Return a plain prompt with the words of a bound said again where it goes on: "at most 6 gates and 3 cnots"."""
    unit = rf"(?:{_TWO_QUBIT}|{_UNITS})\b"
    goes_on = rf"({_MOST}\s*{NUMBER}\s*{unit})\s*(?:,\s*)?(?:and|with|/|,)\s*(?={NUMBER}\s*{unit}(?!\s*{_OR_FEWER}))"
    return re.sub(goes_on, r"\1, at most ", text)
