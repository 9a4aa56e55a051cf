"""Steps gathered into blocks one after the other, each as large as can be where it begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from circuitdiff.resynthesis.partition import Gather, Positions

CANDIDATES = 4
"""Places at which a block could begin that are compared; the one with most gates on two qubits is taken."""


class _Front:
    """How far the steps have been gathered: on every wire the next one."""

    def __init__(self, wires: Sequence[tuple[int, ...]], blockable: Sequence[bool]) -> None:
        self.wires = wires
        self.blockable = blockable
        self.queue: dict[int, list[int]] = {}
        for position, touched in enumerate(wires):
            for wire in touched:
                self.queue.setdefault(wire, []).append(position)
        self.done = dict.fromkeys(self.queue, 0)

    def next_on(self, wire: int, done: dict[int, int]) -> int | None:
        """Return the next step on a wire."""
        queue, at = self.queue[wire], done[wire]
        return queue[at] if at < len(queue) else None

    def is_ready(self, position: int, done: dict[int, int]) -> bool:
        """Tell whether a step is the next one on all its wires."""
        return all(self.next_on(wire, done) == position for wire in self.wires[position])

    def run(self, group: Sequence[int]) -> tuple[list[int], set[int], dict[int, int]]:
        """Return the steps that can be done on a group of wires alone, wires that hold it up, and how far it comes."""
        done = {wire: self.done[wire] for wire in group}
        taken: list[int] = []
        waiting = list(group)
        while waiting:
            position = self.next_on(waiting.pop(), done)
            if position is None or not self.blockable[position]:
                continue
            touched = self.wires[position]
            if all(wire in done and self.next_on(wire, done) == position for wire in touched):
                taken.append(position)
                for wire in touched:
                    done[wire] += 1
                waiting += touched
        ahead = [self.next_on(wire, done) for wire in group]
        others = {wire for p in ahead if p is not None and self.blockable[p] for wire in self.wires[p]}
        return taken, others - set(group), done


def scanner(rng: np.random.Generator) -> Gather:
    """Return a function that does as `partition.partition`, with larger blocks, beginning at random places."""

    def scan(wires: Sequence[tuple[int, ...]], blockable: Sequence[bool], size: int) -> list[Positions]:
        front = _Front(wires, blockable)
        found: list[Positions] = []
        ready = {p for p in range(len(wires)) if front.is_ready(p, front.done)}
        while ready:
            order = sorted(ready)
            chosen = [order[int(n)] for n in rng.integers(len(order), size=CANDIDATES)]
            alone = [p for p in chosen if not blockable[p] or len(wires[p]) > size]
            if alone:
                taken = alone[:1]
                done = {wire: front.done[wire] + 1 for wire in wires[taken[0]]}
            else:
                offers = [_grown(front, wires[p], size, rng) for p in dict.fromkeys(chosen)]
                taken, done = max(offers, key=lambda offer: sum(len(wires[p]) > 1 for p in offer[0]))
            front.done.update(done)
            ready -= set(taken)
            ahead = (front.next_on(wire, front.done) for wire in done)
            ready |= {p for p in ahead if p is not None and front.is_ready(p, front.done)}
            found.append(tuple(sorted(taken)))
        return found

    return scan


def _grown(
    front: _Front, group: tuple[int, ...], size: int, rng: np.random.Generator
) -> tuple[list[int], dict[int, int]]:
    """Return the steps of the largest block that begins on some wires, and how far it comes on its own."""
    taken, others, done = front.run(group)
    while len(group) < size and others:
        best = max(
            ((front.run((*group, wire)), wire) for wire in sorted(others)),
            key=lambda found: (len(found[0][0]), rng.random()),
        )
        (taken, others, done), group = best[0], (*group, best[1])
    return taken, done
