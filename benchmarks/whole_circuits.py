"""Two-qubit gates of whole circuits: Qiskit at level 3, and the resynthesis pass given its output.

    python benchmarks/whole_circuits.py [--coupling line] [--effort fast] [--timeout 60] [CIRCUIT ...]

Every rewritten circuit is compared with the one it was made of on random states (up to 16 qubits).
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.transpiler import CouplingMap, PassManager

from circuitdiff import Circuit
from circuitdiff.resynthesis.check import state_infidelity
from circuitdiff_qiskit import CircuitDiffResynthesis

FOLDER = Path(__file__).parent / "circuits"
BASIS = ("u", "cx")


def coupling_map(name: str, num_qubits: int) -> CouplingMap | None:
    match name:
        case "line":
            return CouplingMap.from_line(num_qubits)
        case "grid":
            return CouplingMap.from_grid(3, -(-num_qubits // 3))
        case "heavy-hex":
            return CouplingMap.from_heavy_hex(3)
    return None


def measure(path: Path, coupling: str, effort: str, timeout: float) -> tuple[int, int]:
    given = QuantumCircuit.from_qasm_file(str(path))
    device = coupling_map(coupling, given.num_qubits)
    settings = {"basis_gates": BASIS, "coupling_map": device, "optimization_level": 3, "seed_transpiler": 0}
    before = transpile(given, **settings)
    started, cpu = time.monotonic(), time.process_time()
    resynthesis = CircuitDiffResynthesis(
        basis_gates=BASIS, coupling_map=device, effort=effort, timeout=timeout, cache=None
    )
    after = PassManager([resynthesis]).run(before)
    wall, spent = time.monotonic() - started, time.process_time() - cpu
    used = sorted({before.find_bit(q).index for c in (before, after) for item in c.data for q in item.qubits})
    narrow = [narrowed(circuit, used) for circuit in (before, after)]
    infidelity = state_infidelity(*narrow, np.random.default_rng(0))
    counts = before.count_ops().get("cx", 0), after.count_ops().get("cx", 0)
    checked = "-" if infidelity is None else f"{infidelity:.0e}"
    print(f"{path.stem:<28}{coupling:<10}{counts[0]:>7}{counts[1]:>7}{spent:>8.1f}{wall:>8.1f}  {checked}", flush=True)
    return counts


def narrowed(circuit: QuantumCircuit, used: list[int]) -> Circuit:
    """Leave out the qubits of a device on which nothing happens."""
    places = {qubit: place for place, qubit in enumerate(used)}
    narrow = QuantumCircuit(len(used), global_phase=circuit.global_phase)
    for item in circuit.data:
        narrow.append(item.operation, [places[circuit.find_bit(q).index] for q in item.qubits])
    return Circuit.from_qiskit(narrow)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("circuits", nargs="*", help="names of files in benchmarks/circuits; all by default")
    parser.add_argument("--coupling", choices=["all", "line", "grid", "heavy-hex"], default="all")
    parser.add_argument("--effort", choices=["fast", "default", "max"], default="fast")
    parser.add_argument("--timeout", type=float, default=60.0)
    arguments = parser.parse_args()
    paths = [FOLDER / f"{name}.qasm" for name in arguments.circuits] or sorted(FOLDER.glob("*.qasm"))
    print(f"{'circuit':<28}{'coupling':<10}{'qiskit':>7}{'ours':>7}{'cpu s':>8}{'wall s':>8}  infidelity")
    counts = [measure(path, arguments.coupling, arguments.effort, arguments.timeout) for path in paths]
    ratios = [after / before for before, after in counts if before]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    fewer = sum(after < before for before, after in counts)
    print(f"geometric mean {mean:.3f}, fewer on {fewer} of {len(counts)}")


if __name__ == "__main__":
    main()
