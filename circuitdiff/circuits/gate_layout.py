"""General circuits as sequences: any placed gate of a list of gates at every position, PAD at the end."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.coupling import Pair
from circuitdiff.circuits.gates import MAX_PARAMS, gate
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, Vocabulary
from circuitdiff.errors import InputError


@dataclass(frozen=True)
class GateLayout:
    """The layout of circuits of up to `max_gates` gates, one a position, in time order.

    Raises:
        InputError: for a gate that the library lacks, or one of whose angles does not live modulo 2 pi.
    """

    num_qubits: int
    gates: tuple[str, ...]
    max_gates: int

    def __post_init__(self) -> None:
        """Check the gates."""
        for name in self.gates:
            if any(period > 2 * math.pi + 1e-9 for period in gate(name).periods):
                raise InputError(f"gate {name} has an angle of period above 2 pi, which the model does not take")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every placement of the gates on the register."""
        return Vocabulary(self.gates, self.num_qubits)

    @property
    def num_diffused(self) -> int:
        """Number of leading positions whose gates are not known beforehand: all."""
        return self.max_gates

    @cached_property
    def slots(self) -> NDArray[np.float32]:
        """Which qubits each placed gate acts on, and how: (placed gates, 3 qubits) of 0 and 1.

        A qubit stands in slot ``q`` where the gate's qubits may be exchanged, in ``n + q`` as the last of an ordered
        gate (the target of ``cx`` and ``ccx``), in ``2 n + q`` as one before.
        """
        found = np.zeros((len(self.vocabulary.placed), 3 * self.num_qubits), dtype=np.float32)
        for row, (name, qubits) in enumerate(self.vocabulary.placed):
            for place, qubit in enumerate(qubits):
                role = 0 if gate(name).symmetric or len(qubits) == 1 else 1 if place == len(qubits) - 1 else 2
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
