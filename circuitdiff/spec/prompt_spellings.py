"""One spelling for each meaning in prompts: signs, numbers, abbreviations and turns of phrase."""

from __future__ import annotations

import re

from circuitdiff.spec.prompt_idioms import BOUNDS, COUPLINGS, ENTANGLEMENT, GATES, NOTHING_ASKED, SIZES, Rewrites
from circuitdiff.spec.prompt_words import LATER_NUMBERS, MAX_QUBITS, ORDINALS, spelled

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
_SAID_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")
_RANK_NAME = r"(?:schmidt[- ])?(?:srv|ranks?(?:[- ]vector)?)"
_BEFORE_COUNT = r"(?:gate|count|<|[:=]|budget|limit|max|ones\b|at most|number)"

_ABBREVIATIONS: Rewrites = (
    (r"\bw/ ?o\b", "without"),
    (r"\bw/ ", "with "),
    (r"\bw (?=(?:an?|the|\d|no|only|at|max)\b)", "with "),
    (r"\bent\b", "entangled"),
    (r"\bsep\b", "separable"),
    (r"\b(can|could|would|will|do|did|if|thank|when) u\b", r"\1 you"),
    (r"\b(do|does|is|are|was|were|should|must|ca|wo|need)nt\b", r"\1n't"),
    (r"\b(i)(m|ve|ll)\b", r"\1'\2"),
    (r"\bem\b", "them"),
    (r"\beverybody\b(?! else| in)", "everyone"),
    (r"\bthats\b", "that's"),
    (r"\b(?:i\.e\.?|e\.g\.?|viz\.?|etc\.?|approx\.(?= entangl)|incl\.)(?! ?\d+ (?:in )?total)", " "),
    (r"\b(?:un|non)-(entangled|correlated)\b", r"un\1"),
    (r"\b(?:entangeled|entagled|entangld|entnagled|intangled)\b", "entangled"),
    (r"(?<=[\d\])}]) (?=[a-z]+(?: [a-z]+){0,2}=(?!=))", " ; "),
    (r"(?<!\d) -+ | -+ (?!q|\d)", " ; "),
    (r"(?<=\d) inclusive(?:ly)?\b|(?<=\d) \(inclusive(?:ly)?\)", ""),
)
_NUMBERS: Rewrites = (
    *((rf"\b{digit}\b", said) for digit, said in zip(_SAID_ORDINALS, ORDINALS, strict=False)),
    (r"\ba couple of\b", "acoupleof"),
    (r"\bhalf (?:a|of a) dozen\b", "6"),
    (r"\b(?:a |one )?dozen\b", "12"),
    *((rf"\b{word}\b", str(11 + place)) for place, word in enumerate(LATER_NUMBERS)),
    (r"#\s*", ""),
)
_GATE_NAMES: Rewrites = (
    (r"\b(?:controlled|control)[- ](?:nots?|xs?)\b|\bc-?not(s?)(?= gates?\b)", "cx"),
    (r"\b(cnot|cx|gate|qubit|h|hadamard)'s\b", r"\1s"),
    (r"\b(h|cx)s\b", r"\1"),
    (r"\b(cnots?|cx|two-qubit|gates?)-(gates?|count|number|budget|limit)\b", r"\1 \2"),
    (r"\b(\d+)-(gates?|cnots?|cx)-max\b", r"\1 \2 max"),
    (r"\b(gate|cnot|cx|qubit)(count|number|limit)\b", r"\1 \2"),
    (r"\b(\d+)g\b", r"\1 gates"),
    (r"\bg ?(?=<)", "gates "),
    (r"\b(?:op|operation|instruction|elementary gate)(s?)\b", r"gate\1"),
    (
        r"\b(?:2q|twoq|2-?body|two-?body|2-?qubit|two qubit|non-?local)"
        rf"(?=(?: \w+)?[- ]?{_BEFORE_COUNT})",
        "two-qubit",
    ),
    (r"\b(?:gates?|ones?|ops) (?:(?:that|which) )?acts? on (?:two|2) qubits", "two-qubit gates"),
    (r"\bacts? on (?:two|2) qubits\b", "two-qubit gates"),
    (
        r"\bof (?:those|them|these|which) (?:on|acting on|between) (?:two|2|a pair of) qubits\b",
        "of them two-qubit gates",
    ),
    (r"\btwo-qubit-gate", "two-qubit gate"),
)
_RANKS: Rewrites = (
    (r"\brank ?\((\d)\) ?= ?([12])\b", r"q\1=\2"),
    (r"\br ?= ?(?=[\[(])", "srv "),
    (
        r"(\branks?\b.*?)\b(?:and |, ?|; ?)(1|2|one|two) "
        r"(?=(?:for|on|at) (?:all|the|every|qubits?|q\d|each|any|\d))",
        r"\1 and rank \2 ",
    ),
    *(
        (
            rf"\b{_RANK_NAME}\s*(?:[:=]|of|with|is|are)?\s*(?:all |only )?{said}(?: everywhere)?\b"
            rf"|\ball[- ]{said}(?: (?:schmidt )?(?:ranks?|srv)(?: vector)?)?\b"
            rf"|\b{_RANK_NAME} ?(?:[:=]|is|are|of)? ?all {rank}\b(?! ?-?qubit)",
            f"all qubits rank {rank}",
        )
        for rank, said in ((1, "(?:ones|1s|1's)"), (2, "(?:twos|2s|2's)"))
    ),
    (r"\bqubits? 0 (?:to|through|-) \d (?=(?:with|having) (?:the )?(?:schmidt|srv|ranks?))", " "),
)
_QUBITS: Rewrites = (
    (
        r"\b(?:trapped|physical|superconducting|logical|neutral|available) "
        r"(?=(?:qubit|ion|atom|spin|transmon)s?\b)",
        "",
    ),
    (r"\bno\. ?(?=\d)", "qubit "),
    (r"\bq(\d+) ?/ ?(?=q\d)", r"q\1, "),
    (r"\bq ?\[(\d+) ?(?:\.\.+|:|-|to) ?(\d+)\]", r"q\1-q\2"),
    (r"\bq ?\[(\d+)\]", r"q\1"),
    (r"\bstarting (?:from|at|with) (?:qubit )?(?=[01]\b|zero|one)", "starting at "),
    (r"\b(?:wire|atom|site|spin|ion|mode|node|qbit|quibit|qu-bit|transmon)(s?)\b", r"qubit\1"),
)
_STATES: Rewrites = (
    (r"\bgraph states?\b", "graphstate"),
    (r"\|(product|sep)>", r"\1 "),
    *((rf"\bfrom (?:the )?(?:state )?\|{'0' * size}>", f"of {size} qubits") for size in range(2, MAX_QUBITS + 1)),
    (r"\b(?:from|to|on|starting in|acting on) (?:the )?(?:state )?\|0+>", " "),
    (r"\|0+>", "the ground state"),
)
SPELLINGS: Rewrites = (
    *_ABBREVIATIONS,
    *_NUMBERS,
    *_QUBITS,
    *_STATES,
    *_GATE_NAMES,
    *_RANKS,
    *NOTHING_ASKED,
    *GATES,
    *COUPLINGS,
    *SIZES,
    *ENTANGLEMENT,
    *BOUNDS,
)
"""What has one spelling, and turns of phrase, in this order."""

