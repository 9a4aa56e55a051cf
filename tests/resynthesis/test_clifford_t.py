from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit, Operation, infidelity
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.circuits.program import OpaqueOperation, Program
from circuitdiff.errors import InputError
from circuitdiff.interop import program_from_qasm
from circuitdiff.resynthesis import resynthesize, resynthesize_program


def ladder(num_qubits: int, angle: float) -> Circuit:
    """Return rotations about Z between CX ladders that undo each other, twice."""
    down = [("cx", (q, q + 1), ()) for q in range(num_qubits - 1)]
    gates = [*down, ("rz", (num_qubits - 1,), (angle,)), *reversed(down), ("rx", (0,), (0.2,))]
    return Circuit.from_gates(num_qubits, [*gates, *down, ("rz", (0,), (angle,)), ("rz", (0,), (angle,)), *gates])


@pytest.mark.parametrize(("num_qubits", "tol"), [(4, 1e-3), (8, 1e-3), (17, 1e-2)])
def test_a_whole_circuit_is_within_the_tolerance(num_qubits: int, tol: float) -> None:
    circuit = ladder(num_qubits, 0.3)
    result = resynthesize(circuit, gate_set="clifford+t", tol=tol)
    assert result.tol_met
    assert result.infidelity is not None
    assert result.infidelity <= tol
    assert result.circuit.gate_names <= set(PRESETS["clifford+t"])
    if num_qubits < 9:
        assert infidelity(circuit.unitary(), result.circuit.unitary()) <= tol


def test_what_is_exact_stays_so_with_no_more_t() -> None:
    gates = [("ccx", (0, 1, 2), ()), ("cx", (2, 3), ()), ("t", (3,), ()), ("ccx", (0, 1, 2), ())]
    result = resynthesize(Circuit.from_gates(4, gates), gate_set="clifford+t", tol=1e-15)
    assert result.circuit.t_count <= 13
    assert result.infidelity == pytest.approx(0.0, abs=1e-12)


def test_what_is_approximated_already_is_read_back_and_approximated_anew() -> None:
    circuit = ladder(4, 0.3)
    fine = resynthesize(circuit, gate_set="clifford+t", tol=1e-7).circuit
    assert isinstance(fine, Circuit)
    rough = resynthesize(fine, gate_set="clifford+t", tol=1e-2)
    assert rough.circuit.t_count < fine.t_count / 2
    assert infidelity(circuit.unitary(), rough.circuit.unitary()) <= 1.01e-2
    assert resynthesize(fine, gate_set="clifford+t", tol=1e-15).circuit.t_count <= fine.t_count


def test_a_tolerance_below_rounding_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be told from rounding"):
        resynthesize(ladder(6, 0.3), gate_set="clifford+t", tol=1e-15)


CONTROLLED = """OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[2] c;
h q[0]; rz(0.3) q[0]; cx q[0], q[1]; ry(0.7) q[1];
c[0] = measure q[0];
if (c[0]) { rx(0.4) q[1]; cx q[1], q[2]; rz(0.2) q[2]; } else { ccx q[0], q[1], q[2]; }
ry(0.9) q[2];
"""


def runs(program: Program) -> list[Circuit]:
    """Return what lies between opaque operations, and the bodies of these, as circuits."""
    found, gates = [], []
    for step in program.steps:
        if isinstance(step, Operation):
            gates.append(step)
            continue
        found += [Circuit(program.num_qubits, tuple(gates)), *(body.circuit() for body in step.bodies)]
        gates = []
    return [*found, Circuit(program.num_qubits, tuple(gates))]


def test_bodies_of_control_flow_share_the_budget_of_the_circuit() -> None:
    program = program_from_qasm(CONTROLLED)
    result = resynthesize_program(program, gate_set="clifford+t", tol=1e-3)
    after = result.circuit
    assert isinstance(after, Program)
    assert {gate.name for gate in after.gates()} <= set(PRESETS["clifford+t"])
    pairs = zip(runs(program), runs(after), strict=True)
    angles = [np.arccos(1 - infidelity(before.unitary(), made.unitary())) for before, made in pairs]
    assert 1 - np.cos(sum(angles)) == pytest.approx(result.infidelity, rel=1e-3)  # the second branch is exact
    assert result.tol_met
    branches = next(step.bodies for step in after.steps if isinstance(step, OpaqueOperation) and step.bodies)
    assert branches[1].t_count == 7


def test_without_time_a_whole_circuit_misses_the_tolerance_and_says_by_how_much() -> None:
    circuit = ladder(8, 0.3)
    result = resynthesize(circuit, gate_set="clifford+t", tol=1e-9, timeout=0)
    assert not result.tol_met
    assert result.infidelity is not None
    assert infidelity(circuit.unitary(), result.circuit.unitary()) == pytest.approx(result.infidelity, rel=0.5)
