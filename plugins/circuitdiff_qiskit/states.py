"""``transpile(..., hls_config=...)``: states, isometries, multiplexers, as plugins of Qiskit's high-level synthesis."""

from __future__ import annotations

import logging
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Operation
from qiskit.transpiler import CouplingMap, Target
from qiskit.transpiler.passes.synthesis.plugin import HighLevelSynthesisPlugin

import circuitdiff

logger = logging.getLogger(__name__)

SETTINGS = ("effort", "model", "proposers", "samples", "seed", "timeout", "tol")
"""Options that an ``HLSConfig`` may give; see `circuitdiff.compile`."""

QISKIT_OPTIONS = {
    *("input_qubits", "hls_data", "qubit_tracker", "num_clean_ancillas", "num_dirty_ancillas"),
    *("optimization_metric", "optimization_level"),
}
"""What Qiskit tells every plugin beside."""


class CircuitDiffHighLevel(HighLevelSynthesisPlugin):
    """Compiles what an operation stands for; what cannot be done is logged and done by Qiskit."""

    def __init__(self, **settings: Any) -> None:
        """Take keywords of `circuitdiff.compile`, which those of an ``HLSConfig`` go before."""
        self.settings = settings

    @abstractmethod
    def target_of(self, operation: Operation) -> np.ndarray | circuitdiff.Circuit | None:
        """Return the columns or the circuit that an operation stands for, None where Qiskit knows better."""

    def run(
        self,
        high_level_object: Operation,
        coupling_map: CouplingMap | None = None,
        target: Target | None = None,
        qubits: Sequence[int] | None = None,
        **options: Any,
    ) -> QuantumCircuit | None:
        """Return a circuit, its global phase included; None where Qiskit's own is to be taken.

        Args:
            high_level_object: what to synthesise.
            coupling_map: of the device.
            target: the device; its gates are used.
            qubits: places on the device, None where they are not settled yet: then any two qubits may be coupled.
            options: keywords of `circuitdiff.compile`.
        """
        # Qiskit loads every installed plugin with every transpilation: the compiler waits until there is a state.
        from circuitdiff_qiskit.device import coupled_pairs, gate_set

        unknown = sorted(set(options) - QISKIT_OPTIONS - set(SETTINGS))
        if unknown:
            return _declined(f"unknown setting {unknown[0]!r}; there are: {', '.join(SETTINGS)}")
        asked = self.target_of(high_level_object)
        if asked is None:
            return None
        gates = gate_set(target, None)
        if gates is None:
            return _declined("the basis lacks an entangler or enough gates on single qubits")
        pairs = None if qubits is None else coupled_pairs(target, coupling_map)
        settings: dict[str, Any] = {"gate_set": gates, **self.settings}
        settings |= {name: value for name, value in options.items() if name in SETTINGS}
        if pairs is not None and qubits is not None:
            places = {int(q): place for place, q in enumerate(qubits)}
            inside = sorted({(min(a, b), max(a, b)) for a, b in pairs if a in places and b in places})
            settings["coupling"] = ",".join(f"{places[a]}-{places[b]}" for a, b in inside)
        try:
            result = circuitdiff.compile(asked, **settings)
        except (circuitdiff.InputError, circuitdiff.NoCircuitError) as error:
            return _declined(str(error))
        if not result.tol_met:
            return _declined(f"infidelity {result.infidelity:.1e} misses the tolerance")
        logger.info("%d two-qubit gates from %s", result.two_qubit_count, result.source)
        circuit: QuantumCircuit = result.circuit.to_qiskit()
        return circuit


class CircuitDiffState(CircuitDiffHighLevel):
    """``StatePreparation`` of amplitudes, and ``Initialize``, which resets and prepares.  Labels are left to Qiskit."""

    def target_of(self, operation: Operation) -> np.ndarray | None:
        """Return (2^n,) amplitudes."""
        params = list(getattr(operation, "params", ()))
        if len(params) != 1 << operation.num_qubits or not all(isinstance(p, (int, float, complex)) for p in params):
            return None
        return np.asarray(params, dtype=np.complex128)


class CircuitDiffIsometry(CircuitDiffHighLevel):
    """``Isometry`` without ancillas: its first qubits are the input, the others begin in zero."""

    def target_of(self, operation: Operation) -> np.ndarray | None:
        """Return the (2^n, 2^m) columns."""
        (matrix,) = operation.params
        columns = np.asarray(matrix, dtype=np.complex128)
        return columns if columns.shape[0] == 1 << operation.num_qubits else None


class CircuitDiffMultiplexer(CircuitDiffHighLevel):
    """``UCGate``, ``UCRXGate`` and its like, ``DiagonalGate``: never more two-qubit gates than Qiskit's circuit has."""

    def target_of(self, operation: Operation) -> circuitdiff.Circuit | None:
        """Return Qiskit's own circuit, up to the size that is compiled as one unitary."""
        if operation.num_qubits > circuitdiff.MAX_QUBITS:
            return None
        return circuitdiff.Circuit.from_qiskit(operation.definition)


def _declined(reason: str) -> None:
    logger.warning("circuitdiff leaves an operation to Qiskit: %s", reason)
