"""T counts in Clifford+T beside Qiskit's pipeline, pygridsynth and trasyn, at equal measured infidelity.

The others take an error per rotation: the largest power of 2^(1/2) at which the whole is within the tolerance is
searched for, so that none is held back by a bound.  Peers that are not installed are left out.

    python benchmarks/clifford_t.py --qubits 1 2 3 --tols 1e-2 1e-4 1e-6
    python benchmarks/clifford_t.py --circuits benchmarks/circuits --tols 1e-4
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library import RZGate
from qiskit.quantum_info import random_unitary
from qiskit.transpiler.preset_passmanagers import generate_preset_clifford_t_pass_manager

import circuitdiff
from circuitdiff.circuits.circuit import Circuit, infidelity

BASIS = ["h", "s", "sdg", "t", "tdg", "x", "z", "cx"]
SPARE_EXPONENT = 4
"""Half powers of two by which an error per rotation is surely too large."""

Maker = Callable[[QuantumCircuit, float], QuantumCircuit]


def qiskit_pipeline(circuit: QuantumCircuit, error: float) -> QuantumCircuit:
    config = {"rz_synthesis_error": error, "rz_cache_error": error / 100}
    passes = generate_preset_clifford_t_pass_manager(3, basis_gates=BASIS, rz_synthesis_config=config)
    return passes.run(circuit)


def pygridsynth(circuit: QuantumCircuit, error: float) -> QuantumCircuit:
    from pygridsynth import gridsynth_gates

    return _replaced(circuit, ["rz", "sx", "cx"], lambda gate: gridsynth_gates(float(gate.params[0]), error)[::-1])


def trasyn(circuit: QuantumCircuit, error: float) -> QuantumCircuit:
    from trasyn import synthesize

    total = max(1, round(3 * np.log2(1 / error)))  # what the density of operators with so many T gives
    budgets = [10] * (total // 10) + [total % 10] * (total % 10 > 0)
    return _replaced(
        circuit,
        ["u3", "cx"],
        lambda gate: synthesize(gate.to_matrix(), budgets, num_samples=1000, num_attempts=1, gpu=False, rng=0)[0][::-1],
    )


def _replaced(circuit: QuantumCircuit, basis: list[str], sequence: Callable[[RZGate], str]) -> QuantumCircuit:
    """Write every gate with angles as what a peer says, letters in time order."""
    result = QuantumCircuit(circuit.num_qubits)
    for item in transpile(circuit, basis_gates=basis, optimization_level=3, seed_transpiler=0).data:
        if not item.operation.params:
            result.append(item.operation, item.qubits)
            continue
        for letter in sequence(item.operation).lower():
            if letter in "hstxyz":
                getattr(result, letter)(item.qubits[0])
    return result


PEERS: dict[str, Maker] = {"qiskit": qiskit_pipeline, "pygridsynth": pygridsynth, "trasyn": trasyn}


def peer(make: Maker, circuit: QuantumCircuit, tol: float) -> tuple[int, float, float]:
    """Return T count, infidelity and seconds at the loosest error per rotation that keeps within the tolerance."""
    states = _states(circuit.num_qubits)
    wanted = Circuit.from_qiskit(circuit).applied(states)

    def attempt(exponent: int) -> tuple[int, float, float]:
        started = time.process_time()
        made = make(circuit, 2 ** (-exponent / 2))
        seconds = time.process_time() - started
        counts = made.count_ops()
        missed = infidelity(wanted, Circuit.from_qiskit(made).applied(states))
        return counts.get("t", 0) + counts.get("tdg", 0), missed, seconds

    loosest = max(0, int(np.log2(1 / tol)) - SPARE_EXPONENT)
    attempts = (attempt(exponent) for exponent in range(loosest, loosest + 4 * SPARE_EXPONENT))
    return next(found for found in attempts if found[1] <= tol)


def own(circuit: QuantumCircuit, tol: float, *, whole: bool) -> tuple[int, float, float]:
    started = time.process_time()
    if whole:
        result = circuitdiff.resynthesize(Circuit.from_qiskit(circuit), gate_set="clifford+t", tol=tol)
    else:
        unitary = Circuit.from_qiskit(circuit).unitary()
        result = circuitdiff.compile(unitary, gate_set="clifford+t", tol=tol)  # type: ignore[assignment]
    return result.circuit.t_count, result.infidelity or 0.0, time.process_time() - started


def _states(num_qubits: int) -> NDArray[np.complex128]:
    if num_qubits <= 5:
        return np.eye(1 << num_qubits, dtype=np.complex128)
    rng = np.random.default_rng(7)
    states = rng.normal(size=(1 << num_qubits, 8)) + 1j * rng.normal(size=(1 << num_qubits, 8))
    return np.asarray(states / np.linalg.norm(states, axis=0))


def targets(arguments: argparse.Namespace) -> Iterator[tuple[str, QuantumCircuit, bool]]:
    if arguments.circuits is None:
        for n in arguments.qubits:
            for seed in range(arguments.seeds):
                circuit = QuantumCircuit(n)
                circuit.unitary(random_unitary(1 << n, seed=seed), range(n))
                yield f"random {n} #{seed}", transpile(circuit, basis_gates=["u", "cx"], optimization_level=3), False
        return
    for path in sorted(arguments.circuits.glob("*.qasm")):
        circuit = QuantumCircuit.from_qasm_file(str(path)).remove_final_measurements(inplace=False)
        if circuit.num_qubits <= arguments.max_qubits:
            yield path.stem, transpile(circuit, basis_gates=["u", "p", "rz", "h", "cx"], optimization_level=0), True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--circuits", type=Path, help="folder of OpenQASM 2 files; random unitaries without it")
    parser.add_argument("--qubits", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--max-qubits", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--tols", type=float, nargs="+", default=[1e-2, 1e-4, 1e-6])
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=["qiskit", "pygridsynth"])
    arguments = parser.parse_args()
    peers = [name for name in arguments.peers if find_spec(name) is not None]
    print(f"{'target':<28}{'tol':>8}" + "".join(f"{name + ' T':>16}{'error':>9}{'s':>7}" for name in ("ours", *peers)))
    for name, circuit, whole in targets(arguments):
        for tol in arguments.tols:
            rows = [own(circuit, tol, whole=whole), *(peer(PEERS[other], circuit, tol) for other in peers)]
            print(f"{name:<28}{tol:>8.0e}" + "".join(f"{t:>16}{e:>9.1e}{s:>7.2f}" for t, e, s in rows), flush=True)


if __name__ == "__main__":
    main()
