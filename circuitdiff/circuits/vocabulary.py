"""Placed gates: the words of which a model's circuits are made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gates import GATES, gate

PAD = 0
MASK = 1
NUM_SPECIAL = 2

_EXCHANGEABLE = {"ccx": (0, 2), "cswap": (1, 3)}
"""Of gates that are not symmetric as a whole: from and up to which of their qubits may be exchanged."""


@dataclass(frozen=True)
class Vocabulary:
    """Every placement of some gates on a register; token ids are PAD, MASK, then `placed` in order.

    Qubits that may be exchanged are written in ascending order, so that what means the same has one token.
    """

    gate_names: tuple[str, ...]
    num_qubits: int

    @cached_property
    def placed(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """``(name, qubits)`` of token ``NUM_SPECIAL + i``."""
        return tuple(
            (name, qubits)
            for name in self.gate_names
            for qubits in permutations(range(self.num_qubits), gate(name).num_qubits)
            if qubits == written_order(name, qubits)
        )

    def __len__(self) -> int:
        """Number of tokens, PAD and MASK included."""
        return NUM_SPECIAL + len(self.placed)

    @cached_property
    def _index(self) -> dict[tuple[str, tuple[int, ...]], int]:
        return {place: NUM_SPECIAL + i for i, place in enumerate(self.placed)}

    def index(self, name: str, qubits: tuple[int, ...]) -> int | None:
        """Return the token of a placed gate, or None when the vocabulary lacks it."""
        return self._index.get((name, written_order(name, qubits)))

    def allowed(self, gate_names: Collection[str] | None = None, coupling: Coupling | None = None) -> NDArray[np.bool_]:
        """Return the mask (len(self),) of tokens that a gate set and a coupling map permit; never MASK, always PAD."""
        mask = np.zeros(len(self), dtype=np.bool_)
        mask[PAD] = True
        for token, (name, qubits) in enumerate(self.placed, start=NUM_SPECIAL):
            couples = {(min(a, b), max(a, b)) for i, a in enumerate(qubits) for b in qubits[:i]}
            mask[token] = (gate_names is None or name in gate_names) and (coupling is None or coupling.allows(couples))
        return mask


def written_order(name: str, qubits: tuple[int, ...]) -> tuple[int, ...]:
    """Return the qubits of a gate in the order of its token: those that may be exchanged ascending."""
    if GATES[name].symmetric or name == "dcz":
        return tuple(sorted(qubits))
    first, stop = _EXCHANGEABLE.get(name, (0, 0))
    return (*qubits[:first], *sorted(qubits[first:stop]), *qubits[stop:])
