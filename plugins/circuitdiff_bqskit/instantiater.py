"""circuitdiff's numerics behind BQSKit's ``instantiate``: for QSearch, LEAP, scanning and partitioning as they are."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import numpy.typing as npt
from bqskit.ir.circuit import Circuit
from bqskit.ir.gate import Gate
from bqskit.ir.opt.instantiater import Instantiater
from bqskit.qis.state.state import StateVector
from bqskit.qis.unitary.unitarymatrix import UnitaryMatrix

import circuitdiff

NAMES = {name: name for name in circuitdiff.GATES} | {"u3": "u", "u1": "p"}
"""The library's gates by their names in OpenQASM."""

STARTS = 4
"""Starting points for each that BQSKit asks for: gates that a search has just put in begin at angles of zero, where the
descent may be at a saddle point."""


class CircuitDiffInstantiater(Instantiater):
    """Levenberg-Marquardt in Pauli coordinates for unitaries, on the columns that matter for states.

    Give an instance as ``method`` to ``Circuit.instantiate``, or in a pass's ``instantiate_options``; after
    ``instantiater_order.insert(0, CircuitDiffInstantiater)`` it is what BQSKit takes by itself, and the method
    ``"circuitdiff"``.
    """

    def __init__(self, *, tol: float = 1e-10, **kwargs: Any) -> None:
        """Take the infidelity at which no further start is made; what other instantiaters take is passed over."""
        circuitdiff.check_options(tol=tol)
        self.tol = tol

    def instantiate(self, circuit: Circuit, target: Any, x0: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return parameters, from ``x0``.

        Raises:
            TypeError: the target is a state system.
        """
        return self._solved(circuit, target, np.asarray(x0), 1)

    def multi_start_instantiate_inplace(self, circuit: Circuit, target: Any, num_starts: int) -> None:
        """Set the parameters to the best of at most so many starts, the circuit's own first."""
        checked = target if isinstance(target, (UnitaryMatrix, StateVector)) else self.check_target(target)
        circuit.set_params(self._solved(circuit, checked, np.asarray(circuit.params), num_starts))

    async def multi_start_instantiate_async(self, circuit: Circuit, target: Any, num_starts: int) -> Circuit:
        """Do the same inside BQSKit's runtime."""
        self.multi_start_instantiate_inplace(circuit, target, num_starts)
        return circuit

    def _solved(
        self, circuit: Circuit, target: Any, start: npt.NDArray[np.float64], starts: int
    ) -> npt.NDArray[np.float64]:
        if not isinstance(target, (UnitaryMatrix, StateVector)):
            raise TypeError(f"circuitdiff instantiates unitaries and states, not a {type(target).__name__}")
        ours = _converted(circuit, start)
        seed = random.randrange(2**31)  # BQSKit seeds this generator
        fit = circuitdiff.instantiate(ours, np.asarray(target.numpy), starts=STARTS * starts, tol=self.tol, seed=seed)
        return np.array([angle for operation in fit.circuit.operations for angle in operation.params])

    @staticmethod
    def is_capable(circuit: Circuit) -> bool:
        """Tell whether all gates are the library's."""
        return circuit.is_qubit_only() and all(_name(gate) is not None for gate in circuit.gate_set)

    @staticmethod
    def get_violation_report(circuit: Circuit) -> str:
        """Return which gates are not the library's."""
        foreign = sorted(str(gate) for gate in circuit.gate_set if _name(gate) is None)
        return f"Cannot instantiate a circuit with {', '.join(foreign) or 'qudits'} via circuitdiff."

    @staticmethod
    def get_method_name() -> str:
        """Return the name of this method."""
        return "circuitdiff"


def _name(gate: Gate) -> str | None:
    """Return the library's name of a gate with the same parameters."""
    name = NAMES.get(getattr(gate, "_qasm_name", ""))
    is_same = name is not None and gate.num_params == circuitdiff.GATES[name].num_params
    return name if is_same and gate.num_qudits == circuitdiff.GATES[str(name)].num_qubits else None


def _converted(circuit: Circuit, params: npt.NDArray[np.float64]) -> circuitdiff.Circuit:
    """Return the circuit with its last qubit least significant, as matrices of BQSKit have it."""
    last = circuit.num_qudits - 1
    angles = iter(map(float, params))
    gates = [
        (str(_name(op.gate)), tuple(last - q for q in op.location), tuple(next(angles) for _ in range(op.num_params)))
        for op in circuit
    ]
    return circuitdiff.Circuit.from_gates(circuit.num_qudits, gates)
