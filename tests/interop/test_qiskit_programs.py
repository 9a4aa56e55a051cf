from __future__ import annotations

from math import pi

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, qasm3, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import Operator

from circuitdiff.circuits.circuit import Operation
from circuitdiff.circuits.program import OpaqueOperation
from circuitdiff.errors import InputError
from circuitdiff.interop import (
    program_from_qasm,
    program_from_qiskit,
    program_from_qpy,
    program_to_qasm,
    program_to_qiskit,
    program_to_qpy,
)


def with_everything() -> QuantumCircuit:
    """Return a circuit with registers, conditions, loops, resets, barriers, a variable and a gate of its own."""
    data, spare, bits = QuantumRegister(3, "data"), QuantumRegister(2, "spare"), ClassicalRegister(3, "outcome")
    circuit = QuantumCircuit(data, spare, bits, global_phase=0.4)
    circuit.h(0)
    circuit.rzx(0.3, 0, 1)
    circuit.barrier()
    circuit.measure(data[0], bits[1])
    with circuit.if_test((bits, 2)) as otherwise:
        circuit.cx(1, 3)
        circuit.ccx(3, 1, 0)
    with otherwise:
        circuit.reset(4)
    with circuit.for_loop(range(3)):
        circuit.cry(0.2, 4, 2)
    flag = circuit.add_var("flag", False)
    circuit.store(flag, expr.lift(True))
    with circuit.while_loop(flag):
        circuit.x(4)
        circuit.store(flag, expr.lift(False, types.Bool()))
    circuit.delay(100, 2, unit="dt")
    circuit.measure(data, bits)
    return circuit


def names(circuit: QuantumCircuit) -> list[str]:
    return [item.name for item in circuit.data]


def test_what_is_no_gate_comes_back_in_order_on_the_same_bits() -> None:
    given = with_everything()
    back = program_to_qiskit(program_from_qiskit(given))
    opaque = ("barrier", "measure", "if_else", "for_loop", "while_loop", "store", "reset", "delay")
    kept = [(i.name, i.qubits, i.clbits) for i in given.data if i.name in opaque]
    assert [(i.name, i.qubits, i.clbits) for i in back.data if i.name in opaque] == kept
    assert (back.qregs, back.cregs, back.num_vars) == (given.qregs, given.cregs, 1)
    assert back.global_phase == pytest.approx(0.4 + program_from_qiskit(given).global_phase - 0.4)


def test_bodies_are_read_on_the_qubits_of_the_register() -> None:
    (branch,) = (
        s for s in program_from_qiskit(with_everything()).steps if getattr(s, "bodies", ()) and len(s.bodies) == 2
    )
    assert branch.bodies[0].operations[0] == Operation("cx", (1, 3))
    assert program_from_qiskit(with_everything()).two_qubit_count > 3


def test_gates_alone_keep_their_unitary_phase_and_order() -> None:
    circuit = QuantumCircuit(3, global_phase=0.7)
    for qubit in (0, 1, 2):
        circuit.cx(qubit, (qubit + 1) % 3)
        circuit.cu(0.1, 0.2, 0.3, 0.4, qubit, (qubit + 1) % 3)
    program = program_from_qiskit(circuit)
    np.testing.assert_allclose(program.circuit().unitary(), Operator(circuit).data, atol=1e-12)
    np.testing.assert_allclose(Operator(program_to_qiskit(program)).data, Operator(circuit).data, atol=1e-12)
    with pytest.raises(InputError, match="'barrier' is no gate"):
        program_from_qiskit(with_everything()).circuit()


@pytest.mark.parametrize("version", [2, 3])
def test_openqasm_keeps_names_of_registers_and_bits(version: int) -> None:
    text = 'OPENQASM 2.0; include "qelib1.inc"; qreg top[2]; qreg low[1]; creg out[2]; cx top[1], low[0];'
    for measured in ("", " measure top -> out;"):
        written = program_to_qasm(program_from_qasm(text + measured), version)
        assert "top[1]" in written
        assert "low[0]" in written
        back = program_from_qasm(written)
        assert {(r.name, r.size) for r in (*back.source.qregs, *back.source.cregs)} == {
            ("top", 2),
            ("low", 1),
            ("out", 2),
        }


