"""The immutable circuit: operations in time order, with its exact unitary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.gates import GATES, fixed_matrix, gate
from circuitdiff.errors import InputError

T_GATES = ("t", "tdg")
"""What Clifford+T circuits are counted by."""


class Operation(NamedTuple):
    """A gate on an ordered tuple of qubits; parameters in radians."""

    name: str
    qubits: tuple[int, ...]
    params: tuple[float, ...] = ()


@dataclass(frozen=True)
class Circuit:
    """Operations on ``num_qubits`` qubits, first applied first, and a global phase in radians."""

    num_qubits: int
    operations: tuple[Operation, ...] = ()
    global_phase: float = 0.0

    @classmethod
    def from_gates(
        cls,
        num_qubits: int,
        gates: Iterable[tuple[str, Sequence[int], Sequence[float]]],
        global_phase: float = 0.0,
    ) -> Circuit:
        """Build a circuit from ``(name, qubits, params)`` and check every gate against the library.

        Raises:
            InputError: unknown gate, wrong number of qubits or parameters, repeated or out-of-range qubit,
                or a parameter that is not finite.
        """
        operations = tuple(Operation(n, tuple(map(int, q)), tuple(map(float, p))) for n, q, p in gates)
        for operation in operations:
            _check(operation, num_qubits)
        return cls(num_qubits, operations, global_phase)

    def unitary(self) -> NDArray[np.complex128]:
        """Return the (2^n, 2^n) complex128 unitary, qubit 0 least significant, global phase included."""
        return self.columns(1 << self.num_qubits)

    def columns(self, count: int) -> NDArray[np.complex128]:
        """Return the first columns of the unitary, (2^n, count) complex128: what becomes of those basis states."""
        return self.applied(np.eye(1 << self.num_qubits, count, dtype=np.complex128))

    def applied(self, states: NDArray[np.complex128]) -> NDArray[np.complex128]:
        """Return what becomes of (2^n, k) states; a run of single-qubit gates is multiplied up before it is applied."""
        pending: dict[int, NDArray[np.complex128]] = {}
        for name, qubits, params in self.operations:
            if len(qubits) == 1:
                matrix = _local_matrix(name, params)
                pending[qubits[0]] = matrix @ pending[qubits[0]] if qubits[0] in pending else matrix
                continue
            for q in qubits:
                if q in pending:
                    states = apply_matrix(pending.pop(q), (q,), states)
            states = apply_gate(name, qubits, params, states)
        for q, matrix in pending.items():
            states = apply_matrix(matrix, (q,), states)
        return np.asarray(np.exp(1j * self.global_phase) * states)

    def inverse(self) -> Circuit:
        """Return the circuit of the inverse operation."""
        parts = (
            Operation(name, tuple(op.qubits[i] for i in places), params)
            for op in reversed(self.operations)
            for name, places, params in GATES[op.name].inverse(op.params)
        )
        return Circuit(self.num_qubits, tuple(parts), -self.global_phase)

    def in_phase_with(self, target: NDArray[np.complex128]) -> Circuit:
        """Return the circuit with the global phase that brings its first columns closest to a (2^n, k) target."""
        difference = float(np.angle(np.vdot(self.columns(target.shape[1]), target)))
        return Circuit(self.num_qubits, self.operations, self.global_phase + difference)

    def permuted(self, permutation: Sequence[int], num_qubits: int | None = None) -> Circuit:
        """Return the circuit with qubit ``q`` renamed ``permutation[q]``, on a register that may be larger."""
        moved = tuple(op._replace(qubits=tuple(permutation[q] for q in op.qubits)) for op in self.operations)
        return Circuit(num_qubits or self.num_qubits, moved, self.global_phase)

    def on_used_qubits(self) -> tuple[Circuit, tuple[int, ...]]:
        """Return the circuit on a register of the qubits that it uses, and which these are, in ascending order."""
        used = tuple(sorted({q for op in self.operations for q in op.qubits}))
        place = {q: number for number, q in enumerate(used)}
        moved = tuple(op._replace(qubits=tuple(place[q] for q in op.qubits)) for op in self.operations)
        return Circuit(len(used), moved, self.global_phase), used

    def expand(self) -> Circuit:
        """Replace each ``dcz`` of the model by rz, ry and cz."""
        expanded: list[Operation] = []
        for op in self.operations:
            if op.name != "dcz":
                expanded.append(op)
                continue
            for place, qubit in enumerate(op.qubits):
                beta, gamma = op.params[2 * place : 2 * place + 2]
                expanded += [Operation("rz", (qubit,), (gamma,)), Operation("ry", (qubit,), (beta,))]
            expanded.append(Operation("cz", op.qubits))
        return replace(self, operations=tuple(expanded))

    def to_qiskit(self) -> Any:
        """Return the same circuit as a `qiskit.QuantumCircuit`, global phase included."""
        return _interop().to_qiskit(self)

    @classmethod
    def from_qiskit(cls, circuit: Any) -> Circuit:
        """Read a `qiskit.QuantumCircuit` without measurements; see `circuitdiff.interop`."""
        converted: Circuit = _interop().from_qiskit(circuit)
        return converted

    def to_cirq(self) -> Any:
        """Return the same circuit as a `cirq.Circuit` on line qubits, global phase included."""
        return _interop().to_cirq(self)

    @classmethod
    def from_cirq(cls, circuit: Any) -> Circuit:
        """Read a `cirq.Circuit` without measurements, its qubits in sorted order; see `circuitdiff.interop`."""
        converted: Circuit = _interop().from_cirq(circuit)
        return converted

    def to_qasm(self, version: int = 3) -> str:
        """Return the circuit as OpenQASM 3 or 2."""
        return str(_interop().to_qasm(self, version))

    @classmethod
    def from_qasm(cls, text: str) -> Circuit:
        """Read OpenQASM 2 or 3; see `circuitdiff.interop`."""
        converted: Circuit = _interop().from_qasm(text)
        return converted

    @cached_property
    def num_gates(self) -> int:
        """Number of operations."""
        return len(self.operations)

    @cached_property
    def two_qubit_count(self) -> int:
        """Number of operations on two or more qubits."""
        return sum(len(op.qubits) >= 2 for op in self.operations)

    @cached_property
    def depth(self) -> int:
        """Number of layers when every operation starts as early as it can."""
        ready = [0] * self.num_qubits
        for op in self.operations:
            layer = 1 + max(ready[q] for q in op.qubits)
            for q in op.qubits:
                ready[q] = layer
        return max(ready, default=0)

    @cached_property
    def t_count(self) -> int:
        """Number of t and tdg gates."""
        return sum(op.name in T_GATES for op in self.operations)

    @cached_property
    def t_depth(self) -> int:
        """Number of layers of t and tdg gates when every operation starts as early as it can."""
        ready = [0] * self.num_qubits
        for op in self.operations:
            layer = max(ready[q] for q in op.qubits) + (op.name in T_GATES)
            for q in op.qubits:
                ready[q] = layer
        return max(ready, default=0)

    @cached_property
    def pairs(self) -> frozenset[tuple[int, int]]:
        """The couplings in use: every pair ``(low, high)`` that shares an operation."""
        return frozenset(
            (min(a, b), max(a, b)) for op in self.operations for i, a in enumerate(op.qubits) for b in op.qubits[:i]
        )

    @cached_property
    def gate_names(self) -> frozenset[str]:
        """The names of the gates in use."""
        return frozenset(op.name for op in self.operations)


def _interop() -> ModuleType:
    """Return the package that knows other SDKs; it stands above this one, so it is looked up only when asked for."""
    return import_module("circuitdiff.interop")


def apply_gate(
    name: str, qubits: Sequence[int], params: Sequence[float], matrix: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Return ``gate @ matrix`` for a matrix of ``2^n`` rows."""
    return apply_matrix(_local_matrix(name, params), qubits, matrix)


