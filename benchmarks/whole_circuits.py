"""Two-qubit gates of whole circuits: Qiskit at level 3, and the resynthesis pass given its output.

    python benchmarks/whole_circuits.py [--coupling line] [--effort fast] [--timeout 60] [CIRCUIT ...]
    python benchmarks/whole_circuits.py --coupling fake:sherbrooke      # an IBM device's own map, gates and directions
    python benchmarks/whole_circuits.py --input pytket                  # given pytket's peephole pass's output
    python benchmarks/whole_circuits.py --peer bqskit                   # BQSKit beside it, blocks of the same size
    python benchmarks/whole_circuits.py --coupling fake:torino --free FILE.qasm ...   # outputs on whatever wires

Limits are processor seconds of all threads. Every rewritten circuit is compared with the one it was made of on random
states (up to 16 qubits); with ``--qcec`` by MQT QCEC too. Peers, fake devices and QCEC come with the extra ``peers``.

Measurements at the end are left out. What has others, resets or conditions is rewritten as `circuitdiff compile` does
it, and compared with random unitaries in their places; on devices with gates of their own the pass rewrites it, and
gates and couplings alone are checked.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
from circuit_devices import BASIS, NAMES, device
from circuit_peers import BQSKIT_LEVELS, BQSKit, pytket_peephole, qcec_verdict
from circuit_suite import processor_clock
from qiskit import QuantumCircuit

from circuitdiff import BlockSettings, Circuit, InputError
from circuitdiff.interop import program_from_qasm, program_from_qiskit, program_to_qiskit
from circuitdiff.resynthesis import resynthesize_program
from circuitdiff.resynthesis.check import state_infidelity
from circuitdiff.resynthesis.relabelling import restored

FOLDER = Path(__file__).parent / "circuits"
PEER_CIRCUITS = ("cdkm_ripple_carry_adder_10", "hhl_8", "ae_9")
"""What peers that search get where no circuit is named: a few minutes each."""

BLOCK_SIZE = 3
WORST_INFIDELITY = 1e-8


def measure(path: Path, arguments: argparse.Namespace, peer: BQSKit | None) -> tuple[int, int]:
    """Compile a circuit, print its line, and return the two-qubit gates before and after.

    Raises:
        RuntimeError: what came out is not what it should be.
    """
    read = program_from_qasm(path.read_text(), drop_barriers=True)
    given = program_to_qiskit(read).remove_final_measurements(inplace=False)
    place = device(arguments.coupling, given.num_qubits)
    before = pytket_peephole(given) if arguments.input == "pytket" else place.transpiled(given)
    program = program_from_qiskit(before)
    settings: BlockSettings = {
        "effort": arguments.effort,
        "block_size": BLOCK_SIZE,
        "workers": arguments.workers,
        "seed": 0,
    }
    ending = {"timeout": arguments.timeout, "keep_order": not arguments.free}
    started, cpu = time.perf_counter(), time.process_time()
    if program.is_circuit or place.target is not None:
        after, found = place.resynthesized(before, **settings, **ending), None
    else:
        found = resynthesize_program(
            program, gate_set=",".join(BASIS), coupling=place.coupling, cache=None, **settings, **ending
        )
        after = program_to_qiskit(found.circuit)
    wall, spent = time.perf_counter() - started, time.process_time() - cpu
    counts = program.two_qubit_count, program_from_qiskit(after).two_qubit_count
    infidelity = None if found is None else found.infidelity
    if program.is_circuit:
        infidelity = state_infidelity(*narrowed(before, after), np.random.default_rng(0))
    if counts[1] > counts[0] or not place.has(after) or (infidelity or 0.0) > WORST_INFIDELITY:
        raise RuntimeError(
            f"{counts[0]} -> {counts[1]} two-qubit gates, infidelity {infidelity}: not what it should be"
        )
    cells = [f"{path.stem:<28}{arguments.coupling:<16}{counts[0]:>7}{counts[1]:>7}{spent:>8.1f}{wall:>8.1f}"]
    cells.append(f"{'-' if infidelity is None else f'{infidelity:.0e}':>8}")
    if peer is not None:
        theirs = peer.compiled(before)
        cells.append(f"{theirs.circuit.num_nonlocal_gates():>8}{theirs.seconds:>9.1f}{theirs.seconds / spent:>7.0f}x")
    if arguments.qcec:
        cells.append(f"  {qcec_verdict(*narrowed(before, after))}")
    print("".join(cells), flush=True)
    return counts


def warm_up() -> None:
    """Load the model and compile numerical kernels, which is not part of what is timed."""
    toffolis = QuantumCircuit(3)
    toffolis.ccx(0, 1, 2)
    toffolis.cswap(2, 0, 1)
    everywhere = device("all", 3)
    everywhere.resynthesized(everywhere.transpiled(toffolis))


def narrowed(before: QuantumCircuit, after: QuantumCircuit) -> list[Circuit]:
    """Leave out the qubits of a device on which nothing happens, and put outputs in order that the pass has moved."""
    circuits = (before, after)
    used = sorted({circuit.find_bit(q).index for circuit in circuits for item in circuit.data for q in item.qubits})
    places = {qubit: place for place, qubit in enumerate(used)}
    narrow = []
    for circuit in circuits:
        copy = QuantumCircuit(len(used), global_phase=circuit.global_phase)
        for item in circuit.data:
            copy.append(item.operation, [places[circuit.find_bit(q).index] for q in item.qubits])
        narrow.append(Circuit.from_qiskit(copy))
    return [narrow[0], restored(narrow[1], output_order(after, places))]


def output_order(circuit: QuantumCircuit, places: dict[int, int]) -> list[int] | None:
    """Return for each of the qubits that are used whose content it holds at the end of what the pass has made."""
    if circuit.layout is None:
        return None
    ends = {places[end]: places[wire] for wire, end in enumerate(circuit.layout.final_index_layout()) if end in places}
    return [ends[place] for place in range(len(places))]


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("circuits", nargs="*", help="files, or names of those in benchmarks/circuits; all by default")
    parser.add_argument("--coupling", default="all", metavar="DEVICE", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("--input", choices=["qiskit", "pytket"], default="qiskit", help="whose output the pass gets")
    parser.add_argument("--peer", choices=[*BQSKIT_LEVELS], help="another compiler, given the same circuit")
    parser.add_argument("--qcec", action="store_true", help="check with MQT QCEC as well")
    parser.add_argument("--effort", choices=["fast", "default", "max"], default="fast")
    parser.add_argument("--timeout", type=float, default=60.0)
    parser.add_argument("--free", action="store_true", help="leave the order of the outputs free, where it can be")
    parser.add_argument("--workers", type=int, help="threads; as many as there are cores by default")
    arguments = parser.parse_args()
    if arguments.coupling != "all" and (arguments.peer or arguments.input == "pytket"):
        parser.error("--peer and --input pytket know no device: they go with --coupling all")
    return arguments


def main() -> None:
    arguments = read_arguments()
    names = arguments.circuits or (PEER_CIRCUITS if arguments.peer else ())
    paths = [Path(name) if name.endswith(".qasm") else FOLDER / f"{name}.qasm" for name in names] or sorted(
        FOLDER.glob("*.qasm")
    )
    peer = BQSKit(BQSKIT_LEVELS[arguments.peer], BLOCK_SIZE) if arguments.peer else None
    header = f"{'circuit':<28}{'device':<16}{arguments.input:>7}{'ours':>7}{'cpu s':>8}{'wall s':>8}{'missed':>8}"
    print(header + (f"{'bqskit':>8}{'cpu s':>9}{'ratio':>8}" if peer else ""))
    time.monotonic = processor_clock()  # a busy machine would count against the limit
    warm_up()
    try:
        counts = [measure(path, arguments, peer) for path in paths]
    finally:
        if peer is not None:
            peer.close()
    ratios = [after / before for before, after in counts if before]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    fewer = [ratio for ratio in ratios if ratio < 1]
    slack = math.exp(sum(map(math.log, fewer)) / max(1, len(fewer)))
    print(f"geometric mean {mean:.3f}, fewer on {len(fewer)} of {len(counts)}: {slack:.3f} of those")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
