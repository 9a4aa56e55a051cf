"""A cluster makes what one process makes, though a worker is killed in mid-run."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from circuitdiff.datasets.build import Job, build_random
from circuitdiff.datasets.shards import shards_of
from circuitdiff.errors import InputError

distributed = pytest.importorskip("distributed")
COUNT = 32_768 * 6
WANTED = {"num_qubits": 2, "max_gates": 4, "count": COUNT, "seed": 2, "gate_set": "h,cx"}


def kill_when_one_shard_is_there(folder: Path, pid: int) -> None:
    while not list(folder.glob("data/*.parquet")):
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_nothing_is_lost_or_doubled_when_a_worker_dies(tmp_path: Path) -> None:
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**settings) as cluster:
        pid = next(iter(cluster.workers.values())).pid
        killer = threading.Thread(target=kill_when_one_shard_is_there, args=(tmp_path / "cluster", pid))
        killer.start()
        report = build_random(tmp_path / "cluster", job=Job(cluster=cluster.scheduler_address), **WANTED)
        killer.join()
    assert report.circuits == COUNT
    build_random(tmp_path / "alone", **WANTED)
    made, alone = ([path.read_bytes() for path in shards_of(tmp_path / name)] for name in ("cluster", "alone"))
    assert made == alone


def test_an_address_without_a_cluster_is_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("circuitdiff.datasets.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match="no Dask cluster"):
        build_random(tmp_path, num_qubits=2, max_gates=4, count=10, job=Job(cluster="tcp://127.0.0.1:9"))
