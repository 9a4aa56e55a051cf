"""Patterns of what prompts ask for, entanglement in words aside, and the words that ask for nothing."""

from __future__ import annotations

from circuitdiff.spec.prompt_words import NUMBER

ALIASES = {
    **dict.fromkeys(("hadamard", "hadamards"), "h"),
    **dict.fromkeys(("cnot", "cnots", "controlled-not", "controlled-x"), "cx"),
    **dict.fromkeys(("toffoli", "toffolis", "ccnot"), "ccx"),
    **{"fredkin": "cswap", "swaps": "swap", "pauli-x": "x", "pauli-y": "y", "pauli-z": "z"},
}
TOPOLOGIES = ("line", "ring", "all")

_PAIR = r"(?<!\d)\d+-\d+(?![-\d])"
_PAIRS = (
    rf"{_PAIR}(?:(?:\s*(?:,|;|and|&)\s*|\s+)(?:and\s+)?{_PAIR})+|(?:(?<=coupling )|(?<=couplings )"
    rf"|(?<=edge )|(?<=connectivity )){_PAIR}"
)
_CHAIN = r"(?<!\d)\d+(?:-\d+){2,}(?![-\d])"
_BRACKETED = r"[(\[{]\s*\d+\s*,\s*\d+\s*[)\]}]"
_JOINED = r"(?:\s*(?:,|;|and)\s*|\s*)"
_NAMES = (
    r"(?P<names>\(q?\d(?:,? ?q?\d)+\)|(?:(?:for|of) )?(?:the )?qubits? \d(?:(?:,| and"
    r"|, and) ?\d)+)?\s*(?:are|is|[:=])?\s*"
)
_RANGE = (
    r"\(?(?:(?:for|of|from) )?(?:the )?(?:qubits? )?q?(?P<start>\d+)\s*(?:down to|up to|to|through|-"
    r"|\.\.+)\s*q?(?P<end>\d+)\)?\s*[:=]?\s*"
)
_RANKS = (
    r"\b(?:srv|(?:schmidt|entanglement)[- ](?:ranks?[- ])?(?:vector|vec|pattern|numbers?)|schmidt[- ]ranks?|schmidt"
    r"|entanglement(?= [\[(])"
    r"|ranks?(?:[- ](?:vector|vec|pattern|list))?)(?: class| vector| per qubit)?\s*"
    r"(?:(?:must be|should be|should read|reads?|equal to|equals|of|is|are|,? in order|as follows|:|=)\s*)*"
)
_INTRODUCED = (
    r"(?:(?:as|for|is|being) )?(?:(?:the|its|an?|my) )?(?:srv|schmidt|ranks?\b)(?:[- ](?:ranks?|vector"
    r"|vec|pattern))*"
)
_RANK = r"(?:\d|one|two)"
_LIST = r"\d+(?:\s*(?:,|and|&|-|to|\.\.+)\s*(?:and )?\d+)*"
_LINKED = r"(?:wired|connect(?:ed|s)?|couple[ds]?|link(?:ed|s)?|attached|joined|adjacent|interacts?|talks?)"
_AS_CENTRE = r"(?:is|being|sits|in|at|as|the|its|middle|cent(?:re|er)|hub)"
_WITH_OTHERS = (
    rf"(?:,? (?:(?:which|and|that|is|being|only|directly) )*{_LINKED} (?:only |directly )?(?:to|with) "
    rf"(?:all |each |every )?(?:of )?(?:the )?(?:{NUMBER} )?(?:others?|rest|leaves)\b(?: qubits?| one)?)?"
)

