"""Ansatz circuits with symbolic angles: two-qubit gates after Qiskit at level 3, and after the pass given that.

python benchmarks/ansatz_circuits.py [--qubits 6] [--seconds 5] [--free]

Angles stay symbols throughout; both circuits are compared at random values of them. Limits are processor seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations, pairwise

import click
import numpy as np
from circuit_suite import processor_clock
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2, real_amplitudes
from qiskit.quantum_info import Operator
from qiskit.transpiler import PassManager

from circuitdiff_qiskit import CircuitDiffResynthesis

ENTANGLEMENTS = ("linear", "circular", "full", "sca")
SINGLES, DOUBLES = ("XY", "YX"), ("XXXY", "XXYX", "XYXX", "YXXX", "YYYX", "YYXY", "YXYY", "XYYY")
WORST = 1e-6


def uccsd(num_qubits: int) -> QuantumCircuit:
    """Return singles and doubles in the Jordan-Wigner form, half of the orbitals filled, one angle an excitation."""
    half = num_qubits // 2
    circuit = QuantumCircuit(num_qubits)
    circuit.x(range(half))
    for low in range(half):
        for high in range(half, num_qubits):
            angle = Parameter(f"s{low}_{high}")
            for number, letters in enumerate(SINGLES):
                add_exponential(circuit, {low: letters[0], high: letters[1]}, angle * (-1) ** number)
    for number, filled in enumerate(combinations(range(half), 2)):
        for other, empty in enumerate(combinations(range(half, num_qubits), 2)):
            angle = Parameter(f"d{number}_{other}")
            for sign, letters in enumerate(DOUBLES):
                places = dict(zip((*filled, *empty), letters, strict=True))
                add_exponential(circuit, places, angle * (-1) ** (sign // 4))
    return circuit


def add_exponential(circuit: QuantumCircuit, ends: dict[int, str], angle: Parameter) -> None:
    """Add the exponential of a string of Paulis, Z between each pair of its letters: a staircase and a rotation."""
    at = sorted(ends)
    between = {q for low, high in zip(at[::2], at[1::2], strict=True) for q in range(low + 1, high)}
    places = sorted({*at, *between})
    for turn in (1, -1):
        if turn == -1:
            circuit.rz(angle, places[-1])
            for low, high in reversed([*pairwise(places)]):
                circuit.cx(low, high)
        for qubit, letter in ends.items():
            circuit.h(qubit) if letter == "X" else circuit.rx(turn * np.pi / 2, qubit)
        if turn == 1:
            for low, high in pairwise(places):
                circuit.cx(low, high)


def qaoa(num_qubits: int, layers: int) -> QuantumCircuit:
    """Return layers of rotations about ZZ on every pair, and of a mixer."""
    circuit = QuantumCircuit(num_qubits)
    circuit.h(range(num_qubits))
    for layer in range(layers):
        for low, high in combinations(range(num_qubits), 2):
            circuit.rzz(Parameter(f"g{layer}_{low}_{high}"), low, high)
        circuit.rx(Parameter(f"b{layer}"), range(num_qubits))
    return circuit


def ansatz_circuits(num_qubits: int) -> Iterator[tuple[str, QuantumCircuit]]:
    """Yield them by name."""
    for entanglement in ENTANGLEMENTS:
        yield f"EfficientSU2 {entanglement}", efficient_su2(num_qubits, entanglement=entanglement, reps=2)
        yield f"RealAmplitudes {entanglement}", real_amplitudes(num_qubits, entanglement=entanglement, reps=2)
    yield "QAOA", qaoa(num_qubits, 2)
    yield "UCCSD", uccsd(num_qubits)


def missed(first: QuantumCircuit, second: QuantumCircuit, rng: np.random.Generator) -> float:
    """Return the infidelity of two circuits at random values of their parameters."""
    values = {parameter: float(rng.uniform(0, 6)) for parameter in first.parameters}
    made, given = (Operator.from_circuit(c.assign_parameters(values)).data for c in (second, first))
    return 1 - float(abs(np.vdot(made, given)) / len(given)) ** 2


@click.command()
@click.option("--qubits", type=click.IntRange(4), default=6, show_default=True)
@click.option("--seconds", type=float, default=5.0, show_default=True, help="Processor seconds of all threads.")
@click.option("--free", is_flag=True, help="Leave the order of the outputs free.")
def main(qubits: int, seconds: float, free: bool) -> None:
    """Rewrite them one after the other, and report."""
    time.monotonic = processor_clock()
    click.echo(f"{'circuit':<26}{'written':>8}{'qiskit':>8}{'ours':>8}{'missed':>9}")
    for name, circuit in ansatz_circuits(qubits):
        written = transpile(circuit, basis_gates=["u", "rz", "cx"], optimization_level=0)
        given = transpile(circuit, basis_gates=["u", "rz", "cx"], optimization_level=3, seed_transpiler=0)
        given = QuantumCircuit.from_instructions(
            given.data, qubits=given.qubits, global_phase=given.global_phase
        )  # Qiskit's own order of outputs is part of what is given
        basis = ["u", "rz", "cx"]
        resynthesis = CircuitDiffResynthesis(basis_gates=basis, keep_order=not free, timeout=seconds, cache=None)
        done = PassManager([resynthesis]).run(given)
        counts = [c.num_nonlocal_gates() for c in (written, given, done)]
        infidelity = missed(given, done, np.random.default_rng(0))
        if counts[2] > counts[1] or infidelity > WORST:
            raise RuntimeError(f"{name}: {counts[1]} became {counts[2]}, infidelity {infidelity}")
        click.echo(f"{name:<26}{counts[0]:>8}{counts[1]:>8}{counts[2]:>8}{max(0.0, infidelity):>9.0e}")


if __name__ == "__main__":
    main()
