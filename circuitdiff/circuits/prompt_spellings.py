"""One spelling for each meaning in prompts: signs, numbers, abbreviations and turns of phrase."""

from __future__ import annotations

import re

from circuitdiff.circuits.prompt_words import LATER_NUMBERS, NUMBER, ORDINALS, spelled

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("–—‑−", "-"),
        **dict.fromkeys('"`“”‘'),
        **dict.fromkeys("_→", " "),
        "⟩": ">",
        "≤": "<=",
        "’": "'",
        "×": "x",
    }
)
SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\bw/ ?o\b", "without"),
    (r"\bw/ ", "with "),
    (r"\b(?:controlled|control)[- ](?:not|x)\b", "cx"),
    *(
        (rf"\b{digit}\b", said)
        for digit, said in zip(("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th"), ORDINALS, strict=False)
    ),
    (r"\brank ?\((\d)\) ?= ?([12])\b", r"q\1=\2"),
    (r"\bqubits? 0 (?:to|through|-) \d (?=(?:with|having) (?:the )?(?:schmidt|srv|ranks?))", " "),
    (
        r"\bthe first (?:qubit )?(?:is |being )?entangled with the (?=last|second|third|fourth|fifth|sixth)",
        "entangled first and ",
    ),
    (r"\bghz ?\((\d+)\)|\bghz[- ]?(\d+)(?= ?(?:state|[,.;]|$))", r"ghz of \1\2 qubits"),
    (r"\bq(\d+) ?/ ?(?=q\d)", r"q\1, "),
    (r"\b(?:entangled|entanglement|entangle)(?: qubits)? ?[:=] ?(?:none|no|nothing|false)\b", "no entanglement"),
    (r"\b(?:max |min )?\w+ ?[:=] ?(?:none|null|unspecified|unlimited|free)\b", " "),
    (r"\b(cnot|cx|gate|qubit)'s\b", r"\1s"),
    (r"\b(cnots?|cx|two-qubit|gates?)-(gates?|count|number|budget|limit)\b", r"\1 \2"),
    (r"\bw (?=(?:an?|the|\d|no|only|at|max)\b)", "with "),
    (
        (
            r"(\branks?\b.*?)\b(?:and |, ?|; ?)(1|2|one|two) (?=(?:for|on|at) (?:all|the|every|qubit|q\d|each"
            r"|any))"
        ),
        r"\1 and rank \2 ",
    ),
    (r"(?<!\d) -+ | -+ (?!q|\d)", " ; "),
    (r"\bg ?(?=<)", "gates "),
    (r"\br ?= ?(?=[\[(])", "srv "),
    (
        rf"\b(not [^.;]{{0,40}}more th[ae]n {NUMBER} [-\w]+(?: gates)?),? (?:or|nor|and) more th[ae]n\b",
        r"\1 and at most",
    ),
    (r"\b(?:please )?(?:do not|don't|not to) exceed (?:that|this|it|them)\b", "enough"),
    *(
        (
            r"\b(?:schmidt )?(?:srv|ranks?)(?:[- ]vector)?\s*(?:[:=]|of|with|is|are)?\s*(?:all "
            rf"|only )?{said}(?: everywhere)?\b"
            rf"|\ball[- ]{said}(?: (?:schmidt )?(?:ranks?|srv)(?: vector)?)?\b",
            f"all qubits rank {rank}",
        )
        for rank, said in ((1, "(?:ones|1s|1's)"), (2, "(?:twos|2s|2's)"))
    ),
    (r"\b(\d+)-(gates?|cnots?|cx)-max\b", r"\1 \2 max"),
    (r"\b(gate|cnot|cx|qubit)(count|number|limit)\b", r"\1 \2"),
    (r"\b(\d+)g\b", r"\1 gates"),
    (r"\bent\b", "entangled"),
    (r"\bsep\b", "separable"),
    (
        r"\bno (?:(?:gate|cnot|cx|two-qubit gate) )?(?:limits?|bounds?|budgets?)"
        r"(?: on (?:the )?(?:number of )?(?:gates?|cnots?|depth))?(?! on)\b",
        " ",
    ),
    (
        (
            r"\b(?:i |we )?(?:do not|don't) (?:care|mind)(?: about| which| what"
            r"| how)?(?: the)?(?: (?:connectivity|coupling|gates?|topology|layout|order|depth))?\b"
        ),
        " ",
    ),
    (
        r"\bno (?:particular|special|specific|further|additional) "
        r"(?:states?|requirements?|constraints?|conditions?|restrictions?|wish(?:es)?|preferences?"
        r"|needs?)(?: needed| required)?\b",
        " ",
    ),
    (r"\b(h|hadamard)-and-(cnot|cx)(?:-only)?\b", r"\1 and \2"),
    (
        (
            r"\b(?:srv|(?:schmidt )?ranks?|entanglement) (?:is |are )?(?:unspecified|arbitrary|open|irrelevant"
            r"|whatever|any)\b"
        ),
        " ",
    ),
    (r"\b(?:quick|this|that|good|nice|simple|easy|short|small|next) one\b", " "),
    (r"\ba couple of\b", "acoupleof"),
    (r"\b(?:trapped|physical|superconducting|logical|neutral|available) (?=(?:qubit|ion|atom|spin)s?\b)", ""),
    (r"\band (?:nothing|no ?one|nobody|none) else (?:is|are|should be|to be) entangled\b", "entangled"),
    (
        r"\b(?:schmidt[- ])?(?:srv|ranks?(?:[- ]vector)?) ?(?:[:=]|is|are|of)? ?all 2\b(?! ?-?qubit)",
        "all qubits rank 2",
    ),
    (
        r"\b(?:schmidt[- ])?(?:srv|ranks?(?:[- ]vector)?) ?(?:[:=]|is|are|of)? ?all 1\b(?! ?-?qubit)",
        "all qubits rank 1",
    ),
    (rf"\b({NUMBER}) (h ?(?:/|and|\+|&) ?(?:cx|cnot)) gates\b", r"\1 gates, \2"),
    (r"^all right\b", " "),
    (r"\bno\. ?(?=\d)", "qubit "),
    (
        (
            r"\b(?:less|fewer|smaller) than or equal to\b|\b(?:equal to or|equal or) (?:less|fewer"
            r"|smaller) than\b"
        ),
        "at most",
    ),
    (r"\bgraph states?\b", "graphstate"),
    (r"\bhalf a dozen\b", "6"),
    (r"\b(?:a |one )?dozen\b", "12"),
    *((rf"\b{word}\b", str(11 + place)) for place, word in enumerate(LATER_NUMBERS)),
    (r"\bin (?:the )?single digits\b", "at most 9"),
    (r"\b(line|ring|chain|row|circle|loop|register|circuit|system|array|device) ?\((\d+)\)", r"\1 of \2 qubits"),
    (
        (
            r"\b(line|ring|chain|row|circle|loop|register|array|width|size) (?:of (?:size |length )?"
            rf"|= ?)?(?!0)({NUMBER})(?! *(?:,|&|and) *\d)(?! *[-\w]*(?:qubit|wire|atom|site|spin|ion|gate|op))"
        ),
        r"\1 of \2 qubits",
    ),
    (
        (
            rf"\ball (?:the |of the |of them |)({NUMBER})(?= *(?:[,;.:)]|$|and\b|are\b|is\b|should\b|must\b"
            r"|to be\b|together|entangled|mutually|involved|included|participat))"
        ),
        r"all \1 qubits",
    ),
    (
        (
            r"\b(h|cx|cnots?|hadamards?)(?: gates)?[\]})]?[,.;]? (?:(?:and|but) )?(?:nothing else"
            r"|no(?:ne)? (?:others?|other gates?)|no others? at all)\b(?! qubit)"
        ),
        r"\1",
    ),
    (
        (
            r"\b(?:nothing|no gates?) (?:but|except|other than|else than|besides|beyond"
            r"|apart from) (?=(?:the )?(?:h|cx|cnots?"
            r"|hadamards?)\b)"
        ),
        "",
    ),
    (r"\b(?:i\.e\.?|e\.g\.?|viz\.?|etc\.?|approx\.(?= entangl)|incl\.)", " "),
    (r"\bor at least (?=un|not|sep|idle|in a product)", ", "),
    (r"\b(h|cx|cnots?|hadamards?)[\]})]?[,.;] no others\b", r"\1"),
    (r"\bstarting (?:from|at|with) (?:qubit )?(?=[01]\b|zero|one)", "starting at "),
    (r"\b(?:and |with |\()?no other (?:wires|connections|links|couplings|edges|pairs)\b\)?", ""),
    (r"\bq ?\[(\d+) ?(?:\.\.+|:|-|to) ?(\d+)\]", r"q\1-q\2"),
    (r"\bq ?\[(\d+)\]", r"q\1"),
    (r"\|(product|sep)>", r"\1 "),
    (r"\b(?:from|to|on|starting in|acting on) (?:the )?(?:state )?\|0+>", " "),
    (r"\|0+>", "the ground state"),
    (r"\b(can|could|would|will|do|did|if|thank|when) u\b", r"\1 you"),
    (r"\bentanglement ?[:=] ?(?:full|complete|all|maximal|everything)\b", "full entanglement"),
    (r"\b(?:wire|atom|site|spin|ion|mode|node|qbit|quibit|qu-bit)(s?)\b", r"qubit\1"),
    (r"\b(?:op|operation|instruction|elementary gate)(s?)\b", r"gate\1"),
    (
        (
            r"\b(?:2q|twoq|2-?body|two-?body|2-?qubit|two qubit|non-?local)(?=(?: \w+)?[- ]?(?:gate|count|<|[:=]"
            r"|budget|limit|max|ones\b|at most|number))"
        ),
        "two-qubit",
    ),
    (r"\b(?:gates?|ones?|ops) (?:(?:that|which) )?acts? on (?:two|2) qubits", "two-qubit gates"),
    (r"\bacts? on (?:two|2) qubits\b", "two-qubit gates"),
    (
        r"\bof (?:those|them|these|which) (?:on|acting on|between) (?:two|2|a pair of) qubits\b",
        "of them two-qubit gates",
    ),
    (r"\btwo-qubit-gate", "two-qubit gate"),
    (r"#\s*", ""),
    (
        (
            r"\b(qubits? ?\d+|q\d+|(?<![-.\d])\d(?= is))((?: (?:is|be|to be|being|gets?|must be|should be|maximally"
            r"|fully))*) entangled (?:only )?(?:with|to) (?:qubits? ?|q)?(\d+)"
        ),
        r"\1 and \3 entangled",
    ),
    (
        (
            r"\b(?:n|nr|no\.|num|number|count|amount)(?: of)?(?: the)? (?=(?:gates?|cx|cnots?|two-qubit gates?"
            r"|entangling gates)\b)"
        ),
        "",
    ),
    (r"\b(?:entangeled|entagled|entangld|entnagled|intangled)\b", "entangled"),
)
"""Patterns and what they become, in this order."""

_LAST_QUBIT = re.compile(
    r"(?:(?<!entangled )(?<!separable )\bqubits ?[:=] ?q?0 ?(?:\.\.+|to|through)|\bof q?0 ?\.\.+"
    r"|(?<=all )of q?0 ?(?:to|-|through)"
    r"|\bout of (?:qubits? )?q?0 ?(?:\.\.+|to|-|through)) ?q?([1-9])\b"
)
_WORD = re.compile(r"\b[a-z]{4,}\b")


def plain(prompt: str) -> str:
    """Return a prompt in lower case, with one sign and one word for each meaning, and without quotation marks."""
    text = " ".join(re.sub(r"(?<!\w)'|'(?!\w)", " ", prompt.lower().translate(_SIGNS)).split())
    for pattern, said in SPELLINGS:
        text = re.sub(pattern, said, text)
    text = _LAST_QUBIT.sub(lambda match: f"of {int(match[1]) + 1} qubits", text)
    return _WORD.sub(lambda match: spelled(match[0]), text)