def _local_matrix(name: str, params: Sequence[float]) -> NDArray[np.complex128]:
    return GATES[name].matrix(params) if params else fixed_matrix(name)


def apply_matrix(
    local: NDArray[np.complex128], qubits: Sequence[int], matrix: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Return a (2^k, 2^k) gate on ``k`` qubits, the first of them its lowest bit, times a matrix of ``2^n`` rows."""
    num_qubits = matrix.shape[0].bit_length() - 1
    axes = [num_qubits - 1 - q for q in reversed(qubits)]
    tensor = matrix.reshape((2,) * num_qubits + (-1,))
    tensor = np.moveaxis(tensor, axes, range(len(axes)))
    moved = (local @ tensor.reshape(local.shape[0], -1)).reshape(tensor.shape)
    return np.ascontiguousarray(np.moveaxis(moved, range(len(axes)), axes)).reshape(matrix.shape)


def infidelity(target: NDArray[np.complex128], found: NDArray[np.complex128]) -> float:
    """Return ``1 - |tr(T^dagger V)| / k``: zero when orthonormal (d, k) columns agree up to one global phase."""
    overlap = abs(np.vdot(target, found)) / target.shape[1]
    return max(0.0, 1.0 - float(overlap))


def phase_free_key(unitary: NDArray[np.complex128], decimals: int) -> bytes:
    """Return bytes that are the same for (d, d) unitaries that agree up to a phase and to so many decimals."""
    pivot = unitary.flat[int(np.argmax(np.abs(unitary).ravel() > 0.5 / len(unitary) ** 0.5))]
    return (np.round(unitary * (pivot.conj() / abs(pivot)), decimals) + (0.0 + 0.0j)).tobytes()  # no negative zeros


def _check(operation: Operation, num_qubits: int) -> None:
    name, qubits, params = operation
    definition = gate(name)
    if len(qubits) != definition.num_qubits:
        raise InputError(f"gate {name} acts on {definition.num_qubits} qubits, got {len(qubits)}")
    if len(params) != definition.num_params:
        raise InputError(f"gate {name} takes {definition.num_params} parameters, got {len(params)}")
    if len(set(qubits)) != len(qubits):
        raise InputError(f"gate {name} repeats a qubit: {qubits}")
    if not all(0 <= q < num_qubits for q in qubits):
        raise InputError(f"gate {name} on qubits {qubits} does not fit a register of {num_qubits}")
    if not np.isfinite(params).all():
        raise InputError(f"gate {name} has a parameter that is not finite: {params}")