PATTERNS: tuple[tuple[str, str], ...] = (
    ("", rf"\b{NUMBER} (?=(?:neighbou?ring|adjacent) qubits:? \d)"),
    ("", r"\b(?:single|one|two)-qubit gates?:? (?=(?:h|x|y|z|s|t|u|rx|ry|rz|cx|cz|cnots?|hadamards?)\b)"),
    (
        "",
        (
            r"\(?\b(?:(?:counting|numbered|numbering|indexed|starting) (?:from|at) |with )?(?:zero|0)(?: indexed"
            r"|-indexed|-based)\b\)?"
        ),
    ),
    (
        "",
        r"\(?\b(?:counting|counted|count|numbered|numbering|indexed|indexing|(?<!qubit )starting|indices"
        r"|labels?)(?: \w+)? (?:from|at|with)"
        r" (?:zero|0)\b\)?",
    ),
    (
        "",
        r"\b(?:(?:and )?no other gates?|gates alone|(?:at|in) all\b(?! \w+ qubits)|in total|and nothing else(?= with)"
        r"|\w+ (?:doesn't|does not) matter|a few\b(?! (?:gates|qubits|cx|cnots|of)))",
    ),
    (
        "srv",
        rf"{_RANKS}((?:(?:q(?:ubit )?\d+\s*(?:[:=]|->|\s)|\d+\s*(?:[:=]|->))\s*[12]\b\s*[,;]?\s*(?:and )?){{2,}})",
    ),
    ("srv", rf"(?:{_RANKS})?((?:q(?:ubit )?\d+\s*[:=]\s*[12]\b\s*[,;]?\s*(?:and )?){{2,}})"),
    ("srv", rf"{_RANKS}(?:{_RANGE}|{_NAMES})[\[({{<]\s*(?P<bracketed>{_RANK}(?:[\s,|/;]+{_RANK})*)\s*[\])}}>]"),
    (
        "srv",
        rf"{_RANKS}(?:{_RANGE}|{_NAMES})(?P<bare>[12]{{2,}}|{_RANK}(?:(?:\s*[,/|-]\s*|\s+(?:and )?){_RANK})+)\b"
        r"(?!-|\s*(?:qubit|gate|two))(?:\s*\(q?0\s*(?:\.\.+|-|to|through)\s*q?\d+\))?",
    ),
    ("srv", rf"\b([12](?:[\s,/|-]+[12]){{2,}}) {_INTRODUCED}"),
    ("", r"\(?\b(?:with |starting with )?q(?:ubit )?0 (?:(?:is|comes) )?(?:the )?(?:first|leftmost|on the left)\b\)?"),
    ("coupling", rf"((?:\[\s*)?{_BRACKETED}(?:{_JOINED}{_BRACKETED})+(?:\s*\])?)"),
    (
        "srv",
        (
            r"[\[(<]\s*([12](?:[\s,|]+[12]){2,}|1[\s,]+1|2[\s,]+2)\s*[\])>](?!\s*,?\s*[(\[])(?: (?:schmidt|srv"
            r"|ranks?)\b)*"
        ),
    ),
    ("srv", r"(?<![-\d.])\b([12]{4,})\b(?! ?-?(?:gate|qubit|cnot|cx))"),
    ("bounds", ""),
    ("", rf"(?<![-\d])\b{NUMBER} (?:\w+ )?(?:couplers?|couplings?|edges|links|connections|bonds)\b"),
    (
        "star",
        (
            r"\bstar\b[^.;]*?\b(?:hub|cent(?:re|er)(?:ed)?)(?: (?:is|on|at"
            rf"|in))?(?: qubit)? ?q?(?P<hub>\d+)[,)]? (?:and |with )?(?:the )?leaves (?P<leaves>{_LIST})"
        ),
    ),
    (
        "star",
        rf"\bq(?:ubit )?(?P<hub>\d+) (?:{_AS_CENTRE} )+of (?:a|the) star,? (?:and |with |whose )?(?:the )?leaves "
        rf"(?:are )?(?:qubits )?(?P<leaves>{_LIST})",
    ),
    (
        "hub",
        r"\b(?:star|hub)\b[^.;)]*?\b(?:hub|around|cent(?:re|er)(?:ed)?)(?: (?:is|on|at|in|around))?(?: qubit)? ?q?"
        rf"(?P<hub>\d+)\b{_WITH_OTHERS}",
    ),
    ("hub", rf"\bstar\b[^.;)\d]*?(?P<hub>\d+)(?: {_AS_CENTRE})+(?! {_AS_CENTRE})\b{_WITH_OTHERS}"),
    ("hub", rf"\bq(?:ubit )?(?P<hub>\d+) (?:{_AS_CENTRE} )+of (?:a|the) star\b{_WITH_OTHERS}"),
    (
        "star",
        r"\b(?:(?:the )?hub (?:is )?)?q(?:ubit )?(?P<hub>\d+),? "
        r"(?:(?:is|sits|in|at|as|the|a|cent(?:re|er)|middle|hub|and|which|that|it|can|may"
        rf"|be|directly|only)[,:;]? )*{_LINKED} (?:directly |only )?(?:to|with) (?:qubits? )?(?P<leaves>{_LIST})",
    ),
    ("coupling", rf"({_CHAIN}|{_PAIRS})"),
    (
        "shape",
        (
            r"\b(?:[a-z]-shaped|[a-z] shaped|star|heavy[- ]hex(?:agon)?(?: lattice| fragment)?|tree|bowtie"
            r"|(?:\d ?x ?\d )?(?:square|grid)(?: grid| lattice)?"
            r"|ladder|kite)(?:-shaped)?\b"
        ),
    ),
    (
        "",
        (
            r"(?<!\bh and )(?<!\bh, )(?<!\bh & )(?<!\bh/)(?<!\bh\+)(?<!\bh \+ )(?<!hadamard and )"
            r"(?<!hadamards and )\b(?:cnots?|cx|two-qubit gates?|entangling gates?)(?= (?:gates )?(?:(?:act|are"
            r"|is|allowed|possible|available|work|only|can|may|must|be|applied|restricted|limited) )*(?:on"
            r"|between|along|to)\b)"
        ),
    ),
    (
        "",
        (
            r"\bno (?:constraints?|restrictions?|requirements?|preferences?) (?:on|about|regarding|for"
            r"|as to) (?:the )?(?:entanglement|gates?|ranks?)\b"
        ),
    ),
    ("ring", r"\bclosed (?:chain|line|loop)\b"),
    (
        "line",
        (
            r"\b(?:linear(?:ly)?(?:[- ](?:chain|array|line|path|layout|topology|connectivity|coupling))?|lnn|1-?d"
            r"|one-dimensional|path(?: graph)?|open boundar(?:y|ies))\b"
        ),
    ),
    (
        "near",
        (
            rf"\b(?:every|each)(?: ?one| qubit)? (?:only )?(?:(?:is|can|may|be) )*(?:only )?{_LINKED} (?:only )?"
            r"(?:to|with) (?:its|the|their) (?:(?:nearest|next|direct|immediate|two|adjacent)[- ])*neighbou?rs?\b"
            r"|\b(?:(?:nearest|next|direct|immediate)[- ])?neighbou?r(?:s|ing)?(?:[- ](?:cnots?|cx|gates?"
            r"|only))?(?: qubits?)?\b(?! \d(?! ?-?qubit))|\b(?:nn|adjacent)(?: qubits?)?\b(?! \d)"
        ),
    ),
    ("line", r"\b(?:line|chain|row)\b(?!.*\bperiodic boundar)"),
    ("ring", r"\b(?:ring|circle|triangle)(?:-shaped)?\b|\b(?:circular|loop)\b|\bperiodic boundar(?:y|ies)\b"),
    ("ring", r"\bchain\b"),
    (
        "all",
        rf"\b(?:every(?:thing|one|body)|all(?: qubits)?|(?:any|every|each) qubit) (?:(?:is|are|can|be) )*{_LINKED} "
        r"(?:to|with) (?:every(?:thing|one|body)|each other|(?:any|every)(?: other)?(?: qubit| one)?)\b(?: else)?"
        r"|(?:all|any|every(?:thing|one)?)[- ]?(?:to|2)[- ]?(?:all|any|every(?:thing|one)?)"
        r"|full(?:y)?[- ]connect(?:ed|ivity)(?: graph| hardware)?"
        r"|\b(?:coupling|connectivity|topology|coupling map) ?(?:[:=]|is) ?(?:full|complete|any|unrestricted|none)\b"
        r"|\b(?:complete|full) (?:coupling |connectivity )?(?:graph|connectivity|coupling|map)"
        r"|\b(?:any|every) qubits? (?:can|may) \w+ (?:to|with) (?:any|every)(?: other)?(?: qubit| one)?\b"
        r"|(?:any|every|all|each) (?:two|pairs?)(?! (?:except|but|apart"
        r"|other))(?: of)?(?: qubits?)?(?: (?:can|may))?(?: (?:interact|be coupled|be connected|talk))?\b"
        r"|\b(?:no (?:connectivity|coupling|topology|layout|hardware) (?:constraints?|restrictions?|limits?"
        r"|limitations?)|no (?:constraints?|restrictions?|limits?|limitations?) on (?:the )?(?:connectivity"
        r"|coupling|topology|layout)|unrestricted (?:connectivity|coupling)|(?:connectivity|coupling"
        r"|topology) unrestricted)\b",
    ),
)
"""By part of a wish, in the order in which they are looked for; what the parts `line`, `ring` and `all` mean is their
name, the first part asks for nothing, and bounds have a grammar of their own. The matched value is the one group that
took part, where groups have no names."""
