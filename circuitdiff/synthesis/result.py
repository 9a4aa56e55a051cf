"""What a compilation returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.synthesis.problem import Improvement


@dataclass(frozen=True)
class ProposerReport:
    """What a proposer did.

    Attributes:
        tried: structures that it tried.
        solved: those that reached the target.
        best_two_qubit_count: the fewest two-qubit gates among these.
        fits: two-qubit gates and infidelity where its searches for angles ended, solved or not, the first few thousand.
    """

    tried: int
    solved: int
    best_two_qubit_count: int | None
    fits: tuple[tuple[int, float], ...] = field(default=(), compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data for JSON, without the fits."""
        return {"tried": self.tried, "solved": self.solved, "best_two_qubit_count": self.best_two_qubit_count}


@dataclass(frozen=True)
class CompileResult:
    """A verified circuit and how it came about.

    Attributes:
        circuit: over the gate set, on couplings of the map.
        infidelity: ``1 - |tr(U^dagger V)| / d``, re-simulated in complex128.
        source: the proposer whose circuit this is.
        seconds: wall time.
        tol_met: whether ``infidelity`` is within the tolerance asked for.
        candidates: by proposer, what was tried and solved.
        model: name of the checkpoint that was asked, None where none was.
        cost: name of what made circuits cheaper.
        history: every improvement, in order.
        output_permutation: the circuit's output qubit ``q`` holds what the target has on ``output_permutation[q]``;
            None where the order is the target's.
        kind: what the target was: ``unitary``, ``state``, ``isometry`` or ``circuit``.
    """

    circuit: Circuit
    infidelity: float
    source: str
    seconds: float
    gate_set: str
    coupling: str
    tol_met: bool
    candidates: Mapping[str, ProposerReport]
    seed: int
    model: str | None
    cost: str = "two-qubit"
    history: tuple[Improvement, ...] = ()
    output_permutation: tuple[int, ...] | None = None
    kind: str = "unitary"

    @property
    def two_qubit_count(self) -> int:
        """Number of gates on two or more qubits."""
        return self.circuit.two_qubit_count

    @property
    def num_gates(self) -> int:
        """Number of gates."""
        return self.circuit.num_gates

    @property
    def depth(self) -> int:
        """Number of layers."""
        return self.circuit.depth

    @property
    def num_qubits(self) -> int:
        """Size of the register."""
        return self.circuit.num_qubits

    def to_qiskit(self) -> Any:
        """Return the circuit as a `qiskit.QuantumCircuit`; a permutation of its output is a layout, as transpilers do.

        ``Operator.from_circuit`` and passes that read layouts then see the target's order.
        """
        from circuitdiff.interop import with_output_layout

        circuit = self.circuit.to_qiskit()
        return circuit if self.output_permutation is None else with_output_layout(circuit, self.output_permutation)

    def as_dict(self, qasm: str | None = None) -> dict[str, Any]:
        """Return the result as plain data for JSON, the circuit as OpenQASM 3, or as it was written, under ``qasm``."""
        return {
            "infidelity": self.infidelity,
            "two_qubit_count": self.two_qubit_count,
            "num_gates": self.num_gates,
            "t_count": self.circuit.t_count,
            "t_depth": self.circuit.t_depth,
            "depth": self.depth,
            "num_qubits": self.num_qubits,
            "kind": self.kind,
            "output_permutation": None if self.output_permutation is None else list(self.output_permutation),
            "source": self.source,
            "seconds": self.seconds,
            "gate_set": self.gate_set,
            "coupling": self.coupling,
            "tol_met": self.tol_met,
            "history": [dict(improvement.as_dict()) for improvement in self.history],
            "candidates": {name: report.as_dict() for name, report in self.candidates.items()},
            "qasm": self.circuit.to_qasm() if qasm is None else qasm,
            "seed": self.seed,
            "model": self.model,
        }