@pytest.mark.parametrize("rest", ["", "c[0] = measure low[1];", "c[0] = measure all[0]; if (c[0]) { x low[1]; }"])
def test_registers_that_are_names_for_others_are_written_as_one(rest: str) -> None:
    text = f"""OPENQASM 3.0; include "stdgates.inc"; qubit[3] all; bit[2] c; let low = all[0:2]; h low[1];
        cx all[0], low[2]; {rest}"""
    program = program_from_qasm(text)
    back = program_from_qasm(program_to_qasm(program))
    assert [(register.name, register.size) for register in back.source.qregs] == [("low", 3)]
    assert back.num_qubits == program.num_qubits
    assert [step for step in back.steps if isinstance(step, Operation)] == [
        step for step in program.steps if isinstance(step, Operation)
    ]
    opaque, written = ([step.wires for step in p.steps if isinstance(step, OpaqueOperation)] for p in (program, back))
    assert written == opaque


def test_openqasm_keeps_the_global_phase_beside_measurements() -> None:
    circuit = QuantumCircuit(1, 1, global_phase=0.25)
    circuit.measure(0, 0)
    text = program_to_qasm(program_from_qiskit(circuit))
    assert program_from_qasm(text).global_phase == pytest.approx(0.25)


def test_names_that_openqasm_has_taken_are_not_written() -> None:
    circuit = QuantumCircuit(QuantumRegister(2, "gate"))
    circuit.cx(0, 1)
    assert program_from_qasm(program_to_qasm(program_from_qiskit(circuit))).num_qubits == 2


def test_qpy_keeps_layout_parameters_and_variables() -> None:
    given = QuantumCircuit(2, 2)
    given.cx(0, 1)
    given.rz(Parameter("free"), 1)
    given.measure_all()
    placed = transpile(given, coupling_map=[[2, 3], [3, 1]], initial_layout=[3, 1], basis_gates=["rz", "sx", "x", "cx"])
    back = program_to_qiskit(program_from_qpy(program_to_qpy(program_from_qiskit(placed))))
    assert back.layout.final_index_layout() == placed.layout.final_index_layout()
    assert [p.name for p in back.parameters] == ["free"]
    assert program_to_qiskit(program_from_qiskit(with_everything())).num_vars == 1


def test_barriers_go_where_that_is_asked_for() -> None:
    program = program_from_qiskit(with_everything(), drop_barriers=True)
    assert "barrier" not in names(program_to_qiskit(program))
    assert "measure" in names(program_to_qiskit(program))


LOOPS = {
    "qubit[4] q; for int i in [0:2] { cx q[i], q[i + 1]; } box { h q[0]; }": "cx(0,1) cx(1,2) cx(2,3) h(0)",
    "qubit[4] q; for uint i in [3:-1:1] h q[i];": "h(3) h(2) h(1)",
    "qubit[4] q; for int i in {0, 3} { x q[i]; }": "x(0) x(3)",
    "const int n = 3; qubit[3] q; for int i in [0:n - 2] { for int j in [i + 1:n - 1] { cz q[i], q[j]; } }":
        "cz(0,1) cz(0,2) cz(1,2)",
    "const uint n = 2; const uint m = n + 1; qubit[m] q; for uint i in [0:m - 2] { cx q[i], q[i + 1]; }":
        "cx(0,1) cx(1,2)",
    "qubit[2] q; for float t in {pi / 2, 1} { rx(t) q[0]; cx q[0], q[1]; }": "rx(0) cx(0,1) rx(0) cx(0,1)",
    "qubit[2] q; for int i in [0:-1] { x q[i]; } x q[1];": "x(1)",
    "qubit[2] q; for int i in [1:2] { rz(pi / 2**i) q[i - 1]; }": "rz(0) rz(1)",
    "gate g(i) a { rx(i) a; } qubit[1] q; for int i in [1:2] { g(0.5 * i) q[0]; }": "rx(0) rx(0)",
    "qubit[3] q; for int i in [0:1] { box[100ns] { ctrl @ x q[i], q[i + 1]; } }": "cx(0,1) cx(1,2)",
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), LOOPS.items())
def test_static_loops_and_boxes_are_written_out(body: str, expected: str) -> None:
    program = program_from_qasm(f'OPENQASM 3.0; include "stdgates.inc"; {body}')
    found = " ".join(f"{op.name}({','.join(map(str, op.qubits))})" for op in program.circuit().operations)
    assert found == expected


