"""The other compilers of `whole_circuits.py`, live, and an independent check of equivalence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qiskit import QuantumCircuit, transpile

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


CX_OF_A_SWAP = 3


def qiskit_count(circuit: QuantumCircuit, keep_order: bool) -> int:
    """Return the CX that Qiskit leaves at level 3, those of the swaps that it elides too where the order is kept."""
    done = transpile(circuit, basis_gates=["u", "cx"], optimization_level=3, seed_transpiler=0)
    order = list(range(circuit.num_qubits)) if done.layout is None else done.layout.final_index_layout()
    return int(done.num_nonlocal_gates()) + (CX_OF_A_SWAP * _num_swaps(order) if keep_order else 0)


def pytket_count(circuit: QuantumCircuit, keep_order: bool) -> int:
    """Return the CX that pytket's ``FullPeepholeOptimise`` leaves, with wires permuted where the order is free."""
    return int(pytket_peephole(circuit, allow_swaps=not keep_order).num_nonlocal_gates())


COUNTS = {"qiskit": qiskit_count, "pytket": pytket_count}
"""What is left by compilers that are run beside, with the order of the outputs kept or free."""


def _num_swaps(order: Sequence[int]) -> int:
    """Return how many swaps put a permutation right: its length without its cycles."""
    seen: set[int] = set()
    cycles = 0
    for start in order:
        cycles += start not in seen
        while start not in seen:
            seen.add(start)
            start = order[start]
    return len(order) - cycles


def pytket_peephole(circuit: QuantumCircuit, allow_swaps: bool = False) -> QuantumCircuit:
    """Return what pytket's ``FullPeepholeOptimise`` makes of a circuit, every qubit staying in its place by default.

    Raises:
        InputError: pytket is not installed.
    """
    try:
        from pytket.circuit import OpType
        from pytket.passes import AutoRebase, DecomposeBoxes, FullPeepholeOptimise
        from pytket.qasm import circuit_from_qasm_str, circuit_to_qasm_str
    except ImportError as error:
        raise InputError("--input pytket needs pytket: pip install 'circuitdiff[peers]'") from error
    theirs = circuit_from_qasm_str(Circuit.from_qiskit(circuit).to_qasm(version=2))
    DecomposeBoxes().apply(theirs)
    FullPeepholeOptimise(allow_swaps=allow_swaps).apply(theirs)
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
        started = group_cpu_seconds()
        found = bqskit.compile(
            given,
            model,
            optimization_level=self.level,
            max_synthesis_size=self.block_size,
            compiler=self._compiler,
            seed=0,
        )
        seconds = group_cpu_seconds() - started
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
