"""Textbook circuits in random datasets: they are what they are called, whole or in pieces, on any device."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.unitaries import named
from circuitdiff.data.sequences import sequence_tables
from circuitdiff.datasets import build
from circuitdiff.datasets.build import Job, build_random
from circuitdiff.datasets.family_circuits import family_tables
from circuitdiff.datasets.info import describe
from circuitdiff.datasets.schema import read_circuits
from circuitdiff.datasets.shards import batches, shard_path, shards_of
from circuitdiff.datasets.textbook import FAMILIES, Step, circuits, in_gates
from circuitdiff.datasets.verify import verify_dataset
from circuitdiff.errors import InputError

TURNS = (0.7, 1.9)
GATE_SETS = ["genqc-continuous", "h,rz,cx", "ibm-cx", "ibm-cz", "ion", "clifford+t"]
BUNDLED = Path(__file__).parents[2] / "datasets"


def unitary(steps: Iterable[Step], num_qubits: int, turns: tuple[float, ...] = TURNS) -> NDArray[np.complex128]:
    gates = [(s.name, s.qubits, (s.turn.scale * turns[s.turn.which] + s.turn.offset,) if s.turn else ()) for s in steps]
    return Circuit.from_gates(num_qubits, gates).unitary()


@pytest.mark.parametrize(
    ("family", "spec", "turns"),
    [
        *(("qft", f"qft:{n}", TURNS) for n in (2, 3, 4)),
        *(("trotter", f"tfim:4?t=0.3&j=0.5&h=1.1&steps={steps}", (-0.3 / steps, -0.66 / steps)) for steps in (1, 2, 3)),
        ("trotter", "heisenberg:4?t=0.3&j=0.5", (0.3, 0.1)),
        ("trotter", "xxz:4?t=0.3&j=0.5&delta=0.4&steps=2", (0.15, 0.06)),
        ("oracle", "bv:4?secret=110", TURNS),
        ("oracle", "grover:3?marked=010&iterations=1", TURNS),
        ("adder", "adder:4", TURNS),
        ("adder", "draper:4", TURNS),
        ("controlled", "toffoli", TURNS),
        ("controlled", "fredkin", TURNS),
        ("controlled", "margolus", TURNS),
        ("controlled", "cnx:4", TURNS),
        ("pauli", "pauli:XYZ?t=0.3", (0.6, 0.0)),
        ("pauli", "pauli:XXYZ?t=0.3", (0.6, 0.0)),
        ("preparation", "ghz:4", TURNS),
        ("preparation", "w:4", TURNS),
    ],
)
def test_families_hold_the_operations_of_their_name(family: str, spec: str, turns: tuple[float, ...]) -> None:
    target = named(spec)
    size = len(target).bit_length() - 1
    own = (steps for steps in circuits(family, size) if max(q for s in steps for q in s.qubits) == size - 1)
    assert min(infidelity(target, unitary(steps, size, turns)) for steps in own) < 1e-12


@pytest.mark.parametrize("gate_set", GATE_SETS)
def test_circuits_are_the_same_in_other_gates(gate_set: str) -> None:
    gates = parse_gate_set(gate_set).gates
    written = [
        (steps, other)
        for family in FAMILIES
        for steps in circuits(family, 4)
        if (other := in_gates(steps, gates)) is not None
    ]
    assert len(written) > 30
    for steps, other in written:
        assert {step.name for step in other} <= set(gates)
        assert infidelity(unitary(steps, 4), unitary(other, 4)) < 1e-12


@pytest.mark.parametrize("gate_set", GATE_SETS)
def test_tables_hold_what_the_programs_do(gate_set: str) -> None:
    tables = sequence_tables(Layout(3, parse_gate_set(gate_set).gates, 16))
    found = family_tables(tables, torch.ones(3, dtype=torch.bool))
    programs = [unitary(steps, 3) for family in FAMILIES for steps in circuits(family, 3)]
    angles = found.scale * torch.tensor(TURNS)[found.which] + found.offset
    for tokens, turned, length in zip(found.tokens.tolist(), angles.tolist(), found.length.tolist(), strict=True):
        placed = [tables.layout.vocabulary.placed[token - 2] for token in tokens[:length]]
        turns = [(turn,) * bool(tables.has_angle[token, 0]) for token, turn in zip(tokens, turned, strict=True)]
        made = Circuit.from_gates(3, [(*place, turn) for place, turn in zip(placed, turns, strict=False)]).unitary()
        assert min(infidelity(made, program) for program in programs) < 1e-9


def test_a_share_of_circuits_is_from_families(tmp_path: Path) -> None:
    build_random(tmp_path, num_qubits=3, max_gates=14, count=2000, coupling="line", families=0.4, gate_set="h,rz,cx")
    rows = {"random": 0}
    pieces = 0
    for batch in batches(shard_path(tmp_path, 0)):
        for name in batch.column("family").to_pylist():
            rows[name] = rows.get(name, 0) + 1
        pieces += sum(batch.column("piece").to_pylist())
        (part,) = read_circuits(batch)
        for row in range(0, len(part.rows), 7):
            circuit = part.arrays.circuit(row)
            assert circuit.gate_names <= {"h", "rz", "cx"}
            assert circuit.pairs <= {(0, 1), (1, 2)}
            assert 0 < circuit.num_gates <= 14
    assert rows.keys() == {"random", *FAMILIES}
    assert rows["random"] == pytest.approx(1200, abs=80)
    assert min(rows.values()) > 60
    assert 200 < pieces < 800
    assert verify_dataset(tmp_path).failed == 0
    assert describe(tmp_path)["families"] == rows


def test_shards_with_families_are_the_same_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "SHARD_ROWS", 128)
    wanted = {"num_qubits": 4, "max_gates": 12, "count": 300, "seed": 5, "families": 0.5}
    build_random(tmp_path / "whole", **wanted)
    for part in (2, 0, 1):
        build_random(tmp_path / "parts", job=Job(part=part, parts=3), **wanted)
    whole, parts = ([path.read_bytes() for path in shards_of(tmp_path / name)] for name in ("whole", "parts"))
    assert whole == parts
    with pytest.raises(InputError, match="families"):
        build_random(tmp_path / "whole", **wanted | {"families": 0.25})


def test_families_that_a_device_cannot_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no structured circuit"):
        build_random(tmp_path, num_qubits=2, max_gates=4, count=10, gate_set="sx,iswap", families=0.5)
    assert not tmp_path.joinpath("dataset.json").exists()


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_shares_are_between_0_and_1(tmp_path: Path, share: float) -> None:
    with pytest.raises(InputError, match="share"):
        build_random(tmp_path / "new", num_qubits=2, max_gates=4, count=10, families=share)
    assert not tmp_path.joinpath("new").exists()


def test_a_dataset_of_the_first_version_goes_on_as_it_is(tmp_path: Path) -> None:
    shutil.copy(BUNDLED / "random-3q" / "dataset.json", tmp_path)
    assert build_random(tmp_path, num_qubits=3, max_gates=16, count=50).circuits == 50
    assert build_random(tmp_path, num_qubits=3, max_gates=16, count=80).made == 80
    assert "family" not in pq.read_schema(shard_path(tmp_path, 0)).names
    assert b'"schema_version": 1' in pq.read_schema(shard_path(tmp_path, 0)).metadata[b"circuitdiff"]
    assert verify_dataset(tmp_path).circuits == 80
