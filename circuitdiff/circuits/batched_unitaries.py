"""Unitaries of many small circuits at once: the t-th gates of all of them are applied together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gates import GATES, Gate, fixed_matrix
from circuitdiff.circuits.pauli import apply_rotation, parse_pauli

Matrices = NDArray[np.complex128]


def batched_unitaries(circuits: Sequence[Circuit]) -> list[Matrices]:
    """Return each circuit's (2^n, 2^n) unitary, as `Circuit.unitary` does, in numpy calls that all of them share."""
    matrices = _gate_matrices([op for circuit in circuits for op in circuit.operations])
    starts = np.cumsum([0, *(circuit.num_gates for circuit in circuits)])
    found: list[Matrices] = [np.empty((0, 0), dtype=np.complex128)] * len(circuits)
    for num_qubits in sorted({circuit.num_qubits for circuit in circuits}):
        members = [n for n, circuit in enumerate(circuits) if circuit.num_qubits == num_qubits]
        members.sort(key=lambda n: -circuits[n].num_gates)
        for member, unitary in zip(members, _of_one_size(circuits, members, starts, matrices), strict=True):
            found[member] = unitary
    return found


def _of_one_size(
    circuits: Sequence[Circuit], members: Sequence[int], starts: NDArray[np.int64], matrices: Sequence[Matrices]
) -> Matrices:
    """Return the (members, d, d) unitaries of circuits of one size, the longest first."""
    dim = 1 << circuits[members[0]].num_qubits
    unitaries = np.tile(np.eye(dim, dtype=np.complex128), (len(members), 1, 1))
    for layer in range(circuits[members[0]].num_gates):
        rows: dict[tuple[int, ...], list[int]] = {}
        for row, member in enumerate(members):
            if layer >= circuits[member].num_gates:
                break
            rows.setdefault(circuits[member].operations[layer].qubits, []).append(row)
        for qubits, together in rows.items():
            gates = np.stack([matrices[starts[members[row]] + layer] for row in together])
            unitaries[together] = _applied(gates, qubits, unitaries[together])
    phases = np.array([circuits[member].global_phase for member in members])
    return np.asarray(np.exp(1j * phases)[:, None, None] * unitaries)


def _applied(gates: Matrices, qubits: Sequence[int], unitaries: Matrices) -> Matrices:
    """Return (b, d, d) unitaries followed by (b, 2^k, 2^k) gates on some of their qubits."""
    batch, dim, _ = unitaries.shape
    num_qubits = dim.bit_length() - 1
    axes = [num_qubits - q for q in reversed(qubits)]  # the first axis is the batch
    tensor = np.moveaxis(unitaries.reshape(batch, *(2,) * num_qubits, dim), axes, range(1, 1 + len(axes)))
    moved = (gates @ tensor.reshape(batch, gates.shape[1], -1)).reshape(tensor.shape)
    return np.moveaxis(moved, range(1, 1 + len(axes)), axes).reshape(unitaries.shape)


def _gate_matrices(operations: Sequence[Operation]) -> list[Matrices]:
    """Return the matrix of every operation, those of one gate computed together."""
    by_name: dict[str, list[int]] = {}
    for position, op in enumerate(operations):
        by_name.setdefault(op.name, []).append(position)
    found: list[Matrices] = [np.empty((0, 0), dtype=np.complex128)] * len(operations)
    for name, positions in by_name.items():
        if GATES[name].num_params:
            params = np.array([operations[position].params for position in positions])
            for position, matrix in zip(positions, _parametrised(GATES[name], params), strict=True):
                found[position] = matrix
        else:
            for position in positions:
                found[position] = fixed_matrix(name)
    return found


def _parametrised(gate: Gate, params: NDArray[np.float64]) -> Matrices:
    """Return the (b, 2^k, 2^k) matrices of one gate for (b, parameters) angles."""
    eye = np.eye(1 << gate.num_qubits, dtype=np.complex128)
    unitaries = np.tile(eye, (len(params), 1, 1))
    for rotation in gate.rotations:
        place = parse_pauli(rotation.pauli, tuple(range(gate.num_qubits)))
        half_turn = 1j * apply_rotation(place, np.pi, eye)  # the Pauli string itself
        offset = np.full(len(params), rotation.offset)
        angles = offset if rotation.param is None else offset + rotation.scale * params[:, rotation.param]
        cosines, sines = np.cos(angles / 2)[:, None, None], np.sin(angles / 2)[:, None, None]
        unitaries = cosines * unitaries - 1j * sines * (half_turn @ unitaries)
    phases = gate.phase_offset + params @ np.array(gate.phase_scale)
    return np.asarray(np.exp(1j * phases)[:, None, None] * unitaries)
