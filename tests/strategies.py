"""Random circuits and targets for tests."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import unitary_group

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import GATES

ANGLES = st.floats(-2 * pi, 2 * pi, allow_subnormal=False) | st.integers(-8, 8).map(lambda k: k * pi / 4)

QISKIT_GATES = tuple(name for name in GATES if name != "dcz")
"""Every gate that Qiskit knows too."""


@st.composite
def circuits(
    draw: st.DrawFn,
    gate_names: Sequence[str] = QISKIT_GATES,
    min_qubits: int = 1,
    max_qubits: int = 4,
    max_gates: int = 8,
) -> Circuit:
    """Circuits over some gates, on any qubits in any order, with a global phase."""
    num_qubits = draw(st.integers(min_qubits, max_qubits))
    fitting = [name for name in gate_names if GATES[name].num_qubits <= num_qubits]
    gates = []
    for name in draw(st.lists(st.sampled_from(fitting), max_size=max_gates)):
        qubits = draw(st.permutations(range(num_qubits)))[: GATES[name].num_qubits]
        count = GATES[name].num_params
        gates.append((name, qubits, draw(st.lists(ANGLES, min_size=count, max_size=count))))
    return Circuit.from_gates(num_qubits, gates, draw(ANGLES))


def random_circuit(num_qubits: int, gate_names: Sequence[str], length: int, rng: np.random.Generator) -> Circuit:
    """A circuit of some length with angles from the whole circle."""
    fitting = [name for name in gate_names if GATES[name].num_qubits <= num_qubits]
    gates = []
    for name in rng.choice(fitting, size=length):
        qubits = rng.permutation(num_qubits)[: GATES[name].num_qubits]
        gates.append((str(name), qubits, rng.uniform(-2 * pi, 2 * pi, GATES[name].num_params)))
    return Circuit.from_gates(num_qubits, gates)


def haar(num_qubits: int, seed: int = 0) -> NDArray[np.complex128]:
    """A (2^n, 2^n) unitary from the Haar measure."""
    return np.asarray(unitary_group.rvs(1 << num_qubits, random_state=seed), dtype=np.complex128)
