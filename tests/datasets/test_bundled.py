"""The dataset in the repository is small, and what its card says."""

from __future__ import annotations

from pathlib import Path

from circuitdiff.datasets.shards import read_manifest, shards_of
from circuitdiff.datasets.verify import verify_dataset

DATASETS = Path(__file__).parents[2] / "datasets"


def test_every_bundled_circuit_is_exact() -> None:
    report = verify_dataset(DATASETS / "solutions-3q")
    assert report.circuits > 1000
    assert report.failed == 0


def test_bundled_datasets_are_small_and_have_manifests() -> None:
    assert sum(path.stat().st_size for path in shards_of(DATASETS / "solutions-3q")) < 2e6
    assert {read_manifest(DATASETS / name).kind for name in ("solutions-3q", "random-3q")} == {"solutions", "random"}
