"""The circuit form that the model speaks: entanglers with dressed qubits, then one closing gate a qubit.

A *skeleton* is the sequence of pairs on which its entanglers act. Its circuit is, for each pair (a, b) in time order,
``CZ . (Ry(beta_a) Rz(gamma_a) x Ry(beta_b) Rz(gamma_b))`` (the gate ``dcz``), and at the end one ``u`` a qubit. Every
circuit of single-qubit gates and CZ can be brought to this form without changing how many CZ it has.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.vocabulary import PAD, Vocabulary

Pair = tuple[int, int]


@dataclass(frozen=True)
class Skeleton:
    """The layout of skeleton circuits on a register.

    Positions 0..max_entanglers-1 hold entanglers, then PAD; the last num_qubits positions hold ``u(0)``, ``u(1)``, ...
    """

    num_qubits: int = 3
    max_entanglers: int = 12

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The placed gates ``dcz(a, b)``, a < b, and ``u(q)``."""
        return Vocabulary(("dcz", "u"), self.num_qubits)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair (a, b), a < b, in the order in which masks and pair indices count them."""
        return tuple(combinations(range(self.num_qubits), 2))

    @cached_property
    def pair_tokens(self) -> tuple[int, ...]:
        """The token of each pair's entangler."""
        return tuple(self._token("dcz", pair) for pair in self.pairs)

    @cached_property
    def closing_tokens(self) -> tuple[int, ...]:
        """The tokens of the closing gates, by qubit."""
        return tuple(self._token("u", (qubit,)) for qubit in range(self.num_qubits))

    @property
    def max_gates(self) -> int:
        """Number of positions of a circuit."""
        return self.max_entanglers + self.num_qubits

    @property
    def num_diffused(self) -> int:
        """Number of leading positions whose gates are not known beforehand."""
        return self.max_entanglers

    @cached_property
    def slots(self) -> NDArray[np.float32]:
        """Which qubits each placed gate acts on, (placed gates, qubits) of 0 and 1; their order does not matter."""
        placed = self.vocabulary.placed
        return np.array([[q in qubits for q in range(self.num_qubits)] for _, qubits in placed], dtype=np.float32)

    def pair_mask(self, allowed_pairs: Collection[Pair] | None) -> NDArray[np.bool_]:
        """Return (pairs,) bool: which entanglers a coupling map permits; None permits all."""
        if allowed_pairs is None:
            return np.ones(len(self.pairs), dtype=np.bool_)
        wanted = {(min(pair), max(pair)) for pair in allowed_pairs}
        return np.array([pair in wanted for pair in self.pairs])

    def tokens(self, pairs: Sequence[Pair]) -> list[int]:
        """Return the tokens of a circuit with entanglers on `pairs`, PAD up to max_entanglers, closing gates last."""
        entanglers = [self._token("dcz", (min(pair), max(pair))) for pair in pairs]
        padding = [PAD] * (self.max_entanglers - len(entanglers))
        return [*entanglers, *padding, *self.closing_tokens]

    def placement(self, tokens: Sequence[int]) -> tuple[Pair, ...]:
        """Return the pairs of the entanglers among `tokens`, in order."""
        pair_of = dict(zip(self.pair_tokens, self.pairs, strict=True))
        return tuple(pair_of[token] for token in tokens if token in pair_of)

    def _token(self, name: str, qubits: tuple[int, ...]) -> int:
        token = self.vocabulary.index(name, qubits)
        assert token is not None
        return token
