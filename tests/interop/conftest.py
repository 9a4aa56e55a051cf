"""Circuits that notice a wrong bit order, and the checks every format shares."""

from __future__ import annotations

import numpy as np
import pytest

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES

GATE_NAMES = tuple(name for name in GATES if name != "dcz")
"""The gates that other formats can hold; ``dcz`` lives inside the model."""


def lone_gate(name: str, seed: int = 0) -> Circuit:
    """One gate on scattered qubits of a register of four, between different rotations of each."""
    rng = np.random.default_rng(seed)
    qubits = rng.permutation(4)[: GATES[name].num_qubits]
    dressing = [("u", (q,), rng.uniform(-3, 3, 3)) for q in range(3)]
    lone = (name, qubits, rng.uniform(-3, 3, GATES[name].num_params))
    return Circuit.from_gates(4, [*dressing, lone, *reversed(dressing)], global_phase=float(rng.uniform(-3, 3)))


@pytest.fixture(params=GATE_NAMES)
def gate_circuit(request: pytest.FixtureRequest) -> Circuit:
    return lone_gate(request.param)
