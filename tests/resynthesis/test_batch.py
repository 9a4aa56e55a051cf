from __future__ import annotations

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from circuitdiff import Circuit, compile_many, resynthesize_many
from circuitdiff.circuits.unitaries import named

CIRCUITS = [
    Circuit.from_gates(6, [("ccx", (0, 1, 2), ()), ("ccx", (0, 2, 1), ()), ("cx", (4, 5), ())]),
    Circuit.from_gates(6, [("cx", (0, 1), ())] * 3),
]


def check(executor: Executor, cache: Path | None) -> None:
    alone = resynthesize_many(CIRCUITS, effort="fast", seed=4, cache=None)
    pooled = resynthesize_many(CIRCUITS, executor=executor, effort="fast", seed=4, cache=cache)
    assert [result.circuit for result in pooled] == [result.circuit for result in alone]
    targets = [named("toffoli"), named("qft:2")]
    counts = [result.two_qubit_count for result in compile_many(targets, executor=executor, effort="fast")]
    assert counts == [result.two_qubit_count for result in compile_many(targets, effort="fast")]


def test_threads_give_the_same_circuits(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        check(pool, tmp_path / "blocks.sqlite")


@pytest.mark.slow
def test_processes_give_the_same_circuits(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        check(pool, tmp_path / "blocks.sqlite")


@pytest.mark.slow
def test_a_cluster_gives_the_same_circuits() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.Client(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as client:
        check(client.get_executor(), None)
