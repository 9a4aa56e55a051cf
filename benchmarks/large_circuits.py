"""Circuits of tens of thousands of gates: is the limit kept, when is the first block compiled, how much memory.

python benchmarks/large_circuits.py random --qubits 100 --gates 50000 --seconds 30
python benchmarks/large_circuits.py trotter --qubits 127 --steps 10
python benchmarks/large_circuits.py qft --qubits 100 --stage
"""

from __future__ import annotations

import json
import logging
import resource
import time
from typing import Any

import click
import numpy as np
from circuit_suite import WARM_UP, processor_clock
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library import QFTGate

from circuitdiff import Circuit, resynthesize
from circuitdiff_qiskit import stage_options

BASIS = ["u", "cx"]


def random_circuit(num_qubits: int, num_gates: int, rng: np.random.Generator) -> QuantumCircuit:
    """Return so many CX on random pairs, a rotation about a random axis on both qubits before each."""
    circuit = QuantumCircuit(num_qubits)
    for _ in range(num_gates):
        pair = rng.choice(num_qubits, 2, replace=False)
        for qubit in pair:
            getattr(circuit, ("rx", "ry", "rz")[rng.integers(3)])(rng.uniform(0, 6), int(qubit))
        circuit.cx(int(pair[0]), int(pair[1]))
    return circuit


def trotter_circuit(num_qubits: int, steps: int) -> QuantumCircuit:
    """Return Trotter steps of a Heisenberg chain in a field."""
    circuit = QuantumCircuit(num_qubits)
    for _ in range(steps):
        for first in (0, 1):
            for qubit in range(first, num_qubits - 1, 2):
                for gate in (circuit.rxx, circuit.ryy, circuit.rzz):
                    gate(0.1, qubit, qubit + 1)
        circuit.rz(0.2, range(num_qubits))
    return circuit


class FirstBlock(logging.Handler):
    """Notes when the first block was compiled."""

    def __init__(self, started: float) -> None:
        """Take the time from which it is counted."""
        super().__init__()
        self.started = started
        self.seconds: float | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Look for the message that a block is done."""
        if self.seconds is None and str(record.msg).startswith("block "):
            self.seconds = round(time.monotonic() - self.started, 2)


@click.command()
@click.argument("kind", type=click.Choice(["random", "trotter", "qft"]))
@click.option("--qubits", type=click.IntRange(2), default=100, show_default=True)
@click.option("--gates", type=click.IntRange(1), default=50_000, show_default=True, help="CX of a random circuit.")
@click.option("--steps", type=click.IntRange(1), default=10, show_default=True, help="Of a Trotter evolution.")
@click.option("--seconds", type=float, default=30.0, show_default=True, help="Processor seconds of all threads.")
@click.option("--stage", is_flag=True, help="Through Qiskit's transpiler at level 2, whose own passes come on top.")
def main(kind: str, qubits: int, gates: int, steps: int, seconds: float, stage: bool) -> None:
    """Rewrite one circuit, and report."""
    given = {
        "random": lambda: random_circuit(qubits, gates, np.random.default_rng(0)),
        "trotter": lambda: trotter_circuit(qubits, steps),
        "qft": lambda: QuantumCircuit.from_instructions([(QFTGate(qubits), QuantumCircuit(qubits).qubits)]),
    }[kind]()
    circuit = transpile(given, basis_gates=BASIS, optimization_level=0)
    time.monotonic = processor_clock()
    resynthesize(WARM_UP, effort="fast", cache=None, timeout=5.0, workers=1)
    started = time.monotonic()
    first = FirstBlock(started)
    logger = logging.getLogger("circuitdiff.resynthesis.blocks")
    logger.addHandler(first)
    logger.setLevel(logging.INFO)
    row: dict[str, Any] = {"circuit": f"{kind}_{qubits}"}
    if stage:
        options = {"basis_gates": BASIS, "optimization_level": 2, "seed_transpiler": 0}
        alone = transpile(circuit, **options)
        row["qiskit_seconds"] = round(time.monotonic() - started, 1)
        started = first.started = time.monotonic()
        with stage_options(timeout=seconds, cache=None, effort="fast", workers=1):
            after = Circuit.from_qiskit(transpile(circuit, optimization_method="circuitdiff", **options))
        before = alone.num_nonlocal_gates()
    else:
        found = resynthesize(Circuit.from_qiskit(circuit), effort="fast", cache=None, timeout=seconds, workers=1)
        after, before = found.circuit, circuit.num_nonlocal_gates()
    row |= {
        "before": before,
        "after": after.two_qubit_count,
        "seconds": round(time.monotonic() - started, 1),
        "first_block": first.seconds,
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
    }
    click.echo(json.dumps(row))


if __name__ == "__main__":
    main()
