"""Datasets of random circuits: deterministic, resumable, verified from the files alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from circuitdiff.circuits.canonical_order import canonical_order
from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.datasets import build
from circuitdiff.datasets.arrays import canonical_keys, from_circuits
from circuitdiff.datasets.build import Job, build_random
from circuitdiff.datasets.info import describe
from circuitdiff.datasets.query import query
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import METADATA, batches, shard_path, shards_of
from circuitdiff.datasets.verify import verify_dataset
from circuitdiff.errors import InputError

COUNT = 300


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SHARD_ROWS", 128)


def make(folder: Path, count: int = COUNT, **settings: object) -> build.BuildReport:
    wanted = {"num_qubits": 3, "max_gates": 10, "seed": 5} | settings
    return build_random(folder, count=count, **wanted)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in shards_of(folder)}


@pytest.mark.usefixtures("small_shards")
def test_random_circuits_do_what_their_unitary_says(tmp_path: Path) -> None:
    report = make(tmp_path, gate_set="h,cx,rz,cp,ccx,swap", coupling="line")
    assert report.circuits == COUNT >= report.distinct > COUNT // 2
    seen = 0
    for path in shards_of(tmp_path):
        for batch in batches(path):
            for part in read_circuits(batch, unitaries=True):
                assert part.unitaries is not None
                for row in range(0, len(part.rows), 17):
                    circuit = part.arrays.circuit(row)
                    assert circuit.pairs <= {(0, 1), (1, 2)}
                    assert infidelity(part.unitaries[row], circuit.unitary()) < 1e-6
                    seen += 1
    assert seen
    assert verify_dataset(tmp_path).failed == 0


@pytest.mark.usefixtures("small_shards")
def test_shards_are_the_same_in_any_order_and_after_an_interruption(tmp_path: Path) -> None:
    make(tmp_path / "whole")
    for part in (2, 0, 1):
        make(tmp_path / "parts", job=Job(part=part, parts=3))
    whole = contents(tmp_path / "whole")
    assert contents(tmp_path / "parts") == whole
    shard_path(tmp_path / "whole", 1).unlink()
    assert make(tmp_path / "whole").made == 128
    assert contents(tmp_path / "whole") == whole


@pytest.mark.usefixtures("small_shards")
def test_more_circuits_extend_a_dataset(tmp_path: Path) -> None:
    make(tmp_path)
    first = contents(tmp_path)["shard-000000.parquet"]
    assert make(tmp_path, count=500).circuits == 500
    assert contents(tmp_path)["shard-000000.parquet"] == first


def test_two_workers_make_what_one_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SHARD_ROWS", 128)
    make(tmp_path / "one")
    make(tmp_path / "two", job=Job(workers=2))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_dataset_is_not_overwritten(tmp_path: Path) -> None:
    make(tmp_path, count=10)
    with pytest.raises(InputError, match="seed"):
        make(tmp_path, count=10, seed=6)
    with pytest.raises(InputError, match="max_gates"):
        make(tmp_path, count=10, max_gates=4)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:3000] = bytes(2900)
    path.write_bytes(bytes(data))


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"a": [1, 2]}), path)


def newer(path: Path) -> None:
    table = pq.read_table(path)
    said = table.schema.metadata[METADATA].replace(b'"schema_version": 2', b'"schema_version": 9')
    pq.write_table(table.replace_schema_metadata({METADATA: said}), path)


def wrong_qubit(path: Path) -> None:
    table = pq.read_table(path)
    column = table.schema.get_field_index("qubits")
    moved = [[7] * len(qubits) for qubits in table.column(column).to_pylist()]
    pq.write_table(table.set_column(column, table.schema.field(column), pa.array(moved, pa.list_(pa.int8()))), path)


@pytest.mark.parametrize("harm", [truncate, flip, foreign, newer, wrong_qubit])
def test_damaged_and_foreign_shards_are_refused(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    make(tmp_path, count=200)
    harm(shard_path(tmp_path, 0))
    with pytest.raises(InputError):
        verify_dataset(tmp_path)


def test_a_full_disk_leaves_no_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(InputError, match="No space left"):
        make(tmp_path, count=10)
    assert not list((tmp_path / "data").iterdir())


def test_what_a_killed_worker_left_is_cleared(tmp_path: Path) -> None:
    make(tmp_path, count=10)
    path = shard_path(tmp_path, 0)
    path.rename(path.with_name(f".{path.name}.abc.part"))
    make(tmp_path, count=10)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_keys_know_circuits_up_to_disjoint_gates_and_phase() -> None:
    gates = [("h", (0,), ()), ("rz", (1,), (0.3,)), ("cx", (0, 1), ()), ("cp", (2, 1), (1.1,)), ("x", (0,), ())]
    first = Circuit.from_gates(3, gates)
    same = Circuit.from_gates(3, [gates[i] for i in (1, 0, 2, 4)] + [("cp", (1, 2), (1.1 - 2 * np.pi,))], 0.7)
    turned = Circuit.from_gates(3, [*gates[:3], ("cp", (1, 2), (1.1001,)), gates[4]])
    other = Circuit.from_gates(3, [gates[2], *gates[:2], *gates[3:]])
    keys = canonical_keys(from_circuits([first, same, turned, other], 3))
    assert keys[0] == keys[1]
    assert len(set(keys.tolist())) == 3
    structures = canonical_keys(from_circuits([first, same, turned, other], 3), angles=False)
    assert structures[0] == structures[2] != structures[3]
    shuffled = [canonical_order(first), first]
    assert len(set(canonical_keys(from_circuits(shuffled, 3)).tolist())) == 1


def test_info_and_query_agree(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    make(tmp_path, count=200)
    facts = describe(tmp_path)
    columns, rows = query("SELECT count(*) AS n, count(DISTINCT key) AS k FROM circuits", tmp_path)
    assert columns == ["n", "k"]
    assert rows == [(facts["circuits"], facts["distinct"])]
    with pytest.raises(InputError, match="query failed"):
        query("SELECT nothing FROM circuits", tmp_path)
    with pytest.raises(InputError, match="query failed"):
        query("SELECT * FROM read_text('/etc/hostname')", tmp_path)
