"""Runs of gates on one pair of qubits, replaced by their optimal circuit in a gate set."""

from __future__ import annotations

from dataclasses import dataclass, field

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.synthesis.analytic.basis_translation import translate_basis
from circuitdiff.synthesis.analytic.two_qubit import two_qubit_circuit


@dataclass
class _Block:
    """Operations on one pair, or on one qubit while no pair is known."""

    qubits: tuple[int, ...]
    operations: list[Operation] = field(default_factory=list)


def resynthesise_pairs(circuit: Circuit, gate_set: GateSet, holding: str | None = None) -> Circuit:
    """Collect the gates that act on one pair in a row and replace each such block where that saves two-qubit gates.

    Args:
        circuit: any circuit of gates on one or two qubits; pairs in use stay the same.
        gate_set: what new blocks are made of; it must make any single-qubit gate and entangle.
        holding: name of a gate; blocks without it stay as they are.
    """
    operations: list[Operation] = []
    for block in _blocks(circuit):
        entanglers = [op.name for op in block.operations if len(op.qubits) == 2]
        if len(entanglers) < 2 if holding is None else holding not in entanglers:
            operations += block.operations
            continue
        places = {q: i for i, q in enumerate(block.qubits)}
        local = tuple(op._replace(qubits=tuple(places[q] for q in op.qubits)) for op in block.operations)
        best = two_qubit_circuit(Circuit(2, local).unitary(), gate_set)
        if best.two_qubit_count >= translate_basis(Circuit(2, local), gate_set).two_qubit_count:
            operations += block.operations
            continue
        operations += best.permuted(block.qubits, circuit.num_qubits).operations
    return Circuit(circuit.num_qubits, tuple(operations), circuit.global_phase)


def _blocks(circuit: Circuit) -> list[_Block]:
    """Cut a circuit into blocks, in an order in which they may be applied one after the other."""
    done: list[_Block] = []
    current: list[_Block] = [_Block((q,)) for q in range(circuit.num_qubits)]
    for op in circuit.operations:
        if len(op.qubits) == 1:
            current[op.qubits[0]].operations.append(op)
            continue
        pair = (min(op.qubits), max(op.qubits))
        if current[pair[0]].qubits != pair:
            earlier: list[Operation] = []
            for q in pair:
                old = current[q]
                if len(old.qubits) == 1:
                    earlier += old.operations
                else:
                    done.append(old)
                    for member in old.qubits:
                        current[member] = _Block((member,))
            block = _Block(pair, earlier)
            current[pair[0]] = current[pair[1]] = block
        current[pair[0]].operations.append(op)
    unique = {id(block): block for block in current}
    return [*done, *unique.values()]
