"""Instantiation of fixed structures: processor time of `circuitdiff.instantiate` beside BQSKit and OpenQudit.

    python benchmarks/instantiation.py [--targets 3] [--peers bqskit,openqudit] [--peer-limit 3]

Every tool gets the same circuits (u gates between CX on pairs in turn) and targets; times are processor seconds, and
success is an infidelity of 1e-8 or less.  OpenQudit takes unitaries alone; its circuit is built once,
and what it compiles for each target is counted.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import unitary_group

from circuitdiff import Circuit, instantiate

CASES = (
    ("unitary, 3 qubits, 14 CX", 3, 8, 14),
    ("unitary, 4 qubits, 61 CX", 4, 16, 61),
    ("state, 3 qubits, 3 CX", 3, 1, 3),
    ("state, 4 qubits, 6 CX", 4, 1, 6),
    ("state, 5 qubits, 14 CX", 5, 1, 14),
    ("state, 6 qubits, 29 CX", 6, 1, 29),
    ("state, 7 qubits, 61 CX", 7, 1, 61),
    ("isometry 1 to 3 qubits, 5 CX", 3, 2, 5),
    ("isometry 2 to 3 qubits, 10 CX", 3, 4, 10),
    ("isometry 1 to 4 qubits, 13 CX", 4, 2, 13),
    ("isometry 2 to 4 qubits, 26 CX", 4, 4, 26),
)
"""Name, qubits, columns, CX."""


def ansatz(num_qubits: int, count: int) -> Circuit:
    """Return u gates between CX on layers of disjoint pairs in turn."""
    pairs: list[tuple[int, int]] = []
    left = list(combinations(range(num_qubits), 2))
    while left:
        used: set[int] = set()
        for pair in tuple(left):
            if used.isdisjoint(pair):
                used |= set(pair)
                left.remove(pair)
                pairs.append(pair)
    zero = (0.0, 0.0, 0.0)
    gates = [("u", (q,), zero) for q in range(num_qubits)]
    for a, b in (pairs[i % len(pairs)] for i in range(count)):
        gates += [("cx", (a, b), ()), ("u", (a,), zero), ("u", (b,), zero)]
    return Circuit.from_gates(num_qubits, gates)


def bqskit_peer(circuit: Circuit, target: NDArray[np.complex128], seed: int) -> float:
    """Return the infidelity that BQSKit's default instantiater reaches, several starts as ours."""
    from bqskit.ir.circuit import Circuit as BqskitCircuit
    from bqskit.ir.gates import CNOTGate, U3Gate
    from bqskit.qis import StateVector, UnitaryMatrix

    n = circuit.num_qubits
    mirrored = BqskitCircuit(n)  # BQSKit is big-endian
    for name, qubits, _ in circuit.operations:
        mirrored.append_gate(CNOTGate() if name == "cx" else U3Gate(), [n - 1 - q for q in qubits])
    aim = StateVector(target[:, 0]) if target.shape[1] == 1 else UnitaryMatrix(target)
    mirrored.instantiate(aim, multistarts=4, seed=seed)
    if target.shape[1] == 1:
        return float(1 - abs(np.vdot(target[:, 0], mirrored.get_statevector(StateVector.zero(n)).numpy)))
    return float(1 - abs(np.vdot(target, mirrored.get_unitary().numpy)) / len(target))


def openqudit_peer(circuit: Circuit, target: NDArray[np.complex128], seed: int) -> float:
    """Return the infidelity that OpenQudit's instantiater reaches, as many starts as ours by default."""
    from openqudit.instantiation import InstantiationTarget, SequentialMultiStartInstantiater

    written = openqudit_circuit(circuit)
    found = SequentialMultiStartInstantiater(32).instantiate(written, InstantiationTarget(target))
    if found.params is None:
        return 1.0
    made = np.asarray(written.kraus_ops(found.params)).reshape(target.shape)
    return float(1 - abs(np.vdot(target, made)) / len(target))


@lru_cache(maxsize=1)
def openqudit_circuit(circuit: Circuit) -> Any:
    """Return a circuit for OpenQudit, which compiles it at its first use."""
    from openqudit.circuit import QuditCircuit
    from openqudit.expressions import Controlled, U3Gate, XGate

    n = circuit.num_qubits
    written = QuditCircuit([2] * n)  # big-endian, too
    for name, qubits, _ in circuit.operations:
        written.append(Controlled(XGate()) if name == "cx" else U3Gate(), [n - 1 - q for q in qubits])
    return written


Peer = Callable[[Circuit, NDArray[np.complex128], int], float]

PEERS: dict[str, tuple[Peer, bool]] = {"bqskit": (bqskit_peer, True), "openqudit": (openqudit_peer, False)}
"""By name, what runs another tool, and whether it takes states."""


def timed(function: Callable[[], float]) -> tuple[float, float]:
    """Return the infidelity and the processor seconds."""
    begin = time.process_time()
    found = function()
    return found, time.process_time() - begin


def main() -> None:
    """Print a row a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=3)
    parser.add_argument("--starts", type=int, default=32)
    parser.add_argument("--peers", default="bqskit", help="some of bqskit, openqudit")
    parser.add_argument("--peer-limit", type=int, default=0, help="cases of up to so many qubits go to the peers too")
    arguments = parser.parse_args()
    print("case: solved, median processor seconds (peer: solved, seconds, ratio)")
    for name, qubits, width, count in CASES:
        circuit = ansatz(qubits, count)
        targets = [unitary_group.rvs(1 << qubits, random_state=seed)[:, :width] for seed in range(arguments.targets)]
        instantiate(circuit, targets[0], starts=1)  # compiles kernels, fills tables

        def ours(target: NDArray[np.complex128], circuit: Circuit = circuit) -> float:
            return instantiate(circuit, target, starts=arguments.starts, tol=1e-8).infidelity

        rows = [timed(lambda target=target: ours(target)) for target in targets]
        seconds = statistics.median(row[1] for row in rows)
        line = f"{name}: {sum(row[0] <= 1e-8 for row in rows)} of {len(rows)}, {seconds:.4f} s"
        for peer in arguments.peers.split(",") if qubits <= arguments.peer_limit else ():
            run, takes_states = PEERS[peer]
            if width != 1 << qubits and not (takes_states and width == 1):
                continue
            run(circuit, targets[0], 0)
            others = [timed(lambda t=t, c=circuit, run=run: run(c, t, 0)) for t in targets]
            median = statistics.median(row[1] for row in others)
            solved = sum(row[0] <= 1e-8 for row in others)
            line += f" ({peer}: {solved} of {len(others)}, {median:.3f} s, {median / seconds:.1f})"
        print(line, flush=True)


if __name__ == "__main__":
    main()
