"""Wishes in words: what a prompt may ask of circuits, put into words and read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from circuitdiff.circuits.gates import GATES
from circuitdiff.errors import InputError
from circuitdiff.spec.entangled_words import read_entangled
from circuitdiff.spec.prompt_bounds import read_bounds
from circuitdiff.spec.prompt_couplings import edges, pairs_of, reach, star, star_around
from circuitdiff.spec.prompt_pairs import read_partners
from circuitdiff.spec.prompt_patterns import ALIASES, PATTERNS, TOPOLOGIES
from circuitdiff.spec.prompt_spellings import plain
from circuitdiff.spec.prompt_words import MAX_QUBITS, is_everyday, number

MAX_CHARACTERS = 2000
MAX_COUNT = 64
"""Largest bound on numbers of gates that a prompt may name."""


@dataclass(frozen=True)
class Wish:
    """What is asked of circuits; each part may be absent.

    Attributes:
        num_qubits: size of the register.
        srv: Schmidt rank, 1 or 2, of each qubit in the state made of |0...0>.
        gates: names of the gates to use, in the library's order.
        coupling: ``all``, ``line``, ``ring``, or pairs such as ``0-1,1-2``.
        max_gates: most gates.
        max_two_qubit: most gates on two qubits or more.
        partners: pairs of qubits that are entangled with each other alone, where there are several.
    """

    num_qubits: int | None = None
    srv: tuple[int, ...] | None = None
    gates: tuple[str, ...] | None = None
    coupling: str | None = None
    max_gates: int | None = None
    max_two_qubit: int | None = None
    partners: tuple[tuple[int, int], ...] | None = None


_NAMES = tuple(name for name in GATES if name != "dcz")
_PHRASES: dict[str, tuple[str, ...]] = {
    "num_qubits": ("{} qubits", "on {} qubits", "a circuit on {} qubits", "a {}-qubit circuit"),
    "srv": ("srv {}", "srv: {}", "schmidt rank vector {}", "generate srv: {}", "entanglement {}"),
    "gates": ("only {}", "using only {}", "gates {}", "with the gates {}", "gate set {}"),
    "max_gates": ("at most {} gates", "up to {} gates", "no more than {} gates", "maximum {} gates"),
    "max_two_qubit": ("at most {} two-qubit gates", "up to {} entangling gates", "no more than {} two-qubit gates"),
}
_COUPLINGS: dict[str, tuple[str, ...]] = {
    "line": ("on a line", "linear connectivity", "nearest-neighbour", "on a linear chain"),
    "ring": ("on a ring", "on a circle"),
    "all": ("all-to-all", "fully connected"),
}


def phrase(wish: Wish, rng: np.random.Generator) -> str:
    """Put a wish into words, in one of many ways; `parse` reads each of them back."""
    parts = []
    for name in ("num_qubits", "max_gates", "max_two_qubit"):
        value = getattr(wish, name)
        if value is not None:
            parts.append(_one(_PHRASES[name], rng).format(value))
    if wish.srv is not None:
        parts.append(_one(_PHRASES["srv"], rng).format(f"[{', '.join(map(str, wish.srv))}]"))
    if wish.gates is not None:
        names = (" and " if len(wish.gates) == 2 else ", ").join(wish.gates)
        parts.append(_one(_PHRASES["gates"], rng).format(names))
    if wish.coupling is not None:
        parts.append(_one(_COUPLINGS.get(wish.coupling, (f"coupling {wish.coupling}",)), rng))
    return _one((", ", "; "), rng).join(parts[i] for i in rng.permutation(len(parts)))


def parse(prompt: str) -> Wish:
    """Read a wish from words.

    Raises:
        InputError: words that are not understood, contradictions, or what no circuit can be.
    """
    if len(prompt) > MAX_CHARACTERS:
        raise InputError(f"a prompt has at most {MAX_CHARACTERS} characters, not {len(prompt)}")
    rest, partners = read_partners(plain(prompt))
    found: dict[str, Any] = {} if partners is None else {"partners": partners}
    for name, pattern in PATTERNS:
        if name == "bounds":
            rest, bounds = read_bounds(rest)
            found |= bounds
            continue
        for match in re.finditer(pattern, rest) if name else ():
            part, value = _read(name, match)
            found[part] = _agreed(part, found.get(part, value), value)
        rest = re.sub(pattern, " ; ", rest)
    shape, near, hub = (found.pop(name, None) for name in ("shape", "near", "hub"))
    if near is not None:
        found.setdefault("coupling", near)
    if shape is not None and "-" not in found.get("coupling", ""):
        raise InputError(f"the prompt asks for the coupling {shape!r}, and not for its pairs, such as 0-1,1-2")
    rest, size, ranks = read_entangled(rest, reach(found.get("coupling", "")), found.get("srv"))
    if hub is not None:
        around = star_around(hub, size or len(found.get("srv", ())))
        found["coupling"] = _agreed("coupling", found.get("coupling", around), around)
    if ranks is not None and found.setdefault("srv", ranks) != ranks:
        raise InputError(f"the prompt asks for srv {_shown(found['srv'])} and {_shown(ranks)}")
    words = re.findall(r"[^\s,;:.!?{}()\[\]&+/|<>=]+", rest)
    names = {ALIASES.get(word, word) for word in words}
    unknown = [word for word in words if ALIASES.get(word, word) not in _NAMES and not is_everyday(word)]
    if unknown:
        raise InputError(f"the prompt is not understood from {unknown[0][:40]!r} on")
    gates = tuple(name for name in _NAMES if name in names)
    return checked(Wish(num_qubits=size, **found, gates=gates or None))


def merge(wish: Wish, options: Wish) -> Wish:
    """Put a prompt's wish together with that of structured options.

    Raises:
        InputError: where they contradict each other.
    """
    values: dict[str, Any] = {}
    for field in fields(Wish):
        said, given = getattr(wish, field.name), getattr(options, field.name)
        same = set(said or ()) == set(given or ()) if field.name == "gates" else said == given
        if said is not None and given is not None and not same:
            raise InputError(f"the prompt asks for {field.name} {_shown(said)}, the options for {_shown(given)}")
        values[field.name] = given if said is None else said
    return checked(Wish(**values))


def checked(wish: Wish) -> Wish:
    """Return a wish with the register that it implies.

    Raises:
        InputError: Schmidt ranks that no state has, or of another register, or that the gates cannot make, or numbers
            out of range.
    """
    if wish.srv is not None:
        ranks = list(wish.srv)
        if len(ranks) > MAX_QUBITS:
            raise InputError(f"a prompt may ask for 1 to {MAX_QUBITS} qubits, not for {len(ranks)} Schmidt ranks")
        if not set(ranks) <= {1, 2}:
            raise InputError(f"Schmidt ranks of qubits are 1 or 2, not {ranks}")
        if ranks.count(2) == 1:
            raise InputError(f"no state has Schmidt ranks {ranks}: a single qubit cannot be entangled")
        if wish.num_qubits not in (None, len(ranks)):
            raise InputError(f"{len(ranks)} Schmidt ranks {ranks} are asked of {wish.num_qubits} qubits")
        wish = replace(wish, num_qubits=len(ranks))
    if wish.gates is not None and 2 in (wish.srv or ()) and not _entangles(wish.gates):
        raise InputError(
            f"entanglement is asked for, and of gates {', '.join(wish.gates)} alone, which entangle nothing"
        )
    if wish.num_qubits is not None and not 1 <= wish.num_qubits <= MAX_QUBITS:
        raise InputError(f"a prompt may ask for 1 to {MAX_QUBITS} qubits, not {wish.num_qubits}")
    for what, count in (("gates", wish.max_gates), ("two-qubit gates", wish.max_two_qubit)):
        if count is not None and not 0 <= count <= MAX_COUNT:
            raise InputError(f"a prompt may ask for at most 0 to {MAX_COUNT} {what}, not {count}")
    return wish


def _entangles(gates: Sequence[str]) -> bool:
    """Tell whether gates may entangle |0...0>: one on several qubits does, but not cx alone."""
    return set(gates) != {"cx"} and any(GATES[name].num_qubits > 1 for name in gates)


def _read(name: str, match: re.Match[str]) -> tuple[str, Any]:
    if name in TOPOLOGIES:
        return "coupling", name
    groups = match.groupdict()
    if name == "near":
        return name, "line"
    if name == "shape":
        return name, match[0]
    if name == "hub":
        return name, groups["hub"]
    if name == "star":
        return "coupling", star(groups["hub"] or "", groups["leaves"] or "")
    if name == "coupling":
        return name, pairs_of(match[1])
    text = groups.get("bracketed") or groups.get("bare") or match[1]
    if re.search("[=:>q]", text):
        return name, _ranks_of(re.findall(r"(\d+)\s*(?:->|[:= ])\s*([12])", text))
    ranks = tuple(map(number, re.findall(r"one|two|\d" if re.fullmatch(r"[12]+", text) else r"one|two|\d+", text)))
    start, end = groups.get("start"), groups.get("end")
    if start is not None and end is not None and {int(start), int(end)} != {0, len(ranks) - 1}:
        raise InputError(f"{len(ranks)} Schmidt ranks are given for qubits {start} to {end}")
    named = re.findall(r"\d", groups.get("names") or "") or [str(qubit) for qubit in range(len(ranks))]
    if named not in (up := [str(qubit) for qubit in range(len(ranks))], up[::-1]):
        raise InputError(f"{len(ranks)} Schmidt ranks are given for qubits {', '.join(named)}")
    ranks = ranks if named == up else ranks[::-1]
    return name, ranks[::-1] if start is not None and int(start) else ranks


def _ranks_of(pairs: list[tuple[str, str]]) -> tuple[int, ...]:
    ranks = {int(qubit): int(rank) for qubit, rank in pairs}
    if sorted(ranks) != list(range(len(pairs))):
        raise InputError(f"Schmidt ranks are given of the qubits {', '.join(qubit for qubit, _ in pairs)} alone")
    return tuple(ranks[qubit] for qubit in sorted(ranks))


def _agreed(part: str, first: Any, second: Any) -> Any:
    """Return the one value of a part that two places in a prompt mean: a line may be named and spelled out.

    Raises:
        InputError: where they contradict each other.
    """
    if first == second:
        return first
    if part == "coupling" and {first, second} - set(TOPOLOGIES):
        spelled = second if first in TOPOLOGIES else first
        meant = [edges(coupling, reach(spelled) or 0) for coupling in (first, second)]
        if meant[0] == meant[1]:
            return spelled
    raise InputError(f"the prompt asks for {part} {_shown(first)} and {_shown(second)}")


def _shown(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)


def _one(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
