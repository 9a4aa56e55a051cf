"""Turns of phrase in prompts, put into plain words, and asides that ask for nothing."""

from __future__ import annotations

from circuitdiff.spec.prompt_words import NUMBER, NUMBERS

Rewrites = tuple[tuple[str, str], ...]
"""Patterns and what they become, in this order."""

_END = r"(?=\s*(?:[.,;:!?)]|$))"
_H_CX = r"(?:h|cx|cnots?|hadamards?)"
_LIMITS = r"(?:limits?|bounds?|budgets?)"
_FREE = r"(?:unspecified|arbitrary|open|irrelevant|whatever|any)"
_WIRING = r"(?:wires|connections|links|couplers|couplings|edges|pairs)"
_IS = r"(?:is|are|should be|must be|to be)"
_PLACE = r"(?:the (?!gates?|cx|cnots?)|qubits?\b|q\d|\d+\b(?! ?-?(?:gate|cx|cnot|two))|first|last|middle)"
_COUNT = rf"(?<![-\w])(\d+|{'|'.join(NUMBERS)})"

NOTHING_ASKED: Rewrites = (
    (r"\b(?:max |min )?\w+ ?[:=] ?(?:none|null|unspecified|unlimited|free)\b", " "),
    (
        rf"\bno (?:(?:gate|cnot|cx|two-qubit gate) )?{_LIMITS}"
        r"(?: on (?:the )?(?:number of )?(?:gates?|cnots?|depth))?(?! on)\b",
        " ",
    ),
    (
        r"\b(?:i |we )?(?:do not|don't) (?:care|mind)(?: about| which| what| how)?"
        r"(?: the)?(?: (?:connectivity|coupling|gates?|topology|layout|order|depth))?\b",
        " ",
    ),
    (
        r"\bno (?:particular|special|specific|further|additional) "
        r"(?:states?|requirements?|constraints?|conditions?|restrictions?|wish(?:es)?|preferences?|needs?)"
        r"(?: needed| required)?\b",
        " ",
    ),
    (rf"\b(?:srv|(?:schmidt )?ranks?|entanglement) (?:is |are )?{_FREE}\b", " "),
    (r"\b(?:quick|this|that|good|nice|simple|easy|short|small|next) one\b", " "),
    (rf"\b(show|give|send|find|make|get|need|want)( me| us)? one{_END}", r"\1\2"),
    (rf"\b(?:and )?that(?:'s| is| would be) (?:it|all|everything){_END}", " "),
    (r"^all right\b|^(?:hi|hello|hey|dear|greetings|good \w+)(?: there)?,? (?:all|everyone|everybody)\b", " "),
    (
        r"\b(?:for|at) the (?:very )?(?:first|last|second) time\b|\bin the first place\b|\bfirst of all\b|\bat first\b",
        " ",
    ),
    (r"\bpretty (?=please|simple|short|small|compact|cheap|much|new|noisy)", ""),
    (r"\bmaximally (?=simple|short|small|compact|cheap)", ""),
    (r"\b(?:long[- ](?:distance|range)|distant|remote) (?=(?:bell|epr|ghz|entangle))", ""),
    (r"\b(?:i|we) (?:\w+ )?(?:measured|found|know|learned|learnt|noticed|noted|saw) that\b", " "),
)
"""What is left open, and what is said by the way."""

ENTANGLEMENT: Rewrites = (
    (
        r"\bthe first (?:qubit )?(?:is |being )?entangled with the (?=last|second|third|fourth|fifth|sixth)",
        "entangled first and ",
    ),
    (r"\bghz ?\((\d+)\)|\bghz[- ]?(\d+)(?= ?(?:state|[,.;]|$))", r"ghz of \1\2 qubits"),
    (r"\b(?:schr(?:o|oe|\u00f6)dinger(?:'s)?[- ])?cat[- ](state|like)", r"ghz \1"),
    (r"\b(?:entangled|entanglement|entangle)(?: qubits)? ?[:=] ?(?:none|no|nothing|false)\b", "no entanglement"),
    (r"\bentanglement ?[:=] ?(?:full|complete|all|maximal|everything)\b", "full entanglement"),
    (r"\band (?:nothing|no ?one|nobody|none) else (?:is|are|should be|to be) entangled\b", "entangled"),
    (
        r"\bthe only (?:unentangled|separable|disentangled|idle) (?:qubits?|ones?) (?:is|are|being|should be|must be) ",
        "all qubits entangled except ",
    ),
    (
        r"\bentangle (?:nothing|no qubits?|none of (?:them|the qubits))\b(?! (?:else|but|except|other|apart|more))",
        "no entanglement",
    ),
    (r"\b(not|except|without)((?: qubits?)? q?\d(?:, q?\d)*),? (?:or|nor) (?=q?\d)", r"\1\2 and "),
    (r"\bneither ([^.;,]*?) nor ([^.;,]*?) (is|are|should be|must be|may be|gets?) ", r"\1 and \2 \3 not "),
    (r"\bor at least (?=un|not|sep|idle|in a product)", ", "),
    (
        rf"\b((?:everything|everyone|every qubit|all(?: \w+)? qubits|all) (?:{_IS} )?entangled),? but not (?={_PLACE})",
        r"\1 except ",
    ),
    (rf"\b(except [^.;]*?),? (?:and|or|nor) not (?={_PLACE})", r"\1 and "),
    (
        rf"\b(not entangled|separable|unentangled),? (?:but|while|whereas) ([^.;]*?) ({_IS}){_END}",
        r"\1, \2 \3 entangled",
    ),
    (
        r"\b(qubits? ?\d+|q\d+|(?<![-.\d])\d(?= is))((?: (?:is|be|to be|being|gets?|must be|should be|maximally"
        r"|fully))*) entangled (?:only )?(?:with|to) (?:qubits? ?|q)?(\d+)",
        r"\1 and \3 entangled",
    ),
)
"""Which qubits are entangled."""

