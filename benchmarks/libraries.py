"""Euler angles, CX counts on two qubits and basis translation beside those of Qiskit: processor time, errors, sizes.

python benchmarks/libraries.py [--count 300]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit import transpile
from qiskit.circuit.library import CXGate
from qiskit.synthesis import OneQubitEulerDecomposer, TwoQubitBasisDecomposer
from scipy.spatial.transform import Rotation
from scipy.stats import unitary_group

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.single_qubit import zyz
from circuitdiff.features.lower_bounds import two_qubit_cx_count
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

GATE_SETS = ("ibm-cz", "ibm-ecr", "u,cx", "ion")


def seconds_each(run: Callable[[Any], object], inputs: list[Any]) -> float:
    run(inputs[0])
    started = time.process_time()
    for given in inputs:
        run(given)
    return (time.process_time() - started) / len(inputs)


def rotation_vector(matrix: np.ndarray) -> np.ndarray:
    """Euler angles by scipy, from the quaternion of a (2, 2) unitary."""
    special = matrix / np.sqrt(np.linalg.det(matrix))
    w, x, y, z = special[0, 0].real, -special[0, 1].imag, -special[0, 1].real, -special[0, 0].imag
    return Rotation.from_quat([x, y, z, w]).as_euler("zyz")


def euler(count: int) -> None:
    matrices = [unitary_group.rvs(2, random_state=seed) for seed in range(count)]
    decomposer = OneQubitEulerDecomposer("ZYZ")
    arms: dict[str, Callable[[Any], object]] = {
        "ours": lambda matrix: zyz(tuple(map(complex, matrix.ravel()))),
        "Qiskit": decomposer.angles_and_phase,
        "scipy": rotation_vector,
    }
    for name, run in arms.items():
        print(f"Euler angles, {name:6}: {1e6 * seconds_each(run, matrices):6.1f} us a matrix")


def cx_counts(count: int) -> None:
    """Count CX of two-qubit unitaries made of none to three CX."""
    unitaries = [two_qubit_unitary(seed, seed % 4) for seed in range(count)]
    decomposer = TwoQubitBasisDecomposer(CXGate())
    arms: dict[str, Callable[[Any], int]] = {"ours": two_qubit_cx_count, "Qiskit": decomposer.num_basis_gates}
    for name, run in arms.items():
        right = sum(run(unitary) == seed % 4 for seed, unitary in enumerate(unitaries))
        print(f"CX counts, {name:6}: {1e6 * seconds_each(run, unitaries):6.1f} us a matrix, {right} of {count} right")


def translation(count: int) -> None:
    circuits = [random_circuit(seed) for seed in range(count)]
    given = [circuit.to_qiskit() for circuit in circuits]
    for name in GATE_SETS:
        gate_set = parse_gate_set(name)
        made = [translate_basis(circuit, gate_set) for circuit in circuits]
        theirs = [transpile(circuit, basis_gates=list(gate_set.gates), optimization_level=1) for circuit in given]
        worst = max(infidelity(a.unitary(), b.unitary()) for a, b in zip(circuits, made, strict=True))
        ours_us = 1e6 * seconds_each(lambda circuit, g=gate_set: translate_basis(circuit, g), circuits)
        basis = list(gate_set.gates)
        their_us = 1e6 * seconds_each(lambda c, b=basis: transpile(c, basis_gates=b, optimization_level=1), given)
        sizes = [np.mean([circuit.num_gates for circuit in made]), np.mean([circuit.size() for circuit in theirs])]
        wide = [
            np.mean([circuit.two_qubit_count for circuit in made]),
            np.mean([circuit.num_nonlocal_gates() for circuit in theirs]),
        ]
        print(
            f"translation to {name:8}: ours {ours_us:8.0f} us, {sizes[0]:.1f} gates, {wide[0]:.1f} on two qubits, "
            f"infidelity {worst:.0e}; Qiskit {their_us:8.0f} us, {sizes[1]:.1f} gates, {wide[1]:.1f} on two qubits"
        )


def two_qubit_unitary(seed: int, num_cx: int) -> np.ndarray:
    """Draw a unitary of so many CX between Haar-random gates."""
    rng = np.random.default_rng(seed)
    cx = Circuit.from_gates(2, [("cx", (0, 1), ())]).unitary()
    local = [np.kron(*unitary_group.rvs(2, size=2, random_state=rng)) for _ in range(num_cx + 1)]
    made = local[0]
    for dressing in local[1:]:
        made = dressing @ cx @ made
    return made


def random_circuit(seed: int) -> Circuit:
    """Draw twelve gates on three qubits."""
    rng = np.random.default_rng(seed)
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]] = []
    for _ in range(12):
        a, b = (int(q) for q in rng.choice(3, 2, replace=False))
        angles = tuple(float(x) for x in rng.uniform(0, 2 * np.pi, 3))
        options = (("cx", (a, b), ()), ("cp", (a, b), angles[:1]), ("u", (a,), angles), ("h", (a,), ()))
        gates.append(options[int(rng.integers(len(options)))])
    return Circuit.from_gates(3, gates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    given = parser.parse_args()
    euler(given.count)
    cx_counts(given.count)
    translation(max(1, given.count // 3))


if __name__ == "__main__":
    main()
