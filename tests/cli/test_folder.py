"""``circuitdiff compile FOLDER``: every target as if it were alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from circuitdiff import Circuit
from circuitdiff.circuits.unitaries import named
from circuitdiff.cli.main import cli
from circuitdiff.errors import InputError

TOFFOLIS = Circuit.from_gates(6, [("ccx", (0, 1, 2), ()), ("ccx", (0, 2, 1), ()), ("cx", (4, 5), ())])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two unitaries, a wide circuit, a file that is no target and one that is broken."""
    place = tmp_path / "targets"
    place.mkdir()
    np.save(place / "bell.npy", Circuit.from_gates(2, [("h", (0,), ()), ("cx", (0, 1), ())]).unitary())
    np.save(place / "toffoli.npy", named("toffoli"))
    (place / "wide.qasm").write_text(TOFFOLIS.to_qasm())
    (place / "notes.md").write_text("no target")
    (place / "broken.qasm").write_text("OPENQASM 3.0;\nqubit[2] q;\nwrong q[0];\n")
    return place


def compile_folder(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(
        cli, ["compile", str(folder), "--effort", "fast", "--cache", "none", *options], standalone_mode=False
    )


def test_every_good_target_is_written_and_the_bad_one_named(folder: Path, tmp_path: Path) -> None:
    into = tmp_path / "new" / "circuits"
    result = compile_folder(folder, "-o", str(into))
    assert result.return_value == 2
    assert sorted(path.name for path in into.iterdir()) == ["bell.qasm", "toffoli.qasm", "wide.qasm"]
    assert result.stderr.startswith("error: broken.qasm: ")
    assert len(result.stdout.splitlines()) == 5
    wide = Circuit.from_qasm((into / "wide.qasm").read_text())
    assert abs(np.vdot(wide.unitary(), TOFFOLIS.unitary())) / 64 == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_circuits_are_those_of_each_target_alone(folder: Path, tmp_path: Path, workers: str) -> None:
    (folder / "broken.qasm").unlink()
    into = tmp_path / "out"
    found = compile_folder(folder, "-o", str(into), "--workers", workers, "--seed", "3", "--json")
    assert found.return_value == 0
    assert list(json.loads(found.stdout)["targets"]) == ["bell.npy", "toffoli.npy", "wide.qasm"]
    for path in (folder / "toffoli.npy", folder / "wide.qasm"):
        alone = tmp_path / "alone.qasm"
        compile_folder(path, "-o", str(alone), "--seed", "3")
        assert (into / f"{path.stem}.qasm").read_text() == alone.read_text()


def test_format_names_the_files(folder: Path, tmp_path: Path) -> None:
    compile_folder(folder, "-o", str(tmp_path / "out"), "--format", "qpy", "--quiet")
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".qpy"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "name a folder for their circuits"),
        (("-o", "targets"), "holds the targets"),
        (("-o", "targets/notes.md"), "cannot write"),
    ],
)
def test_somewhere_to_write_is_needed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(folder.parent)
    result = compile_folder(folder, *options)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)


def test_names_that_collide_and_folders_without_targets_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "bell.qasm").write_text(TOFFOLIS.to_qasm())
    assert "differ in nothing but their suffixes" in str(compile_folder(folder, "-o", str(tmp_path / "o")).exception)
    assert "has no file of" in str(compile_folder(tmp_path, "-o", str(tmp_path / "o")).exception)


def test_workers_are_for_folders(folder: Path) -> None:
    assert "applies to folders" in str(compile_folder(folder / "bell.npy", "--workers", "2").exception)
