"""Circuits with measurements, resets, conditions and barriers on the command line."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from qiskit import QuantumCircuit, qpy

from circuitdiff.cli.compilation import format_names
from circuitdiff.cli.main import cli
from circuitdiff.errors import InputError
from circuitdiff.interop import program_from_qasm, program_from_qpy

MEASURED = """OPENQASM 2.0;
include "qelib1.inc";
qreg work[4];
creg seen[4];
cx work[0],work[1];
{barrier}
cx work[0],work[1];
cx work[1],work[2]; rz(0.3) work[2]; cx work[1],work[2]; cx work[1],work[2]; cx work[1],work[2];
reset work[3];
measure work[3] -> seen[3];
if(seen==8) x work[3];
measure work -> seen;
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def compiled(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["compile", str(path), "--effort", "fast", *options], standalone_mode=False)


def opaque(path: Path) -> list[str]:
    return [step.payload.name for step in program_from_qasm(path.read_text()).steps if hasattr(step, "payload")]


def test_a_cost_that_blocks_do_not_know_is_not_dropped_silently(tmp_path: Path) -> None:
    source = tmp_path / "given.qasm"
    source.write_text(MEASURED.format(barrier=""))
    assert "--cost does not apply" in str(compiled(source, "--cost", "depth").exception)


def test_text_in_another_encoding_is_refused_by_its_reason_on_stdin_too() -> None:
    text = MEASURED.format(barrier="// œuvre").encode("cp1252")
    result = CliRunner().invoke(cli, ["compile", "-"], standalone_mode=False, input=text)
    assert "not utf-8 text" in str(result.exception)


def test_every_format_holds_a_program_or_is_refused_in_one_line(tmp_path: Path) -> None:
    source = tmp_path / "given.qasm"
    source.write_text('OPENQASM 2.0;include "qelib1.inc";qreg q[2];creg c[2];cx q[0],q[1];measure q->c;')
    for name in format_names():
        result = compiled(source, "--format", name, "-o", str(tmp_path / f"found-{name}"))
        assert result.exception is None or isinstance(result.exception, InputError), name
    assert json.loads((tmp_path / "found-json").read_text())["two_qubit_count"] == 1


@pytest.mark.parametrize("suffix", [".qasm", ".QASM2"])
def test_what_is_no_gate_stays_in_order_and_names_survive(tmp_path: Path, suffix: str) -> None:
    source, written = tmp_path / "given.qasm", tmp_path / f"found{suffix}"
    source.write_text(MEASURED.format(barrier="barrier work;"))
    result = compiled(source, "-o", str(written))
    assert result.exit_code == 0, result.output
    assert opaque(written) == opaque(source)
    assert program_from_qasm(written.read_text()).two_qubit_count == 4
    assert "work[2]" in written.read_text()
    assert "seen" in written.read_text()


def test_barriers_are_dropped_on_request(tmp_path: Path) -> None:
    source, written = tmp_path / "given.qasm", tmp_path / "found.qasm"
    source.write_text(MEASURED.format(barrier="barrier work;"))
    compiled(source, "-o", str(written), "--drop-barriers")
    assert "barrier" not in opaque(written)
    assert program_from_qasm(written.read_text()).two_qubit_count == 2


def test_qpy_keeps_names_and_layout(tmp_path: Path) -> None:
    circuit = QuantumCircuit.from_qasm_str(MEASURED.format(barrier=""))
    circuit.name = "study"
    with open(tmp_path / "given.qpy", "wb") as file:
        qpy.dump(circuit, file)
    assert compiled(tmp_path / "given.qpy", "-o", str(tmp_path / "found.qpy")).exit_code == 0
    back = program_from_qpy((tmp_path / "found.qpy").read_bytes()).source
    assert [r.name for r in (*back.qregs, *back.cregs)] == ["work", "seen"]
    assert back.name == "study"


def test_small_circuits_of_gates_keep_their_names_too(tmp_path: Path) -> None:
    source, written = tmp_path / "given.qasm", tmp_path / "found.qasm"
    source.write_text('OPENQASM 2.0; include "qelib1.inc"; qreg left[1]; qreg right[2]; cx left[0], right[1];')
    assert compiled(source, "-o", str(written)).exit_code == 0
    assert "left[0], right[1]" in written.read_text()
    assert "left[0]" in json.loads(compiled(source, "--json").output)["qasm"]


@pytest.mark.parametrize("name", ["found.npy", "found.qasm4", "found", "found.svg"])
def test_suffixes_that_say_no_format_are_refused_before_any_work(tmp_path: Path, name: str) -> None:
    source = tmp_path / "given.qasm"
    source.write_text("this is never read")
    assert "says no format" in str(compiled(source, "-o", str(tmp_path / name)).exception)
    assert not (tmp_path / name).exists()


def test_formats_that_cannot_hold_the_circuit_are_refused_before_any_work(tmp_path: Path) -> None:
    source = tmp_path / "given.qasm"
    source.write_text(MEASURED.format(barrier=""))
    assert "gates alone" in str(compiled(source, "-o", str(tmp_path / "found.json")).exception)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("OPENQASM 2.0;", "").encode(),
        lambda text: gzip.compress(text.encode()),
    ],
)
def test_text_is_read_however_it_is_encoded(tmp_path: Path, encode) -> None:  # noqa: ANN001
    source = tmp_path / "GIVEN.QASM"
    source.write_bytes(encode('OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; cx q[0], q[1];'))
    assert json.loads(compiled(source, "--json").output)["two_qubit_count"] == 1


def test_compressed_arrays_are_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.eye(4)[[0, 1, 3, 2]])
    (tmp_path / "t.npy.gz").write_bytes(gzip.compress(buffer.getvalue()))
    assert json.loads(compiled(tmp_path / "t.npy.gz", "--json").output)["two_qubit_count"] == 1
    (tmp_path / "bad.npy.gz").write_bytes(gzip.compress(buffer.getvalue())[:-9])
    assert "not a readable gzip file" in str(compiled(tmp_path / "bad.npy.gz").exception)


def test_no_qubits_is_the_reason_that_is_told(tmp_path: Path) -> None:
    source = tmp_path / "given.qasm"
    source.write_text("OPENQASM 3.0; bit[2] c;")
    assert "has no qubits" in str(compiled(source).exception)


def test_rounded_matrices_are_taken_with_a_tolerance(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.eye(4)[[0, 1, 3, 2]] * (1 + 1e-6))
    assert "not unitary" in str(compiled(tmp_path / "t.npy").exception)
    assert json.loads(compiled(tmp_path / "t.npy", "--json", "--unitary-tol", "1e-5").output)["two_qubit_count"] == 1
