from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import parse_coupling
from circuitdiff.circuits.gate_sets import parse_gate_set
from circuitdiff.evaluation.verification import Device, verdict_on

DEVICE = Device(parse_gate_set("u,cx"), parse_coupling("line", 3))
CIRCUIT = Circuit.from_gates(
    3, [("u", (0,), (0.3, 0.4, 0.5)), ("cx", (0, 1), ()), ("u", (1,), (1, 2, 3)), ("cx", (2, 1), ())]
)


def test_exact_circuit_that_fits_has_no_fault() -> None:
    verdict = verdict_on(CIRCUIT, np.exp(0.7j) * CIRCUIT.unitary(), DEVICE, 1e-9)
    assert verdict.fault is None
    assert verdict.infidelity < 1e-14


def test_wrong_angle_is_detected() -> None:
    first = CIRCUIT.operations[0]
    wrong = replace(CIRCUIT, operations=(first._replace(params=(0.301, 0.4, 0.5)), *CIRCUIT.operations[1:]))
    verdict = verdict_on(wrong, CIRCUIT.unitary(), DEVICE, 1e-9)
    assert verdict.fault is not None
    assert verdict.fault.startswith("not exact")
    assert 1e-8 < verdict.infidelity < 1e-6


@pytest.mark.parametrize(
    ("gates", "fault"),
    [
        ([("cz", (0, 1), ())], "gate cz is not in u,cx"),
        ([("cx", (2, 0), ())], "coupling 0-2 is not on line"),
        ([("u", (0,), (float("nan"), 0.0, 0.0))], "not exact"),
    ],
)
def test_what_does_not_fit_the_device_is_named(
    gates: list[tuple[str, tuple[int, ...], tuple[float, ...]]], fault: str
) -> None:
    circuit = (
        Circuit(3, tuple(Circuit.from_gates(3, [g]).operations[0] for g in gates)) if fault != "not exact" else None
    )
    if circuit is None:
        broken = CIRCUIT.operations[0]._replace(params=gates[0][2])
        circuit = replace(CIRCUIT, operations=(broken, *CIRCUIT.operations[1:]))
        target = CIRCUIT.unitary()
    else:
        target = circuit.unitary()
    found = verdict_on(circuit, target, DEVICE, 1e-9).fault
    assert found is not None
    assert found.startswith(fault)


def test_register_of_another_size_is_a_fault() -> None:
    small = Circuit.from_gates(2, [("cx", (0, 1), ())])
    assert verdict_on(small, CIRCUIT.unitary(), DEVICE, 1e-9).fault == "2 qubits instead of 3"


@pytest.mark.parametrize("initial", list(permutations(range(3))))
def test_places_of_qubits_are_taken_into_account(initial: tuple[int, int, int]) -> None:
    everywhere = Device(DEVICE.gate_set, parse_coupling("all", 3))
    swapped = Circuit.from_gates(3, [("cx", (0, 2), ()), ("cx", (2, 0), ()), ("cx", (0, 2), ())])
    after_swap = {0: 2, 1: 1, 2: 0}
    placed = CIRCUIT.permuted(initial)
    device_circuit = Circuit(3, placed.operations + swapped.operations)
    final = tuple(after_swap[place] for place in initial)
    assert verdict_on(device_circuit, CIRCUIT.unitary(), everywhere, 1e-9, initial, final).fault is None
    assert verdict_on(device_circuit, CIRCUIT.unitary(), everywhere, 1e-9, initial, initial).fault is not None
