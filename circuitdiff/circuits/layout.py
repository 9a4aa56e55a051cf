"""How a model writes circuits: a placed gate of a list at every position, PAD after the last, perhaps final gates.

Every circuit of single-qubit gates and CZ can be written as dressed CZ, `dcz` with Ry Rz before it on both qubits,
and one `u` a qubit at the end, without changing how many CZ it has: `ansatz_layout`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.gates import MAX_PARAMS, gate
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD, Vocabulary, written_order
from circuitdiff.errors import InputError

NOT_GIVEN = -1
"""In place of a bound on the number of gates, where none is given."""


@dataclass(frozen=True)
class Layout:
    """The layout of circuits of up to `max_gates` gates, one a position, in time order.

    Where there is a final gate, it follows on every qubit, in positions of its own that are always known; it does not
    count as one of the gates.

    Raises:
        InputError: for a gate that the library lacks, or one of whose angles does not live modulo 2 pi.
    """

    num_qubits: int
    gates: tuple[str, ...]
    max_gates: int
    final_gate: str = ""  # on one qubit

    def __post_init__(self) -> None:
        """Check the gates."""
        for name in self.names:
            if any(period > 2 * math.pi + 1e-9 for period in gate(name).periods):
                raise InputError(f"gate {name} has an angle of period above 2 pi, which the model does not take")
        if self.final_gate and gate(self.final_gate).num_qubits != 1:
            raise InputError(f"the final gate {self.final_gate} does not act on one qubit")

    @property
    def names(self) -> tuple[str, ...]:
        """The gates, the final one among them."""
        return tuple(dict.fromkeys((*self.gates, self.final_gate))) if self.final_gate else self.gates

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every placement of the gates on the register."""
        return Vocabulary(self.names, self.num_qubits)

    @cached_property
    def final_tokens(self) -> tuple[int, ...]:
        """The tokens of the final gates by qubit, none where there is no final gate."""
        index = self.vocabulary.index
        found = [index(self.final_gate, (qubit,)) for qubit in range(self.num_qubits)] if self.final_gate else []
        return tuple(token for token in found if token is not None)

    @cached_property
    def drawn_tokens(self) -> tuple[int, ...]:
        """The tokens of the gates that are not final ones."""
        tokens = range(NUM_SPECIAL, len(self.vocabulary))
        return tuple(token for token in tokens if self.vocabulary.placed[token - NUM_SPECIAL][0] in self.gates)

    @property
    def num_positions(self) -> int:
        """Number of positions of a circuit: `max_gates`, and those of the final gates."""
        return self.max_gates + len(self.final_tokens)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every pair of qubits (a, b), a < b."""
        return tuple(combinations(range(self.num_qubits), 2))

    def tokens_on(self, pairs: Sequence[Pair]) -> list[int]:
        """Return the tokens of the layout's first gate on pairs one after another, PAD up to `max_gates`, final gates.

        Raises:
            InputError: more pairs than gates.
        """
        if len(pairs) > self.max_gates:
            raise InputError(f"a circuit has {len(pairs)} entanglers; the model's most is {self.max_gates}")
        found = [self.vocabulary.index(self.gates[0], pair) for pair in pairs]
        placed = [PAD if token is None else token for token in found]
        return [*placed, *[PAD] * (self.max_gates - len(placed)), *self.final_tokens]

    def entangled_pairs(self, tokens: Sequence[int]) -> tuple[Pair, ...]:
        """Return the pairs that the gates on two qubits among `tokens` act on, in order."""
        placed = [self.vocabulary.placed[token - NUM_SPECIAL][1] for token in tokens if token >= NUM_SPECIAL]
        return tuple((min(qubits), max(qubits)) for qubits in placed if len(qubits) == 2)

    @cached_property
    def slots(self) -> NDArray[np.float32]:
        """Which qubits each placed gate acts on, and how: (placed gates, 3 qubits) of 0 and 1.

        A qubit stands in slot ``q`` where the gate's qubits may be exchanged, in ``n + q`` as the last of an ordered
        gate (the target of ``cx`` and ``ccx``), in ``2 n + q`` as one before.
        """
        found = np.zeros((len(self.vocabulary.placed), 3 * self.num_qubits), dtype=np.float32)
        for row, (name, qubits) in enumerate(self.vocabulary.placed):
            any_order = written_order(name, qubits[::-1]) == qubits
            for place, qubit in enumerate(qubits):
                role = 0 if any_order else 1 if place == len(qubits) - 1 else 2
                found[row, role * self.num_qubits + qubit] = 1
        return found

    @cached_property
    def acts_on(self) -> NDArray[np.bool_]:
        """The qubits of each token, (vocabulary, qubits) bool; none for PAD and MASK."""
        found = np.zeros((len(self.vocabulary), self.num_qubits), dtype=np.bool_)
        for token, (_, qubits) in enumerate(self.vocabulary.placed, start=NUM_SPECIAL):
            found[token, list(qubits)] = True
        return found

    @cached_property
    def has_angle(self) -> NDArray[np.bool_]:
        """Which angles each token has, (vocabulary, MAX_PARAMS) bool."""
        counts = [0] * NUM_SPECIAL + [gate(name).num_params for name, _ in self.vocabulary.placed]
        return np.arange(MAX_PARAMS) < np.array(counts)[:, None]

    @cached_property
    def is_entangling(self) -> NDArray[np.bool_]:
        """Which tokens act on two qubits or more, (vocabulary,) bool."""
        return np.asarray(self.acts_on.sum(1) > 1)

    def permitted(
        self,
        num_qubits: int | None = None,
        gates: Collection[str] | None = None,
        pairs: Collection[Pair] | None = None,
        forbidden_gates: Collection[str] = (),
        forbidden_qubits: Collection[int] = (),
        forbidden_pairs: Collection[Pair] = (),
    ) -> NDArray[np.bool_]:
        """Return the mask (vocabulary,) of gates that may be drawn; PAD and MASK are none.

        Args:
            num_qubits: gates act on the first so many qubits; None for all.
            gates: gates that may be used; None for all.
            pairs: pairs of qubits that may be coupled, either order; None for all.
            forbidden_gates: gates that may not be used, whatever `gates` says.
            forbidden_qubits: qubits that nothing may act on.
            forbidden_pairs: pairs that may not be coupled, either order.

        Raises:
            InputError: for a gate that the layout lacks.
        """
        missing = sorted({*(gates or ()), *forbidden_gates} - set(self.gates))
        if missing:
            raise InputError(f"the model has no gate {missing[0]}; it has {', '.join(self.gates)}")
        wanted = set(self.gates if gates is None else gates) - set(forbidden_gates)
        qubits = set(range(self.num_qubits if num_qubits is None else num_qubits)) - set(forbidden_qubits)
        coupled = None if pairs is None else {(min(pair), max(pair)) for pair in pairs}
        uncoupled = {(min(pair), max(pair)) for pair in forbidden_pairs}
        mask = np.zeros(len(self.vocabulary), dtype=np.bool_)
        for token, (name, places) in enumerate(self.vocabulary.placed, start=NUM_SPECIAL):
            used = set(combinations(sorted(places), 2))
            reachable = (coupled is None or used <= coupled) and not used & uncoupled
            mask[token] = name in wanted and qubits.issuperset(places) and reachable
        return mask


def ansatz_layout(num_qubits: int = 3, max_gates: int = 12) -> Layout:
    """Return the layout of dressed CZ with a final ``u`` on every qubit."""
    return Layout(num_qubits, ("dcz",), max_gates, "u")
