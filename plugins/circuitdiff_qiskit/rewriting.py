"""A pass that applies mined rewrite rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.transpiler.basepasses import TransformationPass

from circuitdiff import Circuit, InputError, apply_rules, read_rules

if TYPE_CHECKING:
    from qiskit.dagcircuit import DAGCircuit


class CircuitDiffRewriting(TransformationPass):
    """Applies rules wherever their left-hand sides occur, until none does.

    Args:
        rules: a file that ``circuitdiff mine -o`` wrote; each rule is verified anew.

    Raises:
        InputError: the file is no file of rules, or a rule does not hold.
    """

    def __init__(self, rules: str) -> None:
        super().__init__()
        self.rules = read_rules(rules)

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Rewrite a circuit; one that is no unitary, such as one with measurements, comes back as it is."""
        given = dag_to_circuit(dag)
        try:
            circuit = Circuit.from_qiskit(given)
        except InputError:
            return dag
        shorter, applied = apply_rules(circuit, self.rules)
        if not applied:
            return dag
        rewritten = given.copy_empty_like()
        rewritten.global_phase = 0
        rewritten.compose(shorter.to_qiskit(), range(given.num_qubits), inplace=True)
        return circuit_to_dag(rewritten)
