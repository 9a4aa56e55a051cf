"""Couplings that prompts spell out: pairs, chains and stars."""

from __future__ import annotations

import re
from itertools import pairwise

from circuitdiff.errors import InputError
from circuitdiff.spec.prompt_symbols import listed
from circuitdiff.spec.prompt_words import MAX_QUBITS


def pairs_of(text: str) -> str:
    """Return pairs such as ``0-1,1-2``, of a list in any notation or of a chain ``0-1-2``."""
    qubits = re.findall(r"\d+", text)
    is_chain = re.fullmatch(r"\d+(?:-\d+){2,}", text)
    pairs = pairwise(qubits) if is_chain else zip(qubits[::2], qubits[1::2], strict=True)
    return ",".join(f"{a}-{b}" for a, b in pairs)


def star(hub: str, leaves: str) -> str:
    """Return the pairs of a star.

    Raises:
        InputError: leaves that may be pairs of their own, as in "0 couples to 1, 1 to 2".
    """
    named = [str(leaf) for leaf in listed(leaves)]
    if len({hub, *named}) <= len(named) or re.search(r"(?:,|and|&).* to ", leaves):
        raise InputError(
            f"the prompt asks for couplings of {hub} with {leaves}, and it is not clear which pairs are meant"
        )
    return ",".join(f"{hub}-{leaf}" for leaf in named)


def star_around(hub: str, num_qubits: int) -> str:
    """Return the pairs of a star that has all the qubits.

    Raises:
        InputError: where it is not said how many there are, or the hub is none of them.
    """
    if not int(hub) < num_qubits <= MAX_QUBITS or num_qubits < 2:
        raise InputError(f"the prompt asks for a star around qubit {hub}, of {num_qubits or 'unknown'} qubits")
    return ",".join(f"{hub}-{leaf}" for leaf in range(num_qubits) if leaf != int(hub))


def edges(coupling: str, num_qubits: int) -> set[tuple[int, ...]]:
    """Return the pairs that a coupling has, by name or spelled out; none of ``all``."""
    line: set[tuple[int, ...]] = {(qubit, qubit + 1) for qubit in range(num_qubits - 1)}
    spelled = {tuple(sorted(map(int, pair.split("-")))) for pair in coupling.split(",") if "-" in pair}
    return {"line": line, "ring": line | {(0, num_qubits - 1)}}.get(coupling, spelled)


def reach(coupling: str) -> int | None:
    """Return the number of qubits that pairs name; coupling maps leave no qubit out."""
    qubits = [int(qubit[:9]) for qubit in re.findall(r"\d+", coupling)]
    return max(qubits) + 1 if qubits else None
