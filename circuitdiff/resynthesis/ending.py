"""What follows the search for shorter blocks: the circuit is written anew, and checked, both in a part of the time."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.resynthesis.check import MAX_QUBITS, state_infidelity
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

SHARE = 0.1
"""Part of the time that each of both takes at the most."""

TRANSLATED = 1_000
"""Gates whose translation is timed, to know what it will take."""

APPLIED = 20
"""The same of gates that are applied to states."""


@dataclass(frozen=True)
class Ending:
    """How long the end will take.

    Attributes:
        seconds: of both parts together.
        most: seconds of each part.
    """

    seconds: float
    most: float

    @classmethod
    def of(cls, circuit: Circuit, gate_set: GateSet, timeout: float | None) -> Ending:
        """Estimate it by what the first gates of a circuit take; at most `SHARE` of ``timeout`` for each part."""
        if timeout is None:
            return cls(0.0, float("inf"))
        most = SHARE * timeout
        both = (_seconds_of_translation(circuit, gate_set), _seconds_of_check(circuit))
        return cls(sum(min(most, seconds) for seconds in both), most)

    def deadline(self) -> float:
        """Return the value of `time.monotonic` at which a part that begins now is to end."""
        return time.monotonic() + self.most


def _seconds_of_translation(circuit: Circuit, gate_set: GateSet) -> float:
    first = replace(circuit, operations=circuit.operations[:TRANSLATED])
    started = time.monotonic()
    translate_basis(first, gate_set)
    return (time.monotonic() - started) * circuit.num_gates / max(1, first.num_gates)


def _seconds_of_check(circuit: Circuit) -> float:
    if circuit.num_qubits > MAX_QUBITS:
        return 0.0
    first = replace(circuit, operations=circuit.operations[:APPLIED])
    started = time.monotonic()
    state_infidelity(first, first, np.random.default_rng(0))
    return (time.monotonic() - started) * circuit.num_gates / max(1, first.num_gates)
