"""T counts in Clifford+T beside Qiskit's pipeline, pygridsynth and trasyn, at equal measured infidelity.

The others take an error per rotation, powers of 2^(1/2) from one that is too large: of the first few at which the whole
is within the tolerance the one of fewest T counts.  Peers that are not installed are left out.  With ``--output`` every
case is a line of JSON, and those that are there already are not measured again.  The last lines sum up by size and
tolerance, and the exit code is 1 where a peer needs fewer T.

    python benchmarks/clifford_t.py --qubits 1 2 3 --tols 1e-2 1e-4 1e-6
    python benchmarks/clifford_t.py --kinds structured --qubits 2 3 4 --peers qiskit
    python benchmarks/clifford_t.py --circuits benchmarks/circuits --tols 1e-4 --output clifford_t.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, transpile
from qiskit.circuit.library import PauliEvolutionGate, QFTGate, RZGate, efficient_su2, real_amplitudes
from qiskit.quantum_info import SparsePauliOp, random_unitary
from qiskit.transpiler.preset_passmanagers import generate_preset_clifford_t_pass_manager

import circuitdiff
from circuitdiff.circuits.circuit import Circuit, infidelity

BASIS = ["h", "s", "sdg", "t", "tdg", "x", "z", "cx"]
SPARE_EXPONENT = 4
"""Half powers of two by which an error per rotation is surely too large."""

FITTING = 3
"""Errors per rotation that keep within the tolerance, of which the one of fewest T counts."""

Maker = Callable[[QuantumCircuit, float], QuantumCircuit]


def qiskit_pipeline(circuit: QuantumCircuit, error: float) -> QuantumCircuit:
    config = {"rz_synthesis_error": error, "rz_cache_error": error / 100}
    passes = generate_preset_clifford_t_pass_manager(3, basis_gates=BASIS, rz_synthesis_config=config)
    return passes.run(circuit)


def pygridsynth(circuit: QuantumCircuit, error: float) -> QuantumCircuit:
    from pygridsynth import gridsynth_gates

    warnings.filterwarnings("ignore", category=UserWarning, module="pygridsynth")  # one for every angle
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
    """Return the fewest T, with infidelity and seconds, at errors per rotation that keep within the tolerance."""
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
    return min(islice((found for found in attempts if found[1] <= tol), FITTING))


def own(circuit: QuantumCircuit, tol: float, *, whole: bool) -> tuple[int, float, float]:
    started = time.process_time()
    if whole:
        result = circuitdiff.resynthesize(Circuit.from_qiskit(circuit), gate_set="clifford+t", tol=tol)
    else:
        given = Circuit.from_qiskit(circuit)
        result = circuitdiff.compile(given, gate_set="clifford+t", tol=tol)  # type: ignore[assignment]
    return result.circuit.t_count, result.infidelity or 0.0, time.process_time() - started


def _states(num_qubits: int) -> NDArray[np.complex128]:
    if num_qubits <= 5:
        return np.eye(1 << num_qubits, dtype=np.complex128)
    rng = np.random.default_rng(7)
    states = rng.normal(size=(1 << num_qubits, 8)) + 1j * rng.normal(size=(1 << num_qubits, 8))
    return np.asarray(states / np.linalg.norm(states, axis=0))


def structured(n: int) -> Iterator[tuple[str, QuantumCircuit]]:
    """Yield textbook circuits on so many qubits, with angles that are no fractions of pi where they have a choice."""
    rng = np.random.default_rng(n)
    qft = QuantumCircuit(n)
    qft.append(QFTGate(n), range(n))
    yield "fourier", qft
    if n > 2:
        controlled = QuantumCircuit(n)
        controlled.mcx(list(range(n - 1)), n - 1)
        yield "controlled not", controlled
    phase = QuantumCircuit(n)
    phase.mcp(0.7, list(range(n - 1)), n - 1)
    yield "controlled phase", phase
    for name, terms in (("heisenberg", ("xx", "yy", "zz")), ("ising", ("zz",)), ("xy", ("xx", "yy"))):
        step = QuantumCircuit(n)
        for a in [*range(0, n - 1, 2), *range(1, n - 1, 2)]:
            for term in terms:
                getattr(step, f"r{term}")(0.23, a, a + 1)
        for q in range(n):
            step.rx(0.41, q)
        yield f"{name} step", step
    yield "real amplitudes", real_amplitudes(n, reps=2).assign_parameters(rng.uniform(-np.pi, np.pi, 3 * n))
    yield "efficient su2", efficient_su2(n, reps=1).assign_parameters(rng.uniform(-np.pi, np.pi, 4 * n))
    paulis = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(3)]
    exponentials = QuantumCircuit(n)
    for pauli in paulis:
        exponentials.append(PauliEvolutionGate(SparsePauliOp(pauli), 0.31), range(n))
    yield f"exponentials of {' '.join(paulis)}", exponentials


def on_used_qubits(circuit: QuantumCircuit) -> QuantumCircuit:
    """Return the gates of a circuit on the qubits that they act on: files declare wider registers than they use."""
    gates = [item for item in circuit.data if item.operation.name not in ("measure", "barrier")]
    used = [qubit for qubit in circuit.qubits if any(qubit in item.qubits for item in gates)]
    result = QuantumCircuit(len(used))
    for item in gates:
        result.append(item.operation, [used.index(qubit) for qubit in item.qubits])
    return result


def targets(arguments: argparse.Namespace) -> Iterator[tuple[str, QuantumCircuit, bool]]:
    if arguments.circuits is not None:
        for path in sorted(arguments.circuits.glob("*.qasm")):
            circuit = on_used_qubits(QuantumCircuit.from_qasm_file(str(path)))
            if circuit.num_qubits > arguments.max_qubits:
                print(f"{path.stem}: {circuit.num_qubits} qubits, left out (--max-qubits)", file=sys.stderr)
                continue
            basis = ["u", "p", "rz", "h", "cx"]
            yield path.stem, transpile(circuit, basis_gates=basis, optimization_level=0), True
        return
    for n in arguments.qubits:
        for seed in range(arguments.seeds if "random" in arguments.kinds else 0):
            circuit = QuantumCircuit(n)
            circuit.unitary(random_unitary(1 << n, seed=seed), range(n))
            yield f"random {n} #{seed}", transpile(circuit, basis_gates=["u", "cx"], optimization_level=3), False
        for name, circuit in structured(n) if "structured" in arguments.kinds and n > 1 else ():
            basis = ["u", "p", "rz", "rx", "ry", "h", "rxx", "ryy", "rzz", "cx"]
            yield f"{name} {n}", transpile(circuit, basis_gates=basis, optimization_level=0), False


def measured(circuit: QuantumCircuit, tol: float, peers: list[str], *, whole: bool) -> dict[str, list[float]]:
    """Return T count, infidelity and processor seconds of ours and of every peer; one that fails is left out."""
    rows = {"ours": list(own(circuit, tol, whole=whole))}
    for name in peers:
        try:
            rows[name] = list(peer(PEERS[name], circuit, tol))
        except (StopIteration, ValueError, RuntimeError) as error:
            print(f"{name}: {type(error).__name__} {error}", file=sys.stderr)
    return rows


def summary(records: list[Mapping[str, Any]], peers: list[str]) -> int:
    """Print ratios by number of qubits and tolerance; return in how many cases a peer needs fewer T."""
    groups: dict[tuple[str, int, float], list[float]] = defaultdict(list)
    fewer = 0
    for record in records:
        ours = record["results"]["ours"][0]
        for name in set(peers) & set(record["results"]):
            theirs = record["results"][name][0]
            groups[name, record["qubits"], record["tol"]].append((theirs + 1) / (ours + 1))
            if theirs < ours:
                fewer += 1
                print(f"{name} needs fewer T: {theirs} for {ours}, {record['target']} at {record['tol']:.0e}")
    for (name, qubits, tol), ratios in sorted(groups.items(), key=lambda group: (group[0][0], *group[0][1:])):
        mean, low = np.exp(np.mean(np.log(ratios))), min(ratios)
        print(
            f"{name}: {mean:.2f} times our T (least {low:.2f}) in {len(ratios)} cases of {qubits} qubits at {tol:.0e}"
        )
    print(f"{len(records)} cases; a peer needs fewer T in {fewer}")
    return fewer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--circuits", type=Path, help="folder of OpenQASM 2 files")
    parser.add_argument("--kinds", nargs="+", choices=["random", "structured"], default=["random"])
    parser.add_argument("--qubits", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--max-qubits", type=int, default=10, help="of a circuit's qubits that gates act on")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--tols", type=float, nargs="+", default=[1e-2, 1e-4, 1e-6])
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=["qiskit", "pygridsynth"])
    parser.add_argument("-o", "--output", type=Path, help="file of JSON lines, which is gone on with")
    arguments = parser.parse_args()
    peers = [name for name in arguments.peers if find_spec(name) is not None]
    lines = arguments.output.read_text().splitlines() if arguments.output and arguments.output.exists() else []
    records = [json.loads(line) for line in lines]
    done = {(record["target"], record["tol"]) for record in records}
    for name, circuit, whole in targets(arguments):
        for tol in arguments.tols:
            if (name, tol) in done:
                continue
            results = measured(circuit, tol, peers, whole=whole)
            records.append({"target": name, "qubits": circuit.num_qubits, "tol": tol, "results": results})
            shown = "".join(f"{who:>13} {t:>5} {error:.1e} {s:6.1f} s" for who, (t, error, s) in results.items())
            print(f"{name:<34}{tol:>8.0e}{shown}", flush=True)
            if arguments.output is not None:
                with arguments.output.open("a") as file:
                    file.write(json.dumps(records[-1]) + "\n")
    return int(summary(records, peers) > 0)


if __name__ == "__main__":
    sys.exit(main())