_LAST_QUBIT = re.compile(
    r"(?:(?<!entangled )(?<!separable )\bqubits ?[:=] ?q?0 ?(?:\.\.+|to|through)|\bof q?0 ?\.\.+"
    r"|^(?:[^.;:]*\b(?:acts? on|uses?|has|have|consists? of) )?(?:the )?qubits q?0 ?(?:\.\.+|to|-|through)"
    r"(?= ?q?\d\s*[.;](?!\d))"
    r"|(?<=all )of q?0 ?(?:to|-|through)"
    r"|\bout of (?:qubits? )?q?0 ?(?:\.\.+|to|-|through)) ?q?([1-9])\b"
)
_WORD = re.compile(r"\b[a-z]{4,}\b")


def plain(prompt: str) -> str:
    """Return a prompt in lower case, with one sign and one word for each meaning, and without quotation marks."""
    text = " ".join(re.sub(r"(?<!\w)'|'(?!\w)", " ", prompt.replace(" — ", " ; ").lower().translate(_SIGNS)).split())
    for pattern, said in SPELLINGS:
        text = re.sub(pattern, said, text)
    text = _LAST_QUBIT.sub(lambda match: f"of {int(match[1]) + 1} qubits", text)
    return _WORD.sub(lambda match: spelled(match[0]), text)
