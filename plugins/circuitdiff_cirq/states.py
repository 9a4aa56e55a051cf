"""From amplitudes to a Cirq circuit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cirq
from numpy.typing import ArrayLike

import circuitdiff


def prepare_state(amplitudes: ArrayLike, qubits: Sequence[cirq.Qid] | None = None, **settings: Any) -> cirq.Circuit:
    """Return a circuit that makes a state, or an isometry's columns, of qubits in zero; global phase included.

    Args:
        amplitudes: (2^n,) in Cirq's order, the first qubit most significant; or (2^n, 2^m), where the last ``m`` qubits
            are the input.
        qubits: in Cirq's order; line qubits by default.
        settings: keywords of `circuitdiff.compile`; a coupling map numbers the qubits from the last.

    Raises:
        circuitdiff.InputError: amplitudes that are no state, as many qubits as do not fit, or ``up_to``: a circuit of
            Cirq cannot say in which order its qubits end.
    """
    if "up_to" in settings:
        raise circuitdiff.InputError("up_to is not offered here: a circuit of Cirq keeps the order of its qubits")
    target = circuitdiff.read_target(amplitudes)
    n = target.num_qubits
    names = cirq.LineQubit.range(n) if qubits is None else list(qubits)
    if len(names) != n:
        raise circuitdiff.InputError(f"{len(names)} qubits are given for amplitudes of {n}")
    result = circuitdiff.compile(target, **settings)  # its last qubit, most significant too, is Cirq's first
    circuit: cirq.Circuit = result.circuit.to_cirq()
    line = dict(zip(cirq.LineQubit.range(n), reversed(names), strict=True))
    return circuit.transform_qubits(line)