SIZES: Rewrites = (
    (r"\b(line|ring|chain|row|circle|loop|register|circuit|system|array|device) ?\((\d+)\)", r"\1 of \2 qubits"),
    (rf"{_COUNT}-(?:qubit[- ])?(ring|line|chain|row|circle|loop|register)\b", r"\2 of \1 qubits"),
    (
        r"\b(line|ring|chain|row|circle|loop|register|array|width|size) (?:of (?:size |length )?|= ?)?"
        rf"(?!0)({NUMBER})(?! *(?:,|&|and) *\d)(?! *[-\w]*(?:qubit|wire|atom|site|spin|ion|gate|op))",
        r"\1 of \2 qubits",
    ),
    (
        rf"\ball (?:the |of the |of them |)({NUMBER})(?= *(?:[,;.:)]|$|and\b|are\b|is\b|should\b|must\b"
        r"|to be\b|together|entangled|mutually|involved|included|participat))",
        r"all \1 qubits",
    ),
    (
        r"\b((?:others?|rest|remaining|idle|separable|entangled|alone)\b(?:(?!gate|cx|cnot)[^.;()])*)"
        rf"\((?:so |i\.e\.,? |that is |that's |makes |making )?({NUMBER}) (?:in )?(?:total|altogether|all)\)",
        r"\1 of \2 qubits",
    ),
)
"""How many qubits there are."""

GATES: Rewrites = (
    (
        rf"\b({_H_CX})(?: gates)?[\]}})]?[,.;]? (?:(?:and|but) )?"
        r"(?:nothing else|no(?:ne)? (?:others?|other gates?)|no others? at all)\b(?! qubit)",
        r"\1",
    ),
    (
        r"\b(?:nothing|no gates?) (?:but|except|other than|else than|besides|beyond|apart from) "
        rf"(?=(?:the )?{_H_CX}\b)",
        "",
    ),
    (rf"\b({_H_CX})[\]}})]?[,.;] no others\b", r"\1"),
    (rf"\b({NUMBER}) (h ?(?:/|and|\+|&) ?(?:cx|cnot)) gates\b", r"\1 gates, \2"),
    (r"\b(h|hadamard)-and-(cnot|cx)(?:-only)?\b", r"\1 and \2"),
)
"""Which gates there are."""

COUPLINGS: Rewrites = (
    (rf"\b(?:and |with |\()?(?:there (?:are|is) )?no other {_WIRING}\b\)?", ""),
    (r"\b((?:ring|circle|loop)\b[^.;]*?),? (?:so|meaning)(?: that)? q?\d (?:is|sits) next to q?\d\b", r"\1"),
)
"""Which qubits are coupled."""

BOUNDS: Rewrites = (
    (
        rf"\b(not [^.;]{{0,40}}more th[ae]n {NUMBER} [-\w]+(?: gates)?),? (?:or|nor|and) more th[ae]n\b",
        r"\1 and at most",
    ),
    (r"\b(?:please )?(?:do not|don't|not to) exceed (?:that|this|it|them)\b", "enough"),
    (
        r"\b(?:less|fewer|smaller) than or equal to\b|\b(?:equal to or|equal or) (?:less|fewer|smaller) than\b",
        "at most",
    ),
    (r"\bin (?:the )?single digits\b", "at most 9"),
    (
        r"\b(?:n|nr|no\.|num|number|count|amount)(?: of)?(?: the)? "
        r"(?=(?:gates?|cx|cnots?|two-qubit gates?|entangling gates)\b)",
        "",
    ),
)
"""How many gates there may be."""
