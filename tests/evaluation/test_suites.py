from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.unitaries import named
from circuitdiff.errors import InputError
from circuitdiff.evaluation.suites import BUILT_IN, load_suite
from circuitdiff.features.lower_bounds import cx_lower_bound

CX = Circuit.from_gates(2, [("cx", (0, 1), ())]).unitary()
CCX = Circuit.from_gates(3, [("ccx", (0, 1, 2), ())]).unitary()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, unitary in (("pair_0", CX), ("pair_1", CX), ("blk_toffoli", CCX)):
        np.save(tmp_path / f"{name}.npy", unitary)
    return tmp_path


def write_manifest(folder: Path, *entries: dict[str, object]) -> None:
    (folder / "manifest.json").write_text(json.dumps({"targets": entries}))


def test_family_is_the_leading_word_without_a_manifest(folder: Path) -> None:
    families = {target.name: target.family for target in load_suite(str(folder))}
    assert families == {"blk_toffoli": "blk", "pair_0": "pair", "pair_1": "pair"}


@pytest.mark.parametrize(
    ("coupling", "expected"), [("all", 6), ("ring", 6), ("0-1,1-2", 8), ("line", 8), ("0-2,1-2", None)]
)
def test_best_count_is_that_of_the_coupling_map(folder: Path, coupling: str, expected: int | None) -> None:
    write_manifest(folder, {"file": "blk_toffoli.npy", "name": "ccx", "family": "named", "best": 6, "best_line": 8})
    (target,) = load_suite(str(folder), families=["named"])
    assert (target.name, target.num_qubits) == ("ccx", 3)
    assert target.best_on(parse_coupling(coupling, 3)) == expected


def test_two_qubits_on_a_line_are_coupled_completely(folder: Path) -> None:
    write_manifest(folder, {"file": "pair_0.npy", "family": "pair", "best": 1, "best_line": None})
    assert load_suite(str(folder), limit=1)[0].best_on(parse_coupling("line", 2)) == 1


def test_filters_keep_what_they_name(folder: Path) -> None:
    assert [target.name for target in load_suite(str(folder), qubits=(3,))] == ["blk_toffoli"]
    assert [target.name for target in load_suite(str(folder), families=("pair",), limit=1)] == ["pair_0"]
    with pytest.raises(InputError, match="passes the filters"):
        load_suite(str(folder), qubits=(4,))


def test_manifest_order_comes_first_and_files_may_be_unlisted(folder: Path) -> None:
    write_manifest(folder, {"file": "pair_1.npy"})
    assert [target.name for target in load_suite(str(folder))] == ["pair_1", "blk_toffoli", "pair_0"]


@pytest.mark.parametrize("text", ["{", "[]", '{"targets": [{"name": "a"}]}', '{"targets": {"file": "a"}}'])
def test_broken_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"manifest\.json"):
        load_suite(str(folder))


def test_what_is_missing_or_no_unitary_is_named(folder: Path) -> None:
    with pytest.raises(InputError, match="neither a folder nor one of"):
        load_suite("nothing")
    write_manifest(folder, {"file": "gone.npy"})
    with pytest.raises(InputError, match=r"gone\.npy"):
        load_suite(str(folder))
    (folder / "manifest.json").unlink()
    np.save(folder / "bad.npy", np.ones((4, 4)))
    with pytest.raises(InputError, match=r"bad\.npy: target is not unitary"):
        load_suite(str(folder))


@pytest.mark.parametrize("suite", sorted(BUILT_IN))
def test_built_in_suites_are_unitaries_and_the_same_each_time(suite: str) -> None:
    first, second = load_suite(suite), load_suite(suite)
    assert len({target.name for target in first}) == len(first)
    for target, again in zip(first, second, strict=True):
        np.testing.assert_array_equal(target.unitary, again.unitary)
        np.testing.assert_allclose(target.unitary @ target.unitary.conj().T, np.eye(len(target.unitary)), atol=1e-12)


def test_shallow_targets_are_what_their_names_say_and_their_own_circuits_suffice() -> None:
    for target in load_suite("shallow", qubits=(2, 3)):
        assert np.allclose(target.unitary, named(target.name))
        coupling = parse_coupling("all", target.num_qubits)
        best = target.best_on(coupling)
        assert best is not None
        assert best >= cx_lower_bound(target.unitary, coupling)


def test_shallow_draws_other_circuits_for_other_seeds() -> None:
    first, second = (load_suite("shallow", qubits=(3,), seed=seed) for seed in (0, 1))
    assert not {target.name for target in first} & {target.name for target in second}
    assert len(first) == len(second)
