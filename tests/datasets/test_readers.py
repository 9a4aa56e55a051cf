"""What reads Parquet reads a dataset."""

from __future__ import annotations

from pathlib import Path

import pytest

from circuitdiff.datasets.build import build_random
from circuitdiff.datasets.shards import shards_of


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    build_random(folder, num_qubits=2, max_gates=6, count=200, families=0.5)
    return folder


def test_pandas_reads_it(dataset: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_parquet(dataset / "data")
    assert len(frame) == 200
    assert (frame["gates"].map(len) == frame["num_gates"]).all()
    assert set(frame["family"]) > {"random", "qft"}


def test_duckdb_reads_it(dataset: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    found = duckdb.sql(f"SELECT count(*), bool_and(len(unitary) = 32) FROM '{dataset}/data/*.parquet'").fetchall()
    assert found == [(200, True)]


def test_polars_reads_it(dataset: Path) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.read_parquet(dataset / "data" / "*.parquet")
    assert frame.height == 200
    assert (frame["gates"].list.len() == frame["num_gates"]).all()


def test_hugging_face_datasets_reads_it(dataset: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets.load", reason="Hugging Face datasets is not installed")
    loaded = datasets.load_dataset("parquet", data_files=[*map(str, shards_of(dataset))], cache_dir=str(tmp_path))
    assert loaded["train"].num_rows == 200
    assert len(loaded["train"][0]["unitary"]) == 32
