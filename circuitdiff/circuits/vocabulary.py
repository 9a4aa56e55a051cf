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


@dataclass(frozen=True)
class Vocabulary:
    """Every placement of some gates on a register; token ids are PAD, MASK, then `placed` in order.

    A gate whose qubits may be exchanged has one placement a set of qubits, written in ascending order.
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
            if not _interchangeable(name) or qubits == tuple(sorted(qubits))
        )

    def __len__(self) -> int:
        """Number of tokens, PAD and MASK included."""
        return NUM_SPECIAL + len(self.placed)

    @cached_property
    def _index(self) -> dict[tuple[str, tuple[int, ...]], int]:
        return {place: NUM_SPECIAL + i for i, place in enumerate(self.placed)}

    def index(self, name: str, qubits: tuple[int, ...]) -> int | None:
        """Return the token of a placed gate, or None when the vocabulary lacks it."""
        return self._index.get((name, tuple(sorted(qubits)) if _interchangeable(name) else qubits))

    def allowed(self, gate_names: Collection[str] | None = None, coupling: Coupling | None = None) -> NDArray[np.bool_]:
        """Return the mask (len(self),) of tokens that a gate set and a coupling map permit; never MASK, always PAD."""
        mask = np.zeros(len(self), dtype=np.bool_)
        mask[PAD] = True
        for token, (name, qubits) in enumerate(self.placed, start=NUM_SPECIAL):
            couples = {(min(a, b), max(a, b)) for i, a in enumerate(qubits) for b in qubits[:i]}
            mask[token] = (gate_names is None or name in gate_names) and (coupling is None or coupling.allows(couples))
        return mask


def _interchangeable(name: str) -> bool:
    return GATES[name].symmetric or name == "dcz"
