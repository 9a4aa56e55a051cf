from __future__ import annotations

import pytest

from circuitdiff.circuits.circuit import Circuit, infidelity
from circuitdiff.circuits.gate_sets import PRESETS
from circuitdiff.errors import InputError
from circuitdiff.resynthesis import resynthesize


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


def test_a_tolerance_below_rounding_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be told from rounding"):
        resynthesize(ladder(6, 0.3), gate_set="clifford+t", tol=1e-15)
