"""Solution sets: different circuits, every one verified from the files alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.circuit import infidelity
from circuitdiff.circuits.unitaries import named
from circuitdiff.datasets.build_solutions import build_solutions
from circuitdiff.datasets.info import describe
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import batches, shard_path, shards_of
from circuitdiff.datasets.targets import parse_targets
from circuitdiff.datasets.verify import verify_dataset
from circuitdiff.errors import InputError


def test_solutions_are_exact_and_differ(tmp_path: Path) -> None:
    report = build_solutions(tmp_path, targets=["tfim:3"], count=20, couplings=["line"])
    assert report.distinct >= 20
    assert not report.missing
    target = named("tfim:3")
    for path in shards_of(tmp_path):
        for batch in batches(path):
            for part in read_circuits(batch):
                for row in range(len(part.rows)):
                    circuit = part.arrays.circuit(row)
                    assert circuit.gate_names <= {"u", "cx"}
                    assert circuit.pairs <= {(0, 1), (1, 2)}
                    assert infidelity(target, circuit.unitary()) < 1e-9
    assert verify_dataset(tmp_path).max_infidelity < 1e-9
    assert describe(tmp_path)["targets"]["tfim:3"]["structures"] > 10


def test_rounds_are_the_same_after_an_interruption(tmp_path: Path) -> None:
    build_solutions(tmp_path, targets=["tfim:3"], count=5)
    path = shard_path(tmp_path, 0)
    first = path.read_bytes()
    path.unlink()
    build_solutions(tmp_path, targets=["tfim:3"], count=5)
    assert path.read_bytes() == first


def test_discrete_solutions_use_no_angle(tmp_path: Path) -> None:
    report = build_solutions(tmp_path, targets=["ghz:3"], count=30, gate_sets=["h,cx,z,swap"])
    assert report.distinct >= 30
    assert verify_dataset(tmp_path).failed == 0


def test_a_target_out_of_reach_is_a_gap(tmp_path: Path) -> None:
    report = build_solutions(tmp_path, targets=["haar:2"], count=3, gate_sets=["h,cx"])
    assert report.missing == {"haar:2 (h,cx; all)": 0}
    assert report.circuits == 0


@pytest.mark.parametrize("twice", [{"gate_sets": ["u,cx", "u,cx"]}, {"couplings": ["all", "line", "all"]}])
def test_devices_that_are_given_twice_are_refused(tmp_path: Path, twice: dict[str, list[str]]) -> None:
    with pytest.raises(InputError, match="given twice"):
        build_solutions(tmp_path / "new", targets=["ghz:2"], count=1, **twice)  # type: ignore[arg-type]
    assert not tmp_path.joinpath("new").exists()


def test_families_spread_evenly() -> None:
    family = parse_targets(["tfim:3?t=0.1:1.0:4"])
    assert [target.name for target in family] == [f"tfim:3?t={t:.12g}" for t in np.linspace(0.1, 1.0, 4)]


@pytest.mark.parametrize(
    "specs", [["tfim:3?t=a:b:4"], ["tfim:3?t=0:1:0"], ["toffoli", "toffoli"], ["nothing"], ["missing.npy"], []]
)
def test_bad_targets_are_refused(specs: list[str]) -> None:
    with pytest.raises(InputError):
        parse_targets(specs)
