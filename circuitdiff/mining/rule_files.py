"""Rules as JSON: for people, for other programs, and to be read back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import gate
from circuitdiff.errors import InputError
from circuitdiff.interop import to_qasm
from circuitdiff.mining.patterns import Angle, Pattern, Step
from circuitdiff.mining.rules import GENERIC, TOLERANCE, Rule, verified

MAX_BYTES = 1 << 24
MAX_REGISTER = 3


def rule_dict(rule: Rule) -> dict[str, Any]:
    """Return a rule as plain data: both sides as words, gate by gate, and at example angles as OpenQASM 3.

    A gate is its name, its qubits, and for each angle the factors of a and b and a multiple of pi/16 to add.
    """
    return {
        "lhs": rule.lhs.text(),
        "rhs": rule.rhs.text(),
        "saves": rule.saves,
        "saves_two_qubit": rule.saves_two_qubit,
        "count": rule.count,
        "max_infidelity": rule.max_infidelity,
        "num_qubits": rule.lhs.num_qubits,
        "lhs_gates": [list(step) for step in rule.lhs.steps],
        "rhs_gates": [list(step) for step in rule.rhs.steps],
        "lhs_qasm": to_qasm(rule.lhs.circuit(GENERIC), 3),
        "rhs_qasm": to_qasm(rule.rhs.circuit(GENERIC), 3),
    }


def rules_text(rules: Sequence[Rule]) -> str:
    """Return the content of a file of rules."""
    return json.dumps({"rules": [rule_dict(rule) for rule in rules]}, indent=1) + "\n"


def read_rules(path: str | Path) -> list[Rule]:
    """Read a file of rules and verify each anew.

    Raises:
        InputError: the file cannot be read or is no file of rules, or a rule does not hold or saves nothing.
    """
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise InputError(f"{path} has more than the {MAX_BYTES} bytes that are read")
        listed = json.loads(Path(path).read_text(encoding="utf-8"))["rules"]
        rules = [_rule(entry) for entry in listed]
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise InputError(f"{path} is not a file of rules: {error!r}") from error
    for number, rule in enumerate(rules):
        if rule.max_infidelity > TOLERANCE or not rule.rhs.cost < rule.lhs.cost:
            raise InputError(
                f"{path}: rule {number} ({rule.lhs.text()} => {rule.rhs.text()}) does not hold or saves nothing: "
                f"infidelity {rule.max_infidelity:.1e}"
            )
    return rules


def _rule(entry: Any) -> Rule:
    register = int(entry["num_qubits"])
    if not 1 <= register <= MAX_REGISTER:
        raise InputError(f"a rule has {register} qubits, expected 1 to {MAX_REGISTER}")
    lhs, rhs = (Pattern(register, tuple(_step(*step) for step in entry[side])) for side in ("lhs_gates", "rhs_gates"))
    for pattern in (lhs, rhs):
        gates = [(op.name, op.qubits, op.params) for op in pattern.circuit(GENERIC).operations]
        Circuit.from_gates(register, gates)
    return Rule(lhs, rhs, int(entry["count"]), verified(lhs, rhs, np.random.default_rng(0)))


def _step(name: str, qubits: list[int], angles: list[list[float]]) -> Step:
    gate(name)
    return Step(
        name, tuple(int(q) for q in qubits), tuple(Angle(float(a), float(b), int(steps)) for a, b, steps in angles)
    )