def test_loop_values_reach_the_angles() -> None:
    text = 'OPENQASM 3.0; include "stdgates.inc"; qubit q; for int i in [1:3] { rx(i * 0.5) q; }'
    assert [op.params for op in program_from_qasm(text).operations] == [(0.5,), (1.0,), (1.5,)]
    text = 'OPENQASM 3.0; include "stdgates.inc"; const float a = pi/4; qubit q; for float t in {a, 2*a, 1} rx(t) q;'
    assert [op.params for op in program_from_qasm(text).operations] == [(pi / 4,), (pi / 2,), (1.0,)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("bit[2] c; int n = 3; for int i in [0:n] { x q[0]; }", "not known before the circuit runs"),
        ("for int i in [0:99999999] { x q[0]; }", "more than"),
        ("for int i in [0:9999] { for int j in [0:9999] { x q[0]; } }", "more than"),
        ("for int i in [0:2] { x q[i]; }", "OpenQASM 3"),
        ("for int i in {0.5, 1} { rx(i) q[0]; }", "not known before the circuit runs"),
        ("const int n = 100000; bit[n] c;", "register of size '100000'"),
        ("if (true) { bit[2000] c; }", "register of size '2000'"),
    ],
)
def test_loops_that_cannot_be_written_out_are_refused(body: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        program_from_qasm(f'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; {body}')


def test_openqasm_3_of_qiskit_with_branches_is_read() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)
    assert names(program_to_qiskit(program_from_qasm(qasm3.dumps(circuit)))) == ["measure", "if_else"]


@pytest.mark.parametrize(
    ("condition", "same_as"),
    [
        ("c[0] == 1", "c[0]"),
        ("c[0] != 1", "!c[0]"),
        ("c[0] == 0", "!c[0]"),
        ("c[0] != false", "c[0]"),
        ("1 == c[0]", "c[0]"),
        ("c[i] == 1", "c[1]"),
        ("b == 1", "b"),
        ("b != true", "!b"),
        ("2 == c", "c == 2"),
    ],
)
def test_conditions_in_openqasm_3_compare_bits_with_numbers(condition: str, same_as: str) -> None:
    def read(said: str) -> QuantumCircuit:
        head = 'OPENQASM 3.0; include "stdgates.inc"; const int i = 1; qubit[2] q; bit[2] c; bit b; c = measure q;'
        return program_to_qiskit(program_from_qasm(f"{head} if ({said}) {{ x q[0]; }} else {{ h q[1]; }}"))

    assert read(condition) == read(same_as)
    assert read(condition) != read("b == false" if "b" not in condition else "c[0]")


def test_registers_that_differ_in_openqasm_3_exchange_branches() -> None:
    head = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; c = measure q;'
    differ, equal = (
        program_to_qiskit(program_from_qasm(head + branches))
        for branches in ("if (c != 2) { x q[0]; }", "if (c == 2) { } else { x q[0]; }")
    )
    assert differ == equal
    assert differ.data[-1].operation.blocks[1].count_ops() == {"x": 1}
