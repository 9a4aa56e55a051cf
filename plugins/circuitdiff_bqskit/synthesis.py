"""``CircuitDiffSynthesisPass``: blocks of a BQSKit workflow, compiled by circuitdiff."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from bqskit.compiler.passdata import PassData
from bqskit.ir.circuit import Circuit
from bqskit.ir.gate import Gate
from bqskit.ir.gates import BarrierPlaceholder, CircuitGate
from bqskit.ir.lang.qasm2 import OPENQASM2Language
from bqskit.passes.synthesis.synthesis import SynthesisPass
from bqskit.qis.state.state import StateVector
from bqskit.qis.state.system import StateSystem
from bqskit.qis.unitary.unitarymatrix import UnitaryMatrix

import circuitdiff

logger = logging.getLogger(__name__)

GATE_SETS = {"cx": "u,cx", "cz": "u,cz"}
"""What is written for a model with either; CNOT where it has neither."""


class CircuitDiffSynthesisPass(SynthesisPass):
    """Synthesises with `circuitdiff.compile`, on the couplings of the block that `ForEachBlockPass` hands out.

    As a pass on a circuit it starts from the gates that are there, where OpenQASM has words for them, and changes them
    only for fewer two-qubit gates. Unitaries, blocks and gates on three qubits count as what they come to when they are
    made, and are made. Circuits with barriers stay. As everywhere in BQSKit, whose circuits have no place for it, what
    comes back is equal up to a global phase.
    """

    def __init__(self, *, effort: str = "default", timeout: float | None = None, tol: float = 1e-10) -> None:
        """Take keywords of `circuitdiff.compile`; the workflow's seed is used.

        Raises:
            circuitdiff.InputError: an option out of range.
        """
        circuitdiff.check_options(effort=effort, timeout=timeout, tol=tol)
        self.effort = effort
        self.timeout = timeout
        self.tol = tol

    async def synthesize(self, target: UnitaryMatrix | StateVector | StateSystem, data: PassData) -> Circuit:
        """Return a circuit for a unitary, or for a state from zeros.

        Raises:
            TypeError: the target is a system of states.
            circuitdiff.InputError: a unitary on more than 5 qubits or a state on more than 10, or couplings that are
                not connected.
        """
        if isinstance(target, StateVector):
            state = np.asarray(target.numpy).reshape((2,) * target.num_qudits).transpose().ravel()
            return _from_ours(self._compile(state, target.num_qudits, data).circuit)
        if not isinstance(target, UnitaryMatrix):
            raise TypeError(f"circuitdiff synthesises unitaries and states, not a {type(target).__name__}")
        return _from_ours(self._compile(_reversed(target.numpy), target.num_qudits, data).circuit)

    async def run(self, circuit: Circuit, data: PassData) -> None:
        """Replace a circuit where that saves two-qubit gates; one that cannot be compiled stays."""
        has_barrier = any(isinstance(op.gate, BarrierPlaceholder) for op in circuit)
        if not 2 <= circuit.num_qudits <= circuitdiff.MAX_QUBITS or not circuit.is_qubit_only() or has_barrier:
            return
        try:
            result = self._compile(_to_ours(circuit), circuit.num_qudits, data)
        except (circuitdiff.InputError, circuitdiff.NoCircuitError, ValueError) as error:
            logger.warning("circuitdiff leaves a block as it is: %s", error)
            return
        is_made = all(_is_counted(op.gate) for op in circuit if len(op.location) > 1)
        if result.tol_met and result.two_qubit_count < two_qubit_cost(circuit) + (not is_made):
            circuit.become(_from_ours(result.circuit))

    def _compile(self, target: Any, num_qubits: int, data: PassData) -> circuitdiff.CompileResult:
        names = {gate.qasm_name for gate in data.gate_set if gate.num_qudits == 2 and hasattr(gate, "_qasm_name")}
        coupled = ",".join(f"{a}-{b}" for a, b in data.connectivity if max(a, b) < num_qubits)
        return circuitdiff.compile(
            target,
            gate_set=next((gates for name, gates in GATE_SETS.items() if name in names), GATE_SETS["cx"]),
            coupling=coupled or "all",
            effort=self.effort,
            timeout=self.timeout,
            tol=self.tol,
            seed=data.seed or 0,
        )


def two_qubit_cost(circuit: Circuit) -> int:
    """Return the number of two-qubit gates that a circuit comes to once blocks, unitaries and wide gates are made."""
    return sum(_gate_cost(op.gate, op.params) for op in circuit if len(op.location) > 1)


def _gate_cost(gate: Gate, params: Sequence[float]) -> int:
    if isinstance(gate, CircuitGate):
        inner = gate._circuit.copy()
        inner.set_params(params)
        return two_qubit_cost(inner)
    if _is_counted(gate):
        return 1
    unitary = _reversed(np.asarray(gate.get_unitary(params).numpy))
    return circuitdiff.compile(unitary, proposers=("analytic",)).two_qubit_count


def _is_counted(gate: Gate) -> bool:
    """Tell whether a gate is one that devices run, or that counts as one of those."""
    return gate.num_qudits == 2 and hasattr(gate, "_qasm_name")


def _to_ours(circuit: Circuit) -> circuitdiff.Circuit | np.ndarray:
    """Return a circuit in the library's gates, or its unitary where it has gates without a name in OpenQASM."""
    if all(hasattr(op.gate, "qasm_name") for op in circuit):
        return circuitdiff.Circuit.from_qasm(OPENQASM2Language().encode(circuit))
    return _reversed(circuit.get_unitary().numpy)


def _from_ours(circuit: circuitdiff.Circuit) -> Circuit:
    text = circuit.to_qasm(version=2)
    return OPENQASM2Language().decode(text)


def _reversed(matrix: np.ndarray) -> np.ndarray:
    """Return a (2^n, 2^n) matrix with its qubits in the other order: BQSKit's first is the most significant."""
    n = matrix.shape[0].bit_length() - 1
    axes = (*reversed(range(n)), *reversed(range(n, 2 * n)))
    return matrix.reshape((2,) * (2 * n)).transpose(axes).reshape(matrix.shape)
