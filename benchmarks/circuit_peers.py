"""The other compilers of `whole_circuits.py`, live, and an independent check of equivalence."""

from __future__ import annotations

import time
from dataclasses import dataclass

from qiskit import QuantumCircuit

from circuitdiff import Circuit, InputError
from circuitdiff.evaluation.machine import group_cpu_seconds

BQSKIT_LEVELS = {"bqskit-o2": 2, "bqskit": 3, "bqskit-o3": 3}
QCEC_SECONDS = 30
QCEC_TOLERANCES = {"numerical_tolerance": 1e-12, "trace_threshold": 1e-6, "fidelity_threshold": 1e-6}
"""Angles come from numerics: QCEC's own tolerances are those of angles that were typed."""


@dataclass(frozen=True)
class PeerResult:
    """A peer's circuit, and the processor seconds that all processes of this group worked meanwhile."""

    circuit: QuantumCircuit
    seconds: float


def pytket_peephole(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return what pytket's ``FullPeepholeOptimise`` makes of a circuit, every qubit staying in its place.

    Raises:
        InputError: pytket is not installed.
    """
    try:
        from pytket.circuit import OpType
        from pytket.passes import AutoRebase, FullPeepholeOptimise
        from pytket.qasm import circuit_from_qasm_str, circuit_to_qasm_str
    except ImportError as error:
        raise InputError("--input pytket needs pytket: pip install 'circuitdiff[peers]'") from error
    theirs = circuit_from_qasm_str(Circuit.from_qiskit(circuit).to_qasm(version=2))
    FullPeepholeOptimise(allow_swaps=False).apply(theirs)
    AutoRebase({OpType.U3, OpType.CX}).apply(theirs)
    return Circuit.from_qasm(circuit_to_qasm_str(theirs)).to_qiskit()


class BQSKit:
    """BQSKit's standard workflow on blocks of a size, its runtime started once, with one worker."""

    def __init__(self, level: int, block_size: int) -> None:
        """Start the runtime, which takes seconds.

        Raises:
            InputError: BQSKit is not installed.
        """
        try:
            from bqskit.compiler import Compiler
        except ImportError as error:
            raise InputError("--peer bqskit needs BQSKit: pip install 'circuitdiff[peers]'") from error
        self.level = level
        self.block_size = block_size
        self._compiler = Compiler(num_workers=1)

    def compiled(self, circuit: QuantumCircuit) -> PeerResult:
        """Compile a circuit into U3 and CNOT, all pairs coupled."""
        import bqskit
        from bqskit.ir.gates import CNOTGate, U3Gate
        from bqskit.ir.lang.qasm2 import OPENQASM2Language

        given = OPENQASM2Language().decode(Circuit.from_qiskit(circuit).to_qasm(version=2))
        model = bqskit.MachineModel(circuit.num_qubits, gate_set={U3Gate(), CNOTGate()})
        started = _worked()
        found = bqskit.compile(
            given,
            model,
            optimization_level=self.level,
            max_synthesis_size=self.block_size,
            compiler=self._compiler,
            seed=0,
        )
        seconds = _worked() - started
        return PeerResult(Circuit.from_qasm(OPENQASM2Language().encode(found)).to_qiskit(), seconds)

    def close(self) -> None:
        """End the runtime."""
        self._compiler.close()


def qcec_verdict(before: Circuit, after: Circuit) -> str:
    """Return what MQT QCEC says of two circuits: its decision diagrams, as its ZX rules need exact angles.

    Raises:
        InputError: QCEC is not installed.
    """
    try:
        from mqt import qcec
    except ImportError as error:
        raise InputError("--qcec needs MQT QCEC: pip install 'circuitdiff[peers]'") from error
    found = qcec.verify(
        before.to_qiskit(), after.to_qiskit(), run_zx_checker=False, timeout=QCEC_SECONDS, **QCEC_TOLERANCES
    )
    return str(found.equivalence.name)


def _worked() -> float:
    seconds = group_cpu_seconds()
    return time.monotonic() if seconds is None else seconds
