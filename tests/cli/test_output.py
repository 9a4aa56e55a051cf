from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.errors import InputError


def test_write_atomically_leaves_only_the_file(tmp_path: Path) -> None:
    path = tmp_path / "circuit.qasm"
    for content in (b"first", b"second"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_gives_ordinary_permissions_and_keeps_given_ones(tmp_path: Path) -> None:
    fresh, ordinary = tmp_path / "fresh", tmp_path / "ordinary"
    ordinary.write_bytes(b"")
    write_atomically(fresh, b"x")
    assert stat.S_IMODE(fresh.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    ordinary.chmod(0o640)
    write_atomically(ordinary, b"x")
    assert stat.S_IMODE(ordinary.stat().st_mode) == 0o640


def test_write_atomically_follows_links_and_spares_devices(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    write_atomically(link, b"x")
    assert link.is_symlink()
    assert target.read_bytes() == b"x"
    write_atomically("/dev/null", b"x")
    assert not Path("/dev/null").is_file()


def test_write_atomically_keeps_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "circuit.qasm"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match=r"cannot write .*: No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/circuit.qasm", ".", "file/circuit.qasm"])
def test_check_writable_refuses_what_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot write"):
        check_writable(tmp_path / place)


def test_check_writable_leaves_nothing_behind(tmp_path: Path) -> None:
    check_writable(tmp_path / "circuit.qasm")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_check_writable_refuses_read_only_places(tmp_path: Path) -> None:
    path = tmp_path / "circuit.qasm"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable(path)
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable(tmp_path / "new.qasm")
