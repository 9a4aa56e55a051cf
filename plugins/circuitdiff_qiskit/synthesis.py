"""``transpile(..., unitary_synthesis_method="circuitdiff")``: unitaries on three to five qubits.

Under the name ``circuitdiff_clifford_t`` unitaries on one and two qubits as well, in Clifford+T alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from qiskit.converters import circuit_to_dag
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler.passes.synthesis.plugin import UnitarySynthesisPlugin

import circuitdiff

logger = logging.getLogger(__name__)

SETTINGS = ("effort", "model", "proposers", "samples", "seed", "timeout", "tol")
"""Keys of ``unitary_synthesis_plugin_config``; see `circuitdiff.compile`."""


class CircuitDiffSynthesis(UnitarySynthesisPlugin):
    """Compiles a unitary with `circuitdiff.compile`; what it cannot do is logged, and done by Qiskit.

    Unitaries on more than two qubits are synthesised before qubits have places on the device: its couplings say
    nothing about them yet, and the resynthesis pass is what knows them.

    In a Clifford+T basis, and for Qiskit's Clifford+T pipeline, a unitary is approximated within ``tol``, an infidelity
    of 1e-6 by default.
    """

    max_qubits = 5
    min_qubits = 3
    supported_bases = None
    supports_basis_gates = True
    supports_coupling_map = False
    supports_gate_errors = False
    supports_gate_errors_by_qubit = False
    supports_gate_lengths = False
    supports_gate_lengths_by_qubit = False
    supports_natural_direction = False
    supports_pulse_optimize = False
    supports_target = True

    def run(self, unitary: np.ndarray, **options: Any) -> DAGCircuit | None:
        """Return a circuit for a (d, d) unitary, its global phase included; None where there is none."""
        # Qiskit loads every installed plugin with every transpilation: the compiler waits until there is a unitary.
        from circuitdiff_qiskit.clifford_t import CLIFFORD_T, TOL, is_clifford_t
        from circuitdiff_qiskit.eighths import without_other_rotations

        config = options.get("config") or {}
        unknown = sorted(set(config) - set(SETTINGS))
        if unknown:
            return _declined(f"unknown setting {unknown[0]!r}; there are: {', '.join(SETTINGS)}")
        gates = _gates(options)
        if gates is None:
            return _declined("the basis lacks an entangler or enough gates on single qubits")
        if is_clifford_t(gates):
            config = {"tol": TOL, **config}
        try:
            result = circuitdiff.compile(np.asarray(unitary), gate_set=gates, **config)
        except (circuitdiff.InputError, circuitdiff.NoCircuitError) as error:
            return _declined(str(error))
        if not result.tol_met:
            return _declined(f"infidelity {result.infidelity:.1e} misses the tolerance")
        logger.info("%d two-qubit gates from %s", result.two_qubit_count, result.source)
        made = result.circuit
        if gates == CLIFFORD_T:
            made = circuitdiff.Circuit.from_qiskit(without_other_rotations(made.to_qiskit()))
        return circuit_to_dag(made.in_phase_with(np.asarray(unitary)).to_qiskit())


class CircuitDiffCliffordT(CircuitDiffSynthesis):
    """The same for unitaries on one to five qubits, in Clifford+T bases alone.

    In other bases those on one and two qubits are Qiskit's own, which knows error rates and directions; a plugin says
    which sizes it takes before it sees the basis.
    """

    min_qubits = 1

    def run(self, unitary: np.ndarray, **options: Any) -> DAGCircuit | None:
        """Return a circuit for a (d, d) unitary, its global phase included; None where there is none."""
        from circuitdiff_qiskit.clifford_t import is_clifford_t

        gates = _gates(options)
        if gates is not None and not is_clifford_t(gates):
            return _declined("the basis has gates with angles; unitary_synthesis_method='circuitdiff' is for those")
        return super().run(unitary, **options)


def _gates(options: Mapping[str, Any]) -> str | None:
    """Return the gate set that Qiskit asks for, None where nothing can be built with it."""
    from circuitdiff_qiskit.clifford_t import CLIFFORD_T, is_qiskits_own
    from circuitdiff_qiskit.device import gate_set

    target, basis = options.get("target"), options.get("basis_gates")
    return CLIFFORD_T if target is None and is_qiskits_own(basis) else gate_set(target, basis)


def _declined(reason: str) -> None:
    logger.warning("circuitdiff leaves a unitary to Qiskit: %s", reason)
