"""Which qubits are to be entangled, in words: "entangle qubits 0 and 2 of four, leave the others alone"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from circuitdiff.errors import InputError
from circuitdiff.spec.prompt_symbols import COUNTS, PLACES, REST, STATES, Symbol, symbols_of
from circuitdiff.spec.prompt_words import MAX_QUBITS

Term = int | str | frozenset[int] | None
"""A rank, ``two`` for that of a pair, a set of qubits, or None for the qubits that nothing else names."""

_SEPARABLE = re.compile(r"^(?:fully |completely |totally |a )*(?:separable|unentangled|disentangled|product)")


def read_entangled(
    text: str, reach: int | None, given: tuple[int, ...] | None
) -> tuple[str, int | None, tuple[int, ...] | None]:
    """Read which qubits are entangled, and how many there are.

    Args:
        text: a prompt, plain, without what was read already.
        reach: the number of qubits that couplings are of, where there are any.
        given: the Schmidt ranks where they are known, so that mere mention of entanglement asks for nothing.

    Returns:
        What is left of the text, the number of qubits, and the Schmidt rank of each; None for what is not said.

    Raises:
        InputError: for what contradicts itself, or can be read in no way or in more than one.
    """
    symbols, rest = symbols_of(text)
    group = "number_of_2" if any(symbol.kind == "register" for symbol in symbols) else "register"  # a 3-qubit GHZ state
    symbols = [replace(symbol, kind=group) if symbol.kind == "group" else symbol for symbol in symbols]
    sizes = {symbol.count: None for symbol in symbols if symbol.kind == "register"}
    if len(sizes) > 1:
        raise InputError(f"the prompt asks for num_qubits {' and '.join(map(str, sizes))}")
    num_qubits = next(iter(sizes), None)
    spoken = _elliptic([symbol for symbol in symbols if symbol.kind not in ("register", "skip", *COUNTS)])
    states = [symbol.kind for symbol in spoken if symbol.kind in STATES]
    stray = [symbol.text for symbol in symbols if symbol.kind not in (*STATES, "all", "register", "skip")]
    places = any(symbol.kind in PLACES for symbol in spoken)
    if (stray and not states) or (set(states) <= {"not"} and states):
        raise InputError(f"the prompt is not understood from {(stray or ['not'])[0].strip()[:40]!r} on")
    if not states or (given is not None and not places and set(states) <= {"entangled", "entangled_all"}):
        return rest, num_qubits, None
    size = num_qubits or len(given or ()) or reach or _covered(spoken)
    if size is None:
        raise InputError("the prompt says which qubits are entangled, but not how many qubits there are")
    if size > MAX_QUBITS:
        raise InputError(f"a prompt may ask for 1 to {MAX_QUBITS} qubits, not {size}")
    ranks = _ranks(_completed(spoken, size), size, given)
    for symbol in symbols:
        if symbol.kind in COUNTS and ranks.count(COUNTS[symbol.kind]) != symbol.count:
            told = "entangled" if COUNTS[symbol.kind] == 2 else "separable"
            raise InputError(f"the prompt speaks of {symbol.count} {told} qubits, and names ranks {list(ranks)}")
    return rest, size, ranks


def _covered(spoken: Sequence[Symbol]) -> int | None:
    """Return how many qubits there are where words name every one of them, as entangled or as not."""
    places = [symbol for symbol in spoken if symbol.kind in PLACES]
    if not {symbol.kind for symbol in places} <= {"list", "ordinals", "first", "last", "rest"}:
        return None
    named = frozenset().union(*(symbol.qubits for symbol in places))
    counted = {symbol.kind: symbol.count for symbol in places if not symbol.qubits}
    size = len(named) + sum(counted.values())
    both = {STATES[symbol.kind] for symbol in spoken if symbol.kind in STATES} == {1, 2}
    whole = both and (named == set(range(size)) or (not named and counted.keys() == {"first", "last"}))
    return size if counted.get("rest") or (whole and "rest" not in counted) else None


def _elliptic(spoken: Sequence[Symbol]) -> list[Symbol]:
    """Return the symbols with entanglement in place of what is not separable ("0 is separable, the others are not").

    Raises:
        InputError: where more was said before, so that it is not clear what is negated.
    """
    told: list[Symbol] = []
    for symbol in spoken:
        before = [earlier for earlier in told if earlier.kind in STATES]
        if symbol.kind == "not" and before and STATES[before[-1].kind] == 1 and before[-1].kind != "not":
            if len(before) > 1 or not _SEPARABLE.search(before[0].text):
                raise InputError("the prompt says of qubits that they are not, but it is not clear what")
            symbol = replace(symbol, kind="entangled")
        told.append(symbol)
    return told


def _completed(spoken: list[Symbol], size: int) -> list[Symbol]:
    """Return the symbols with all qubits where none are named and the state is said of the whole."""
    if any(symbol.kind in (*PLACES, "none") for symbol in spoken):
        return spoken
    whole = {symbol.kind for symbol in spoken} <= {"entangled_all", "separable_all", *(["two"] if size == 2 else [])}
    return [Symbol("all", ""), *spoken] if whole else spoken


def _ranks(spoken: Sequence[Symbol], size: int, given: tuple[int, ...] | None) -> tuple[int, ...]:
    terms = _terms(spoken, size)
    joined = sum(symbol.text.count(" with ") for symbol in spoken if symbol.kind == "list")
    readings = {tuple(sorted(reading.items())) for reading in _readings(terms, size)}
    named = frozenset().union(*(term for term in terms if isinstance(term, frozenset)))
    wrong = [term for term in spoken if term.kind == "rest" and term.count not in (0, size - len(named))]
    if wrong:
        raise InputError(f"the prompt speaks of {wrong[0].text.strip()}, but {size - len(named)} of {size} are left")
    if not readings or joined > 1 or not terms or (None in terms and not named):
        raise InputError("the prompt speaks of entanglement, but it is not clear which qubits are entangled")
    if len(readings) > 1:
        raise InputError("which qubits the prompt asks to be entangled can be read in more than one way")
    ranks = dict(readings.pop())
    if given is not None and len(given) == size and all(given[qubit] == rank for qubit, rank in ranks.items()):
        return given
    if 2 not in ranks.values() and len(ranks) < size:
        raise InputError(f"the prompt says of {len(ranks)} of {size} qubits that they are separable, of others nothing")
    return tuple(ranks.get(qubit, 1) for qubit in range(size))


def _terms(spoken: Sequence[Symbol], size: int) -> list[Term]:
    """Return ranks and sets of qubits in the order of the words, without repetitions; none where they contradict."""
    everything = frozenset(range(size))
    terms: list[Term] = []
    negated = excluding = False
    told, excepted = set[frozenset[int]](), frozenset[int]()
    for symbol in spoken:
        if symbol.kind == "none":
            terms.append(everything)
            negated = True
        elif symbol.kind == "except":
            excluding = True
        elif symbol.kind in STATES:
            state: Term = "two" if symbol.kind == "two" else STATES[symbol.kind]
            if negated and state == 2:
                state, negated = 1, False
            terms += [state] if terms[-1:] != [state] else []
        elif symbol.kind in REST:
            terms += [None] if terms[-1:] != [None] else []
        else:
            places = _places(symbol, size)
            if excluding:
                _except(terms, places, everything)
                excluding, excepted = False, places
            elif terms[-1:] == [None]:  # the rest, by name
                terms[-1] = places
                told.add(places)
            elif places != excepted and places not in terms[-2:]:  # else it is named again
                terms.append(places)
    named = frozenset().union(*(term for term in terms if isinstance(term, frozenset) and term not in told))
    return [] if negated or excluding or any(rest != everything - named for rest in told) else terms


def _except(terms: list[Term], places: frozenset[int], everything: frozenset[int]) -> None:
    """Take places out of what was said last, of everything or of nothing."""
    if terms == [1]:  # no entanglement apart from
        terms[:] = [2, places]
    elif terms[-1:] == [everything]:
        terms[-1] = everything - places
    elif terms[-2:-1] == [everything]:
        terms[-2:] = [2, places if terms[-1] == 1 else everything - places]
    elif everything - places not in terms[-2:]:
        terms.append(everything - places)


def _places(symbol: Symbol, size: int) -> frozenset[int]:
    middle = symbol.count or 2 - size % 2
    if symbol.kind == "half" and size % 2:
        raise InputError(f"{size} qubits have no halves")
    start = (size - middle) // 2
    if symbol.kind in ("middle", "inner") and symbol.count and (size - middle) % 2:
        raise InputError(f"no {middle} of {size} qubits are in the middle")
    named = {
        "all": range(size),
        "every_second": range(int(symbol.text.endswith(("1", "one"))), size, 2),
        "half": range(size // 2) if symbol.text.startswith(("first", "lower")) else range(size // 2, size),
        "first": range(symbol.count),
        "last": range(size - symbol.count, size),
        "ends": (0, size - 1),
        "middle": range(start, start + middle),
        "inner": range(start, start + middle) if symbol.count else range(1, size - 1),
        "even": range(0, size, 2),
        "odd": range(1, size, 2),
        "list": symbol.qubits,
        "ordinals": symbol.qubits,
    }[symbol.kind]
    if symbol.kind in ("even", "odd") and symbol.count not in (0, len(named)):
        raise InputError(
            f"the prompt speaks of {symbol.text.strip()}, but of {size} qubits {len(named)} are {symbol.kind}"
        )
    outside = [qubit for qubit in named if not 0 <= qubit < size]
    if outside:
        raise InputError(f"the prompt names qubit {outside[0]} of {size}, which are 0 to {size - 1}")
    return frozenset(named)


def _readings(terms: list[Term], size: int) -> Iterator[dict[int, int]]:
    """Yield the ranks of the qubits that are named, for every way to put each set together with what is said of it."""
    named = frozenset().union(*(term for term in terms if isinstance(term, frozenset)))
    others = frozenset(range(size)) - named
    for groups in _groups(terms):
        ranks: dict[int, int] = {}
        fits, apart = True, set[frozenset[int]]()
        for state, places in groups:
            qubits = others if places is None else places
            fits &= state != "two" or len(qubits) == 2
            rank = 2 if isinstance(state, str) else state
            apart |= {qubits} if rank == 2 else set()
            fits &= all(ranks.setdefault(qubit, rank) == rank for qubit in qubits)
        if fits and len(apart) < 2:  # ranks do not tell groups of entangled qubits apart
            yield ranks


def _groups(terms: list[Term]) -> Iterator[list[tuple[int | str, frozenset[int] | None]]]:
    """Yield the ways to cut the terms into a set and its state, in either order, or a set between twice that state."""
    if not terms:
        yield []
    for size in (2, 3):
        if len(terms) < size:
            continue
        group = terms[:size]
        states = [term for term in group if isinstance(term, int | str)]
        places = [term for term in group if not isinstance(term, int | str)]
        agreed = {2 if state == "two" else state for state in states}
        if len(places) == 1 and len(agreed) == 1 and (size == 2 or group[1] is places[0]):
            for rest in _groups(terms[size:]):
                yield [("two" if "two" in states else states[0], places[0]), *rest]
