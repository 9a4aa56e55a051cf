from __future__ import annotations

import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from circuitdiff.circuits.unitaries import named
from circuitdiff.circuits.unitary_io import check_unitary, parse_unitary, read_unitary, reverse_qubits
from circuitdiff.errors import InputError
from circuitdiff.spec.target import read_target


def haar(num_qubits: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (1 << num_qubits, 1 << num_qubits)
    q, r = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))
    return q * (np.diag(r) / abs(np.diag(r)))


def npy_header(shape: object, descr: str = "<c16", version: int = 1) -> bytes:
    text = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode() + b"\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text


@pytest.mark.parametrize("num_qubits", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_read_unitary_returns_what_was_saved(tmp_path: Path, num_qubits: int, suffix: str) -> None:
    unitary = haar(num_qubits)
    path = tmp_path / f"target{suffix}"
    if suffix == ".npy":
        np.save(path, np.asfortranarray(unitary))
    else:
        np.savez_compressed(path, unitary=unitary, other=np.zeros(3))
    np.testing.assert_allclose(read_unitary(path), unitary, atol=1e-14)


@pytest.mark.parametrize("dtype", [">c16", "<c8", "<f8", "<f4", "<i4", "|b1", "<f2", np.clongdouble])
def test_read_unitary_takes_every_kind_of_number(tmp_path: Path, dtype: Any) -> None:
    toffoli = np.eye(8)[[0, 1, 2, 7, 4, 5, 6, 3]]
    path = tmp_path / "toffoli.npy"
    np.save(path, toffoli.astype(dtype))
    np.testing.assert_array_equal(read_unitary(path), toffoli)


def test_read_unitary_projects_single_precision_onto_the_unitary_group(tmp_path: Path) -> None:
    unitary = haar(3)
    path = tmp_path / "single.npy"
    np.save(path, unitary.astype(np.complex64))
    read = read_unitary(path)
    assert abs(read.conj().T @ read - np.eye(8)).max() < 1e-14
    np.testing.assert_allclose(read, unitary, atol=1e-6)


def test_check_unitary_says_by_how_much_it_fails() -> None:
    matrix = np.eye(4) * 1.01
    with pytest.raises(InputError, match=r"^target is not unitary: max\|U†U − I\| = 2.0e-02 > 1e-08$"):
        check_unitary(matrix)
    with pytest.raises(InputError, match=r"> 1e-05$"):
        check_unitary(matrix.astype(np.complex64))


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(8)[:4], r"shape \(4, 8\), expected a square matrix"),
        (np.ones(8), r"shape \(8,\), expected a square matrix"),
        (np.eye(6), "side 6, expected a power of two"),
        (np.eye(1), "side 1, expected a power of two"),
        (np.zeros((0, 0)), "side 0, expected a power of two"),
        (np.eye(128), "more qubits than supported: 7 > 5"),
        (np.diag([1, np.nan]), "1 of 4 entries that are NaN or infinite"),
        (np.diag([1, np.inf]), "1 of 4 entries that are NaN or infinite"),
        (np.eye(2) * 1e200, "not unitary: "),
        (np.array([["1", "0"], ["0", "1"]]), "expected numbers"),
        (np.array([["one", None], [0, 1]], dtype=object), "objects that are no numbers"),
        ([[1, 0], [0]], "no matrix"),
        (np.eye(2).astype("m8[s]"), "expected numbers"),
    ],
)
def test_check_unitary_refuses_what_is_no_unitary(matrix: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_unitary(matrix)


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_reverse_qubits_undoes_itself_and_swaps_factors(num_qubits: int, seed: int) -> None:
    factors = [haar(1, seed + i) for i in range(num_qubits)]
    forwards = backwards = np.eye(1)
    for factor in factors:
        forwards, backwards = np.kron(forwards, factor), np.kron(factor, backwards)
    np.testing.assert_allclose(reverse_qubits(forwards), backwards, atol=1e-12)
    np.testing.assert_array_equal(reverse_qubits(reverse_qubits(forwards)), forwards)


def test_read_unitary_converts_big_endian(tmp_path: Path) -> None:
    unitary = haar(3)
    path = tmp_path / "cirq.npy"
    np.save(path, reverse_qubits(unitary))
    np.testing.assert_allclose(read_unitary(path, endian="big"), unitary, atol=1e-14)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"hello, world\n", "not a NumPy array file"),
        (b"\x93NUMPY", "bad array header"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "bad array header"),
        (npy_header((8, 8))[:-9], "bad array header"),
        (npy_header((1 << 40, 1 << 40)), "more qubits than supported: 40 > 5"),
        (npy_header((8, 8)), "its header claims"),
        (npy_header((8, 8)) + bytes(8 * 8 * 16 + 1), "its header claims"),
        (npy_header((-8, -8)), "bad array header"),
        (npy_header((2.0, 2.0)), "bad array header"),
        (npy_header((8, 8), "|O"), "Python objects"),
        (npy_header((2, 2), "|S4") + bytes(16), "expected numbers"),
        (npy_header((2, 2), "<c16", version=3) + bytes(64), "format version 3.0"),
        (npy_header("()" * 3000), "bad array header"),
    ],
)
def test_read_unitary_refuses_a_file_that_is_wrong_or_lies(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "target.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_unitary(path)
    assert "\n" not in str(caught.value)


def test_read_unitary_never_unpickles(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(trap),)

    path = tmp_path / "objects.npy"
    np.save(path, np.array([[Trap(), 0], [0, 1]], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="Python objects"):
        read_unitary(path)
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InputError, match="not a NumPy array file"):
        read_unitary(path)
    assert not trap.exists()


def archive(tmp_path: Path, members: dict[str, bytes]) -> Path:
    path = tmp_path / "target.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_read_unitary_stops_a_zip_bomb_before_it_unpacks(tmp_path: Path) -> None:
    honest = npy_header((1 << 12, 1 << 12)) + bytes(1 << 26)
    hidden = npy_header((8, 8)) + bytes(1 << 26)
    for content, message in ((honest, "more qubits than supported: 12 > 5"), (hidden, "its header claims")):
        path = archive(tmp_path, {"unitary.npy": content})
        assert path.stat().st_size < 1 << 20
        tracemalloc.start()
        with pytest.raises(InputError, match=message):
            read_unitary(path)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
        tracemalloc.stop()


def test_read_unitary_does_not_believe_the_size_in_the_zip_directory(tmp_path: Path) -> None:
    content = npy_header((8, 8))
    claimed = len(content) + 1024
    path = archive(tmp_path, {"unitary.npy": content + bytes(1 << 20)})
    data = path.read_bytes().replace(struct.pack("<I", len(content) + (1 << 20)), struct.pack("<I", claimed))
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"not a readable .npz archive|not unitary"):
        read_unitary(path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "holds 0 arrays"),
        ({"readme.txt": b"hello"}, "holds 0 arrays"),
        ({"a.npy": b"", "b.npy": b""}, "holds 2 arrays, expected one, or one named 'unitary'"),
        ({"a.npy": b""}, r"target.npz\[a\] is empty"),
        ({"a.npy": b"nonsense"}, "not a NumPy array file"),
    ],
)
def test_read_unitary_refuses_archives_without_one_array(
    tmp_path: Path, members: dict[str, bytes], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_unitary(archive(tmp_path, members))


def test_read_unitary_refuses_damaged_archives(tmp_path: Path) -> None:
    path = tmp_path / "target.npz"
    np.savez_compressed(path, unitary=haar(3))
    whole = path.read_bytes()
    for keep in (0, 10, len(whole) // 2):
        path.write_bytes(whole[:keep])
        with pytest.raises(InputError):
            read_unitary(path)
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read = read_unitary(path)
        except InputError:
            continue
        np.testing.assert_allclose(read, haar(3), atol=1e-14)


def test_read_unitary_names_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*missing.npy: No such file or directory"):
        read_unitary(tmp_path / "missing.npy")
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        read_unitary(tmp_path)


def test_parse_unitary_reads_arrays_and_archives_in_memory() -> None:
    array, archived = io.BytesIO(), io.BytesIO()
    np.save(array, haar(3))
    np.savez(archived, haar(3))
    for stream in (array, archived):
        np.testing.assert_allclose(parse_unitary(stream, "stdin"), haar(3), atol=1e-14)
    for wrong in (array.getvalue()[:-1], array.getvalue() + b"x"):
        with pytest.raises(InputError, match="stdin is damaged: its header claims"):
            parse_unitary(io.BytesIO(wrong), "stdin")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_read_unitary_reads_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    saved = io.BytesIO()
    np.save(saved, haar(2))
    writer = Thread(target=pipe.write_bytes, args=(saved.getvalue(),))
    writer.start()
    np.testing.assert_allclose(read_unitary(pipe), haar(2), atol=1e-14)
    writer.join()


@pytest.mark.parametrize("matrix", [[[0, 1], [1, 0]], np.array([[0, 1], [1, 0]], dtype=object)])
def test_rows_of_numbers_and_numbers_as_objects_are_matrices(matrix: object) -> None:
    np.testing.assert_array_equal(check_unitary(matrix), [[0, 1], [1, 0]])  # type: ignore[arg-type]


@pytest.mark.parametrize("lazily", [lambda t: t, lambda t: t.conj(), lambda t: t.requires_grad_(), lambda t: t.mT])
def test_tensors_are_matrices_however_they_are_kept(lazily: Callable[[torch.Tensor], torch.Tensor]) -> None:
    tensor = lazily(torch.tensor(haar(2)))
    np.testing.assert_allclose(check_unitary(tensor), tensor.detach().resolve_conj().numpy(), atol=1e-14)
    np.testing.assert_allclose(read_target(tensor).columns, check_unitary(tensor), atol=1e-14)


def test_tolerance_takes_the_nearest_unitary_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    exact = named("haar:3?seed=1")
    rough = exact + 1e-6 * np.random.default_rng(0).normal(size=exact.shape)
    with pytest.raises(InputError, match="not unitary"):
        check_unitary(rough)
    taken = check_unitary(rough, tolerance=1e-4)
    np.testing.assert_allclose(taken.conj().T @ taken, np.eye(8), atol=1e-14)
    np.testing.assert_allclose(taken, exact, atol=1e-5)
    assert "nearest unitary" in caplog.text
