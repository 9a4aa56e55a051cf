from __future__ import annotations

import io

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qasm3, qpy
from qiskit.quantum_info import Operator

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.errors import InputError
from circuitdiff.interop import from_qasm, from_qpy, to_qasm, to_qpy
from circuitdiff.interop import qiskit as reader


@pytest.mark.parametrize("version", [2, 3])
def test_qiskit_reads_the_unitary(gate_circuit: Circuit, version: int) -> None:
    load = {2: qasm2.loads, 3: qasm3.loads}[version]
    read = Operator(load(to_qasm(gate_circuit, version))).data
    assert infidelity(gate_circuit.unitary(), read) < 1e-14


def test_openqasm_3_keeps_operations_and_phase(gate_circuit: Circuit) -> None:
    back = from_qasm(to_qasm(gate_circuit, version=3))
    if "id" not in gate_circuit.gate_names:  # Qiskit reads it as U(0, 0, 0)
        assert back.operations == gate_circuit.operations
    np.testing.assert_allclose(back.unitary(), gate_circuit.unitary(), atol=1e-9)


def test_openqasm_2_keeps_operations(gate_circuit: Circuit) -> None:
    back = from_qasm(to_qasm(gate_circuit, version=2))
    if "id" not in gate_circuit.gate_names:
        assert back.operations == gate_circuit.operations
    assert infidelity(back.unitary(), gate_circuit.unitary()) < 1e-14


def test_qpy_keeps_operations_and_phase(gate_circuit: Circuit) -> None:
    back = from_qpy(to_qpy(gate_circuit))
    assert back.operations == gate_circuit.operations
    np.testing.assert_allclose(back.unitary(), gate_circuit.unitary(), atol=1e-12)


@pytest.mark.parametrize("version", [2, 3])
def test_angles_keep_their_last_digit(version: int) -> None:
    angles = (np.pi / 3 + 1e-15, 1e-17, -2.5e-9)
    circuit = Circuit.from_gates(1, [("u", (0,), angles)])
    assert from_qasm(to_qasm(circuit, version)).operations == circuit.operations


def test_openqasm_from_elsewhere_is_read() -> None:
    given = QuantumCircuit(3)
    given.rzx(0.3, 2, 0)
    given.cu(0.1, 0.2, 0.3, 0.4, 1, 2)
    given.csx(0, 1)
    for text in (qasm2.dumps(given), qasm3.dumps(given)):
        assert infidelity(from_qasm(text).unitary(), Operator(given).data) < 1e-12


def test_a_definition_may_not_pass_for_a_library_gate() -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; gate iswap a, b { cx a, b; } qreg q[2]; iswap q[1], q[0];'
    assert from_qasm(text).operations == Circuit.from_gates(2, [("cx", (1, 0), ())]).operations


def test_nested_definitions_cannot_grow_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_OPERATIONS", 100)
    doubled = [f"gate g{i + 1} a {{ g{i} a; g{i} a; }}" for i in range(60)]
    text = "\n".join(['OPENQASM 2.0; include "qelib1.inc"; gate g0 a { x a; }', *doubled, "qreg q[1]; g60 q[0];"])
    with pytest.raises(InputError, match="100 operations"):
        from_qasm(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin"),
        ("cx q, r;", "must begin"),
        ("OPENQASM 4.0; qubit q;", "must begin"),
        ("OPENQASM 2.0; nonsense q[2];", "not readable OpenQASM 2"),
        ("OPENQASM 3.0; qubit[2] q; nonsense q[0];", "not readable OpenQASM 3"),
        ("OPENQASM 3.0; qubit[2] q; U(0, 0", "not readable OpenQASM 3"),
        ('OPENQASM 2.0; include "/etc/hostname"; qreg q[1];', "not readable OpenQASM 2"),
        ('OPENQASM 3.0; include "/etc/hostname"; qubit q;', "not readable OpenQASM 3"),
        ("OPENQASM 2.0; qreg q[1000000000];", "1000000000"),
        ("OPENQASM 3.0; qubit[1 << 40] q;", "1 << 40"),
        ("OPENQASM 3.0; qubit q; bit[99999999999] c;", "99999999999"),
        ('OPENQASM 2.0; include "qelib1.inc"; qreg q[1]; creg c[1]; measure q[0] -> c[0];', "measure"),
        ('OPENQASM 3.0; include "stdgates.inc"; input float a; qubit q; rx(a) q;', "'?a'?"),
    ],
)
def test_bad_openqasm_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        from_qasm(text)
    assert "\n" not in str(refused.value)


def test_a_version_that_does_not_exist_cannot_be_written() -> None:
    with pytest.raises(InputError, match="not 1"):
        to_qasm(Circuit(1), version=1)


def several_circuits() -> bytes:
    buffer = io.BytesIO()
    qpy.dump([QuantumCircuit(1), QuantumCircuit(1)], buffer)
    return buffer.getvalue()


def claiming_many_bits() -> bytes:
    data = bytearray(to_qpy(Circuit(2)))
    start = data.index(b"\x00\x00\x00\x02", 20)
    data[start + 4 : start + 8] = b"\xff" * 4
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"QISKIT",
        b"QISKIT\xff" * 9,
        to_qpy(Circuit(2))[:-9],
        b"text that is no QPY",
        several_circuits(),
        claiming_many_bits(),
    ],
    ids=["empty", "name", "repeated", "cut", "text", "several", "huge"],
)
def test_bad_qpy_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(InputError) as refused:
        from_qpy(data)
    assert "\n" not in str(refused.value)
