"""Other compilers of states, as ``bench states`` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.evaluation.state_suite import StateTarget


def _with_qiskit(target: StateTarget) -> tuple[int, float]:
    from qiskit import QuantumCircuit
    from qiskit.circuit.library import StatePreparation

    circuit = QuantumCircuit(target.num_qubits)
    circuit.append(StatePreparation(target.amplitudes), range(target.num_qubits))
    return _transpiled(circuit, target)


def _with_qclib(target: StateTarget) -> tuple[int, float]:
    from qclib.state_preparation import LowRankInitialize

    return _transpiled(LowRankInitialize(list(target.amplitudes)).definition, target)


def _with_squander(target: StateTarget) -> tuple[int, float]:
    from squander.decomposition.qgd_N_Qubit_State_Preparation_adaptive import qgd_N_Qubit_State_Preparation_adaptive

    pairs = None if target.coupling == "all" else list(parse_coupling(target.coupling, target.num_qubits).pairs)
    search = qgd_N_Qubit_State_Preparation_adaptive(target.amplitudes.reshape(-1, 1), topology=pairs)
    search.set_Verbose(0)
    search.Start_Decomposition()
    return _transpiled(search.get_Qiskit_Circuit(), target)


def _with_bqskit(target: StateTarget) -> tuple[int, float]:
    import bqskit
    from bqskit.ir.gates import CNOTGate, U3Gate
    from bqskit.qis import StateVector

    n = target.num_qubits
    pairs = [(n - 1 - a, n - 1 - b) for a, b in parse_coupling(target.coupling, n).pairs]  # BQSKit is big-endian
    model = bqskit.MachineModel(n, pairs, {U3Gate(), CNOTGate()})
    aim = StateVector(target.amplitudes)
    made = bqskit.compile(aim, model, max_synthesis_size=max(3, n), compiler=_bqskit_runtime(), seed=0)
    state = made.get_statevector(StateVector.zero(n)).numpy
    return made.count(CNOTGate()), max(0.0, 1.0 - float(abs(np.vdot(target.amplitudes, state))))


@lru_cache(maxsize=1)
def _bqskit_runtime() -> Any:
    """Start BQSKit's runtime with one worker, once."""
    from bqskit.compiler import Compiler

    return Compiler(num_workers=1)


def _transpiled(circuit: Any, target: StateTarget) -> tuple[int, float]:
    """Return the CX of Qiskit's level 3, and the infidelity with its qubits put back in order."""
    from qiskit import transpile
    from qiskit.quantum_info import Operator

    pairs = parse_coupling(target.coupling, target.num_qubits).pairs
    both_ways = [[*pair] for a, b in pairs for pair in ((a, b), (b, a))]
    options: dict[str, Any] = {} if target.coupling == "all" else {"coupling_map": both_ways}
    made = transpile(circuit, basis_gates=["u", "cx"], optimization_level=3, seed_transpiler=0, **options)
    state = Operator.from_circuit(made).data[:, 0]
    return int(made.num_nonlocal_gates()), max(0.0, 1.0 - float(abs(np.vdot(target.amplitudes, state))))


PEERS: Mapping[str, Callable[[StateTarget], tuple[int, float]]] = {
    "qiskit": _with_qiskit,
    "qclib": _with_qclib,
    "squander": _with_squander,
    "bqskit": _with_bqskit,
}
"""CX and infidelity of what other compilers make: Qiskit's ``StatePreparation`` at level 3, qclib's low rank and
SQUANDER's adaptive search (minutes beyond 3 qubits), both followed by Qiskit's level 3, and BQSKit's standard workflow
(minutes beyond 4)."""
