"""Writing Clifford+T circuits: Cliffords gather, T merge, and both pass what they commute with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from circuitdiff.circuits.circuit import T_GATES, Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.circuits.single_qubit import gate_matrix
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.clifford_t.clifford_basis import (
    CliffordBasis,
    clifford_basis,
    clifford_index,
    multiplication,
    quarter_turns,
)
from circuitdiff.synthesis.clifford_t.sequences import Names

_EIGHTHS = {"t": 1, "s": 2, "z": 4, "sdg": 6, "tdg": 7}
"""Gates about Z, in multiples of pi/4."""


@dataclass
class Writer:
    """A circuit under way; on each qubit a Clifford is pending and then a rotation about Z by eighths of a turn."""

    num_qubits: int
    basis: CliffordBasis
    operations: list[Operation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clifford = [0] * self.num_qubits
        self.eighths = [0] * self.num_qubits

    def gates(self, qubit: int, names: Names) -> None:
        """Append gates among Cliffords, t and tdg."""
        for name in names:
            if name in _EIGHTHS:
                self.eighths[qubit] = (self.eighths[qubit] + _EIGHTHS[name]) % 8
            else:
                self.multiply(qubit, clifford_index(gate_matrix(name, ())))

    def cz(self, a: int, b: int) -> None:
        """Append a CZ in the entanglers of the set, in the direction that leaves the fewest gates."""
        orders = ((a, b), (b, a))
        gates_before = [sum(self._split(q, self._first_local(q, order))[0] for q in order) for order in orders]
        qubits = orders[0] if gates_before[0] <= gates_before[1] else orders[1]
        passing = {}
        for q in qubits:
            _, quarters, self.clifford[q] = self._split(q, self._first_local(q, qubits))
            passing[q], self.eighths[q] = (self.eighths[q] + 2 * quarters) % 8, 0
        for op in self.basis.cz:
            places = tuple(qubits[i] for i in op.qubits)
            if op.name == "clifford":
                self.multiply(places[0], int(op.params[0]))
                continue
            for q in places:
                self._write(q, self.clifford[q])
                self.clifford[q] = 0
            self.operations.append(Operation(op.name, places))
        for q in qubits:
            self.eighths[q] = passing[q]

    def finish(self) -> Circuit:
        """Write what is pending and return the circuit."""
        for q in range(self.num_qubits):
            if self.eighths[q] % 2:
                self._write_t(q)
            self._write(q, multiplication()[quarter_turns()[self.eighths[q] // 2]][self.clifford[q]])
        return Circuit(self.num_qubits, tuple(self.operations))

    def multiply(self, qubit: int, clifford: int) -> None:
        """Append a Clifford."""
        if self.eighths[qubit] % 2:
            if clifford in quarter_turns():
                self.eighths[qubit] = (self.eighths[qubit] + 2 * quarter_turns().index(clifford)) % 8
                return
            self._write_t(qubit)
        table = multiplication()
        turned = table[quarter_turns()[self.eighths[qubit] // 2]][self.clifford[qubit]]
        self.clifford[qubit], self.eighths[qubit] = table[clifford][turned], 0

    def _write_t(self, qubit: int) -> None:
        """Write the pending Clifford and a T, or its inverse, such that quarter turns are left pending."""
        _, quarters, clifford = self._split(qubit, 0)
        self._write(qubit, clifford)
        total = (self.eighths[qubit] + 2 * quarters) % 8
        name = "t" if (total < 4 and "t" in self.basis.t) or "tdg" not in self.basis.t else "tdg"
        self.operations.append(Operation(name, (qubit,)))
        self.clifford[qubit], self.eighths[qubit] = 0, (total - _EIGHTHS[name]) % 8

    def _split(self, qubit: int, local: int) -> tuple[int, int, int]:
        """Split the pending Clifford into one to be written in front of ``local`` and quarter turns that are not.

        Returns:
            The number of gates that the two to be written make together, the quarter turns, and the Clifford.
        """
        table, sequences = multiplication(), self.basis.sequences
        options = []
        for quarters in range(4):
            rest = table[quarter_turns()[-quarters]][self.clifford[qubit]]
            options.append((len(sequences[table[local][rest]]), quarters, rest))
        return min(options)

    def _first_local(self, qubit: int, qubits: tuple[int, int]) -> int:
        """Return the Clifford that the clifford_basis of CZ puts on a qubit before its first entangler."""
        local = 0
        for op in self.basis.cz:
            if op.name != "clifford":
                break
            if qubits[op.qubits[0]] == qubit:
                local = multiplication()[int(op.params[0])][local]
        return local

    def _write(self, qubit: int, clifford: int) -> None:
        self.operations += [Operation(name, (qubit,)) for name in self.basis.sequences[clifford]]


def exact_circuit(circuit: Circuit, gate_set: GateSet) -> Circuit | None:
    """Return a circuit of Cliffords and T in a gate set, its T merged; None where it has gates with other angles."""
    writer = Writer(circuit.num_qubits, clifford_basis(gate_set))
    for operation in circuit.operations:
        for name, qubits, params in _single_qubit_and_cz(operation):
            if name == "cz":
                writer.cz(*(operation.qubits[q] for q in qubits))
            elif name in T_GATES:
                writer.gates(operation.qubits[0], (name,))
            elif (index := clifford_index(gate_matrix(name, params))) >= 0:
                writer.multiply(operation.qubits[qubits[0]], index)
            else:
                return None
    return writer.finish()


def _single_qubit_and_cz(operation: Operation) -> tuple[Operation, ...]:
    """Return a gate on one or two qubits as gates on qubits 0 and 1."""
    if len(operation.qubits) == 1:
        return (operation._replace(qubits=(0,)),)
    return _as_cz(operation.name, operation.params)


@lru_cache(maxsize=256)
def _as_cz(name: str, params: tuple[float, ...]) -> tuple[Operation, ...]:
    return translate_basis(Circuit(2, (Operation(name, (0, 1), params),)), GateSet("u,cz", ("u", "cz"))).operations
