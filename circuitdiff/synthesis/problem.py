"""What stages are asked, what they answer with, and how often they succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling
from circuitdiff.circuits.gate_sets import U_CZ, GateSet
from circuitdiff.numerics.multi_start import AnsatzFit

ANALYTIC, INPUT = "analytic", "input"
"""Sources of candidates beside the stages: the analytic baseline, and the circuit that was given."""

ANALYTIC_QUBITS = 2
"""Registers up to this size are solved optimally by analytic synthesis."""


@dataclass(frozen=True)
class SynthesisProblem:
    """A target to reach with one kind of entangler and free single-qubit gates.

    A target with fewer columns than rows says what becomes of the first basis states, as in `spec.target.Target`.

    Attributes:
        target: (d, k) complex128 with orthonormal columns; a unitary where ``k`` is ``d``.
        coupling: pairs on which entanglers may be placed.
        entangler: ``cz`` (for every gate of its class), ``rzz`` or ``iswap``.
        tol: infidelity that counts as solved.
        lower_bound: number of entanglers below which no circuit exists.
        gate_set: gates in which the answer is written; stages that place entanglers leave the translation to others.
        given: a circuit of the target in these gates, None where there is none.
    """

    target: NDArray[np.complex128]
    coupling: Coupling
    entangler: str
    tol: float
    lower_bound: int
    gate_set: GateSet = U_CZ
    given: Circuit | None = None

    @property
    def num_qubits(self) -> int:
        """Number of qubits of the target."""
        return self.coupling.num_qubits

    @property
    def size(self) -> int:
        """Number of qubits by which work is measured: columns take as many angles as a state on so many qubits."""
        return self.num_qubits if self.is_unitary else self.num_qubits + self.num_inputs

    @property
    def has_pipeline(self) -> bool:
        """Whether stages can place entanglers: the baseline is not optimal, and single-qubit gates are free."""
        solved = ANALYTIC_QUBITS if self.is_unitary else 1
        return self.num_qubits > solved and self.gate_set.can_dress and not self.gate_set.is_discrete

    @property
    def ansatz_gates(self) -> GateSet:
        """The gates of its ansaetze: free single-qubit gates and the entangler."""
        return GateSet("ansatz", ("u", self.entangler))

    @property
    def is_unitary(self) -> bool:
        """Whether the target has all its columns."""
        return self.num_inputs == self.num_qubits

    @property
    def num_inputs(self) -> int:
        """Number of qubits whose input is free; the others begin in zero."""
        return int(self.target.shape[1]).bit_length() - 1


@dataclass(frozen=True)
class Candidate:
    """A circuit that a stage puts forward.

    Attributes:
        circuit: in the working gates or in those of the answer.
        infidelity: to the target, as the stage measured it; the verifier measures it again.
        source: the proposer that found it.
        model: the checkpoint that took part, None where none did.
    """

    circuit: Circuit
    infidelity: float
    source: str
    model: str | None = None

    @classmethod
    def of_fit(cls, fit: AnsatzFit, source: str, model: str | None = None) -> Candidate:
        """Return the circuit of an instantiated ansatz."""
        return cls(fit.ansatz.circuit(), fit.infidelity, source, model)

    @property
    def count(self) -> int:
        """Number of gates on two or more qubits."""
        return self.circuit.two_qubit_count


MOST_FITS = 3000
"""Ends of multi-starts that are kept of a proposer, for reports."""


@dataclass
class ProposerStats:
    """What a proposer did so far.

    Attributes:
        tried: proposals.
        solved: those that reached the target.
        best_two_qubit_count: the fewest entanglers among these.
        fits: entanglers and infidelity where its multi-starts ended, the first `MOST_FITS`.
    """

    tried: int = 0
    solved: int = 0
    best_two_qubit_count: int | None = None
    fits: list[tuple[int, float]] = field(default_factory=list, compare=False)

    def record(self, count: int) -> None:
        """Count one proposal that reached the target with so many entanglers."""
        self.solved += 1
        known = self.best_two_qubit_count
        self.best_two_qubit_count = count if known is None else min(count, known)

    def note_fit(self, fit: AnsatzFit, num_qubits: int) -> None:
        """Keep where a multi-start ended, unless it was for a part of the target."""
        if fit.ansatz.num_qubits == num_qubits and len(self.fits) < MOST_FITS:
            self.fits.append((len(fit.ansatz.pairs), fit.infidelity))


@dataclass(frozen=True)
class Improvement:
    """The best circuit at one time of a compilation.

    Attributes:
        seconds: wall time since the compilation began.
        source: the proposer that found it.
        two_qubit_count: its gates on two or more qubits.
        circuit: the whole circuit, in the gates of the answer, before angles are snapped.
    """

    seconds: float
    source: str
    two_qubit_count: int
    circuit: Circuit

    def as_dict(self) -> Mapping[str, float | str | int]:
        """Return plain data for JSON, without the circuit."""
        return {
            "seconds": round(self.seconds, 6),
            "source": self.source,
            "two_qubit_count": self.two_qubit_count,
        }
