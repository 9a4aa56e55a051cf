"""Circuits made shorter by rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.mining.patterns import Pattern
from circuitdiff.mining.rules import Rule, rule_for
from circuitdiff.mining.windows import windows


def apply_rules(circuit: Circuit, rules: Sequence[Rule]) -> tuple[Circuit, list[Rule]]:
    """Apply rules wherever their left-hand sides occur, one after the other, until none does.

    Every step leaves fewer gates on several qubits, or as many and fewer gates.

    Returns:
        The circuit, global phase included, and the rules in the order in which they were applied.
    """
    known = {rule.lhs: rule for rule in rules}
    most = max((len(rule.lhs.steps) for rule in rules), default=0)
    applied: list[Rule] = []
    while (step := _step(circuit, known, most)) is not None:
        circuit, rule = step
        applied.append(rule)
    return circuit, applied


def _step(circuit: Circuit, known: dict[Pattern, Rule], most: int) -> tuple[Circuit, Rule] | None:
    """Apply the first rule that applies."""
    for window in windows(circuit, most):
        found = rule_for(circuit, window, known)
        if found is None:
            continue
        rule, match = found
        old = rule.lhs.circuit(match.free)
        new = rule.rhs.circuit(match.free)
        phase = float(np.angle(np.vdot(new.unitary(), old.unitary())))
        moved = new.permuted(match.qubits, circuit.num_qubits).operations
        before = circuit.operations[: window[0]]
        after = (op for i, op in enumerate(circuit.operations) if i > window[0] and i not in window)
        operations = (*before, *moved, *after)
        return replace(circuit, operations=operations, global_phase=circuit.global_phase + phase), rule
    return None
