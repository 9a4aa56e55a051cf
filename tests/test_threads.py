"""Several threads that compile at once, and processes forked after a compilation."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from qiskit import QuantumCircuit, transpile

import circuitdiff
from circuitdiff.circuits.unitaries import named
from circuitdiff.interop import from_qasm
from circuitdiff.numerics.threads import single_threaded
from circuitdiff_qiskit import stage_options

TARGETS = [named(f"haar:3?seed={seed}") for seed in range(4)]


def two_qubit_counts(target: np.ndarray) -> tuple[object, ...]:
    return circuitdiff.compile(target, effort="fast", seed=4).circuit.operations


def test_threads_that_compile_at_once_find_what_each_finds_alone() -> None:
    alone = [two_qubit_counts(target) for target in TARGETS]
    before = torch.get_num_threads()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(two_qubit_counts, TARGETS * 2)) == alone * 2
        counts = circuitdiff.compile_many(TARGETS, executor=pool, effort="fast", seed=4)
        assert [result.circuit.operations for result in counts] == alone
        assert set(pool.map(lambda _: torch.get_num_threads(), range(8))) == {before}
    assert torch.get_num_threads() == before


def test_asyncio_compiles_in_threads() -> None:
    async def both() -> list[circuitdiff.CompileResult]:
        jobs = (asyncio.to_thread(circuitdiff.compile, target, effort="fast") for target in TARGETS[:2])
        return list(await asyncio.gather(*jobs))

    assert [result.tol_met for result in asyncio.run(both())] == [True, True]


def test_the_network_takes_turns_and_restores_the_number_of_threads() -> None:
    before = torch.get_num_threads()

    def inside(_: int) -> int:
        with single_threaded(), single_threaded():
            return torch.get_num_threads()

    try:
        torch.set_num_threads(2)
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(inside, range(200))) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def saved_by(options: dict[str, object]) -> int:
    circuit = QuantumCircuit(3)
    for a, b in ((0, 1), (1, 2), (0, 1), (1, 2)):
        circuit.cx(a, b)
    circuit.h(0)
    with stage_options(**options):
        return transpiled(circuit)


def transpiled(circuit: QuantumCircuit) -> int:
    done = transpile(circuit, basis_gates=["u", "cx"], optimization_method="circuitdiff", optimization_level=1)
    return int(done.count_ops()["cx"])


def test_worker_threads_see_the_stage_options_of_the_main_thread_and_their_own_first() -> None:
    circuit = QuantumCircuit(3)
    for a, b in ((0, 1), (1, 2), (0, 1), (1, 2)):
        circuit.cx(a, b)
    assert transpiled(circuit) < 4
    with ThreadPoolExecutor(2) as pool:
        with stage_options(timeout=0):
            assert set(pool.map(transpiled, [circuit] * 4)) == {4}
            assert pool.submit(saved_by, {"timeout": None}).result() < 4
        assert set(pool.map(transpiled, [circuit] * 4)) != {4}


def test_stage_options_of_a_worker_stay_with_it() -> None:
    circuit = QuantumCircuit(3)
    for a, b in ((0, 1), (1, 2), (0, 1), (1, 2)):
        circuit.cx(a, b)

    def within(other: ThreadPoolExecutor) -> int:
        with stage_options(timeout=0):
            return other.submit(transpiled, circuit).result()

    with ThreadPoolExecutor(1) as pool, ThreadPoolExecutor(1) as other:
        assert pool.submit(within, other).result() < 4


def test_readers_leave_the_error_stream_alone() -> None:
    stream = sys.stderr
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; cx q[0], q[1]; rz(0.5) q[0];'

    def read(number: int) -> object:
        try:
            return from_qasm(text if number % 2 else text + " $")
        except circuitdiff.InputError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, range(40)))
    assert sys.stderr is stream
    assert "line 1, column" in str(found[0])


FORKED = """
import multiprocessing, numpy as np, circuitdiff
from circuitdiff.circuits.unitaries import named
targets = [named(f"haar:3?seed={seed}") for seed in range(2)]
def count(target):
    return circuitdiff.compile(target, effort="fast").two_qubit_count
if __name__ == "__main__":
    counts = [count(target) for target in targets]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(count, targets) == counts
"""


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this platform")
def test_processes_forked_after_a_compilation_compile_too() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], check=True, timeout=100)


POOLS_IN_TURN = """
from concurrent.futures import ThreadPoolExecutor
import circuitdiff
from circuitdiff.circuits.unitaries import named
for _ in range(3):
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(circuitdiff.compile, [named("tfim:3"), named("qft:3")]))
assert all(result.tol_met for result in found)
"""


def test_threads_may_end_that_compiled_first() -> None:
    """Qiskit's allocator kills the process when the thread that loaded it has ended, and another one begins."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", POOLS_IN_TURN], check=True, timeout=100)


LOADED_AT_ONCE = """
import sys, threading
from circuitdiff.interop.qiskit_loading import load_qiskit
first = __import__ if sys.argv[1] == "elsewhere" else lambda name: load_qiskit()
loader = threading.Thread(target=first, args=("qiskit",), daemon=True)
loader.start()
while "qiskit._accelerate" not in sys.modules:
    pass
load_qiskit()
assert not sys.modules["qiskit"].__spec__._initializing, "half loaded"
print("loaded")
"""


@pytest.mark.parametrize("by", ["ourselves", "elsewhere"])
def test_threads_wait_for_whoever_loads_qiskit(by: str) -> None:
    done = subprocess.run([sys.executable, "-c", LOADED_AT_ONCE, by], capture_output=True, text=True, timeout=120)
    assert done.stdout == "loaded\n", done.stderr
