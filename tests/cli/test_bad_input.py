"""Every input that cannot be used: one line on stderr, exit code 2, and no output file."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import RunCli

OUTPUT = "circuit.qasm"


def npy(matrix: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(matrix), allow_pickle=True)
    return buffer.getvalue()


def lying_header(shape: tuple[int, ...]) -> bytes:
    text = repr({"descr": "<c16", "fortran_order": False, "shape": shape}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zip_bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("unitary.npy", lying_header((8, 8)) + bytes(1 << 27))
    return buffer.getvalue()


def off_unitary() -> bytes:
    matrix = np.eye(4)
    matrix[0, 0] = 1.016
    return npy(matrix)


QFT_3 = npy(np.exp(2j * np.pi * np.outer(np.arange(8), np.arange(8)) / 8) / np.sqrt(8))

BAD_TARGETS: dict[str, tuple[str, bytes, str]] = {
    "empty": ("t.npy", b"", "t.npy is empty"),
    "text": ("t.npy", b"1 0\n0 1\n", "is not a NumPy array file"),
    "pickled": ("t.npy", npy(np.array([[1, None], [0, 1]], dtype=object)), "pickled Python objects"),
    "terabytes": ("t.npy", lying_header((1 << 18, 1 << 18)), "more qubits than supported: 18 > 5"),
    "short": ("t.npy", lying_header((32, 32)), "its header claims"),
    "bomb": ("t.npz", zip_bomb(), "its header claims"),
    "no-archive": ("t.npz", b"PK\x03\x04nonsense", "is not a readable .npz archive"),
    "non-square": ("t.npy", npy(np.eye(8)[:4]), "target has 8 columns, expected a power of two up to 4"),
    "no-power-of-two": ("t.npy", npy(np.eye(6)), "target has length 6, expected a power of two"),
    "seven-qubits": ("t.npy", npy(np.eye(128)), "more qubits than supported: 7 > 5"),
    "nan": ("t.npy", npy(np.diag([1, np.nan])), "1 of 4 entries that are NaN or infinite"),
    "infinite": ("t.npy", npy(np.diag([1, np.inf])), "1 of 4 entries that are NaN or infinite"),
    "not-unitary": ("t.npy", off_unitary(), "target is not unitary: max|U†U − I| = 3.2e-02 > 1e-08"),
    "strings": ("t.npy", npy([["a", "b"], ["c", "d"]]), "expected numbers"),
    "unknown-kind": ("t.mat", b"MATLAB 5.0", "is none of .npy .npz .qasm .qasm3 .qasm2 .qpy .json"),
    "bad-qasm": ("t.qasm", b"OPENQASM 3.0;\nqubit[2] q;\nfrobnicate q[0];\n", "t.qasm"),
    "binary-qasm": ("t.qasm", b"OPENQASM \xff\xfe", "is not utf-8 text"),
    "empty-qasm": ("t.qasm", b"", "t.qasm is empty"),
    "wide-circuit": ("t.qasm", b'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[1001] q;\nh q[0];\n', "1001"),
    "huge-register": ("t.qasm", b'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2000000000] q;\n', "2000000000"),
    "huge-register-2": ("t.qasm", b'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2000000000];\n', "2000000000"),
    "bad-qpy": ("t.qpy", b"QISKIT" + bytes(40), "t.qpy"),
    "bad-json": ("t.json", b"{]", "t.json"),
    "zero-state": ("t.npy", npy(np.zeros(8)), "target is zero"),
    "length-of-state": ("t.npy", npy(np.ones(7) / 7**0.5), "target has length 7, expected a power of two"),
    "nan-in-state": ("t.npy", npy([1, np.nan]), "1 of 2 entries that are NaN"),
    "norm-of-state": ("t.npy", npy([1, 0.1]), "state has norm 1.00"),
    "columns": ("t.npy", npy(np.ones((4, 2)) / 2), "target columns are not orthonormal"),
    "eleven-qubit-state": ("t.npy", npy(np.eye(1 << 11)[0]), "more qubits than supported: 11 > 10"),
    "key-lengths": ("t.json", b'{"00": 1, "111": 0}', "bit strings of 2 and of 3 bits"),
    "no-amplitudes": ("t.json", b"{}", "sparse state has no amplitudes"),
    "other-json": ("t.json", b'{"cirq_type": "LineQubit", "x": 1}', "t.json"),
}


def check_refused(run_cli: RunCli, message: str, *arguments: object, stdin: bytes = b"") -> None:
    folder = Path(str(arguments[-1])).parent
    before = sorted(folder.rglob("*")) if folder.is_dir() else []
    refused = run_cli("compile", *arguments[:-1], "-o", arguments[-1], stdin=stdin)
    shown = refused.stderr.decode()
    assert (refused.returncode, refused.stdout) == (2, b""), shown
    assert shown.startswith("error: ")
    assert shown.count("\n") == 1
    assert message in shown
    assert (sorted(folder.rglob("*")) if folder.is_dir() else []) == before


@pytest.mark.parametrize("case", BAD_TARGETS)
def test_compile_refuses_a_bad_target(run_cli: RunCli, tmp_path: Path, case: str) -> None:
    name, content, message = BAD_TARGETS[case]
    (tmp_path / name).write_bytes(content)
    check_refused(run_cli, message, tmp_path / name, tmp_path / OUTPUT)


@pytest.mark.parametrize("case", ["empty", "text", "pickled", "bomb", "not-unitary", "bad-qasm", "bad-qpy", "bad-json"])
def test_compile_refuses_a_bad_target_on_stdin(run_cli: RunCli, tmp_path: Path, case: str) -> None:
    check_refused(run_cli, "error: ", "-", tmp_path / OUTPUT, stdin=BAD_TARGETS[case][1])


@pytest.mark.parametrize("name", ["missing.npy", "missing.npz", "missing.qasm", "missing"])
def test_compile_refuses_a_missing_target(run_cli: RunCli, tmp_path: Path, name: str) -> None:
    check_refused(run_cli, "No such file or directory", tmp_path / name, tmp_path / OUTPUT)


BAD_OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown-gate": (("--gate-set", "u,cnot"), "cnot"),
    "unknown-preset": (("--gate-set", "ibm"), "ibm"),
    "empty-gate-set": (("--gate-set", ""), "gate set"),
    "no-entangler": (("--gate-set", "u"), "gate set"),
    "swap-does-not-entangle": (("--gate-set", "u,swap"), "gate set"),
    "one-axis": (("--gate-set", "rz,cx"), "gate set"),
    "disconnected": (("--coupling", "0-1"), "disconnected"),
    "out-of-range": (("--coupling", "0-1,1-5"), "1-5"),
    "loop": (("--coupling", "0-1,1-1,1-2"), "1-1"),
    "unknown-coupling": (("--coupling", "star"), "star"),
    "unknown-proposer": (("--proposers", "oracle"), "oracle"),
    "unknown-model": (("--model", "no/such/model"), "no/such/model"),
    "unknown-device": (("--device", "abacus"), "abacus"),
    "zero-tolerance": (("--tol", "0"), "--tol"),
    "nan-timeout": (("--timeout", "nan"), "--timeout"),
    "no-samples": (("--samples", "0"), "--samples"),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_compile_refuses_bad_options(run_cli: RunCli, tmp_path: Path, case: str) -> None:
    options, message = BAD_OPTIONS[case]
    (tmp_path / "qft.npy").write_bytes(QFT_3)
    check_refused(run_cli, message, tmp_path / "qft.npy", *options, tmp_path / OUTPUT)


@pytest.mark.parametrize("content", ["[[0, 1]]", "[[0, 1], [1, 9]]", '{"a": 1}', "[[0, 1], [1, 2", '[[0, "1"]]', ""])
def test_compile_refuses_a_bad_coupling_file(run_cli: RunCli, tmp_path: Path, content: str) -> None:
    (tmp_path / "qft.npy").write_bytes(QFT_3)
    (tmp_path / "map.json").write_text(content)
    check_refused(run_cli, "coupling", tmp_path / "qft.npy", "--coupling", tmp_path / "map.json", tmp_path / OUTPUT)


def corrupt_weights(path: Path) -> None:
    data = (path / "model.safetensors").read_bytes()
    (path / "model.safetensors").write_bytes(data[: len(data) // 2])


def lying_weights(path: Path) -> None:
    (path / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")


def foreign_weights(path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    (path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))


def missing_weights(path: Path) -> None:
    (path / "model.safetensors").unlink()


def bad_config(path: Path) -> None:
    (path / "config.json").write_text("{")


def unknown_key(path: Path) -> None:
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | {"flux_capacitor": 1}))


def huge_config(path: Path) -> None:
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | {"width": 1 << 24}))


@pytest.mark.parametrize(
    "damage",
    [corrupt_weights, lying_weights, foreign_weights, missing_weights, bad_config, unknown_key, huge_config],
    ids=lambda damage: damage.__name__,
)
def test_compile_refuses_a_damaged_checkpoint(run_cli: RunCli, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    from circuitdiff.models.checkpoint import resolve_checkpoint

    copy = tmp_path / "checkpoint"
    copy.mkdir()
    for file in resolve_checkpoint().iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    damage(copy)
    (tmp_path / "qft.npy").write_bytes(QFT_3)
    check_refused(run_cli, "", tmp_path / "qft.npy", "--model", copy, tmp_path / OUTPUT)


@pytest.mark.parametrize("place", ["missing/circuit.qasm", "file/circuit.qasm", "folder"])
def test_compile_refuses_an_unwritable_output_before_it_starts(run_cli: RunCli, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    (tmp_path / "folder").mkdir()
    check_refused(run_cli, "cannot write", "no-such-target.npy", tmp_path / place)
    assert (tmp_path / "file").read_bytes() == b"kept"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_compile_refuses_a_read_only_folder(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o555)
    check_refused(run_cli, "Permission denied", "no-such-target.npy", tmp_path / "folder" / OUTPUT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nonsense",), "nonsense"),
        (("qft:9",), "9"),
        (("qft:x",), "x"),
        (("haar:2?sed=1",), "sed"),
        (("toffoli", "--seed", "1"), "seed"),
        ((), "--list"),
    ],
)
def test_target_refuses_what_it_cannot_make(
    run_cli: RunCli, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    refused = run_cli("target", *arguments, "-o", tmp_path / "t.npy")
    assert refused.returncode == 2
    assert refused.stderr.startswith(b"error: ")
    assert refused.stderr.count(b"\n") == 1
    assert message in refused.stderr.decode()
    assert not (tmp_path / "t.npy").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--preset", "enormous"), "enormous"),
        (("--set", "learning_rat=1"), "learning_rat"),
        (("--set", "batch_size=many"), "batch_size"),
        (("--set", "model.width"), "KEY=VALUE"),
        (("--steps", "0"), "--steps"),
        (("--minutes", "-1"), "--minutes"),
        (("--resume",), "no run to resume"),
        (("--device", "abacus"), "abacus"),
    ],
)
def test_train_refuses_what_it_cannot_do(
    run_cli: RunCli, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    refused = run_cli("train", *arguments, "--out", tmp_path / "run")
    assert refused.returncode == 2, refused.stderr.decode()
    assert refused.stderr.count(b"\n") == 1
    assert message in refused.stderr.decode()
    assert not (tmp_path / "run").exists()
