"""Cutting the operations of a wide circuit into blocks of few qubits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Positions = tuple[int, ...]
"""Positions, ascending, of operations that can be made contiguous."""

Gather = Callable[[Sequence[tuple[int, ...]], Sequence[bool], int], list[Positions]]
"""Puts operations into blocks, as `partition` does."""


@dataclass
class _Growing:
    """A block in the making: it is open on the qubits on which its last operation is the circuit's last so far.

    ``before`` has the bit of every block that must come before, of those before these too.
    """

    qubits: set[int] = field(default_factory=set)
    positions: list[int] = field(default_factory=list)
    before: int = 0
    is_closed: bool = False
    has_later: bool = False


def partition(wires: Sequence[tuple[int, ...]], blockable: Sequence[bool], size: int) -> list[Positions]:
    """Put operations into blocks, greedily in the order in which they come.

    Args:
        wires: the qubits, and other wires, of each operation, in time order.
        blockable: for each operation whether it may share a block; the others get one each.
        size: most qubits of a block.

    Returns:
        The blocks, in an order in which they can be executed.
    """
    blocks: list[_Growing] = []
    last: dict[int, int] = {}  # the block of the last operation on each wire
    for position, touched in enumerate(wires):
        joins = blockable[position] and len(touched) <= size
        if joins:
            _merge(blocks, last, touched, size)
        chosen = _host(blocks, last, touched, size) if joins else None
        if chosen is None:
            chosen = len(blocks)
            blocks.append(_Growing(is_closed=not joins))
        block = blocks[chosen]
        _come_before(blocks, {last[wire] for wire in touched if wire in last} - {chosen}, chosen)
        block.qubits |= set(touched)
        block.positions.append(position)
        last.update(dict.fromkeys(touched, chosen))
    filled = [block for block in blocks if block.positions]
    return [tuple(block.positions) for block in sorted(filled, key=lambda block: block.before.bit_count())]


def backwards(wires: Sequence[tuple[int, ...]], blockable: Sequence[bool], size: int) -> list[Positions]:
    """Do as `partition` from the end of the circuit; borders between blocks come to lie elsewhere."""
    final = len(wires) - 1
    found = partition(wires[::-1], blockable[::-1], size)
    return [tuple(final - position for position in reversed(block)) for block in reversed(found)]


def _merge(blocks: list[_Growing], last: dict[int, int], touched: tuple[int, ...], size: int) -> None:
    """Make one block of the last ones on some qubits, where both are open on all theirs and small enough together."""
    first, *rest = sorted({last[q] for q in touched if q in last}) or [0]
    for other in rest:
        host, guest = blocks[first], blocks[other]
        is_small = len(host.qubits | guest.qubits | set(touched)) <= size
        is_open = all(last[q] == n and not blocks[n].is_closed for n in (first, other) for q in blocks[n].qubits)
        if not is_small or not is_open:  # nothing comes after an open block, so neither of two needs the other
            continue
        last.update(dict.fromkeys(guest.qubits, first))
        host.qubits |= guest.qubits
        host.positions = sorted(host.positions + guest.positions)
        host.before |= guest.before
        blocks[other] = _Growing(is_closed=True)


def _host(blocks: list[_Growing], last: dict[int, int], touched: tuple[int, ...], size: int) -> int | None:
    """Return the block of the last operations on some qubits that another can join, the one that grows least."""
    candidates = []
    for number in {last[q] for q in touched if q in last}:
        block = blocks[number]
        others = {last[q] for q in touched if q in last} - {number}
        fits = not block.is_closed and len(block.qubits | set(touched)) <= size
        moved_on = any(q in block.qubits and last[q] != number for q in touched)
        if fits and not moved_on and not any(blocks[other].before >> number & 1 for other in others):
            candidates.append((len(set(touched) - block.qubits), -len(block.positions), number))
    return min(candidates)[2] if candidates else None


def _come_before(blocks: list[_Growing], earlier: set[int], later: int) -> None:
    """Put some blocks before one, and before all that have to come after it."""
    before = 0
    for number in earlier:
        blocks[number].has_later = True
        before |= blocks[number].before | 1 << number
    if not before & ~blocks[later].before:
        return
    blocks[later].before |= before
    for block in blocks if blocks[later].has_later else ():
        if block.before >> later & 1:
            block.before |= before
