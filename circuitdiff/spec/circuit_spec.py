"""What is asked of circuits beside a target: register, entanglement, gates, coupling, budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from circuitdiff.circuits.coupling import Coupling, Pair, coupling_text, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.circuits.gates import GATES, gate
from circuitdiff.errors import InputError

MAX_QUBITS = 64
"""Largest register that may be asked for; models and compilers have their own bounds, far below."""

_NAMES = {
    "num_qubits": "two numbers of qubits",
    "schmidt_ranks": "two vectors of Schmidt ranks",
    "gates": "two gate sets",
    "coupling": "two couplings",
    "max_gates": "two bounds on the gates",
    "max_two_qubit_gates": "two bounds on the two-qubit gates",
    "bell_pairs": "two lists of Bell pairs",
}


@dataclass(frozen=True)
class CircuitSpec:
    """What is asked of circuits; each part may be absent.

    Schmidt ranks settle the register, Bell pairs on a register settle the Schmidt ranks. Gates are kept in the order of
    the gate library and pairs in ascending order, so that specs that ask for the same are equal.

    Attributes:
        num_qubits: size of the register.
        schmidt_ranks: 1 or 2 for each qubit, in the state that a circuit makes of |0...0>; 1 is a separable qubit.
        gates: names of the gates that circuits may use; a `GateSet`, or its preset or list as text, is taken too.
        coupling: ``line``, ``ring``, ``all``, or pairs such as ``0-1,1-2``; a path to a file with pairs is read, and a
            `Coupling` taken.
        max_gates: most gates.
        max_two_qubit_gates: most gates on two qubits or more.
        bell_pairs: pairs of qubits, each maximally entangled within itself and with nothing else.

    Raises:
        InputError: numbers out of range, gates that there are not, or parts that contradict each other.
    """

    num_qubits: int | None = None
    schmidt_ranks: tuple[int, ...] | None = None
    gates: tuple[str, ...] | None = None
    coupling: str | None = None
    max_gates: int | None = None
    max_two_qubit_gates: int | None = None
    bell_pairs: tuple[Pair, ...] | None = None

    def __post_init__(self) -> None:
        """Put the parts into their normal form and check them."""
        self._set("bell_pairs", _pairs(self.bell_pairs))
        if self.bell_pairs is not None and self.schmidt_ranks is None:
            self._set("schmidt_ranks", _ranks_of_pairs(self.bell_pairs, self.num_qubits))
        if self.schmidt_ranks is not None:
            self._set("schmidt_ranks", tuple(self.schmidt_ranks))
            self._set("num_qubits", _register(self.schmidt_ranks, self.num_qubits))
        if self.num_qubits is not None and not 1 <= self.num_qubits <= MAX_QUBITS:
            raise InputError(f"a register has 1 to {MAX_QUBITS} qubits, not {self.num_qubits}")
        coupling: object = self.coupling
        if isinstance(coupling, Coupling):
            self._set("num_qubits", self.num_qubits or coupling.num_qubits)
            self._set("coupling", coupling.text)
        if self.gates is not None:
            self._set("gates", _gates(self.gates))
            if 2 in (self.schmidt_ranks or ()) and not _entangles(self.gates):
                raise InputError(f"entanglement is asked for with gates that make none: {', '.join(self.gates)}")
        if self.coupling is not None:
            self._set("coupling", _coupling(self.coupling, self.num_qubits))
        if self.bell_pairs is not None and self.schmidt_ranks != _ranks_of_pairs(self.bell_pairs, self.num_qubits):
            raise InputError(f"Bell pairs {_shown(self.bell_pairs)} have other Schmidt ranks than {self.schmidt_ranks}")
        for what, count in (("gates", self.max_gates), ("two-qubit gates", self.max_two_qubit_gates)):
            if count is not None and count < 0:
                raise InputError(f"at most {count} {what} are asked for; a budget is at least 0")

    def merged(self, other: CircuitSpec) -> CircuitSpec:
        """Return what two specs ask for together.

        Raises:
            InputError: they contradict each other.
        """
        values: dict[str, Any] = {}
        for field in fields(CircuitSpec):
            one, two = getattr(self, field.name), getattr(other, field.name)
            if one is not None and two is not None and not self._agrees(other, field.name):
                raise InputError(f"{_NAMES[field.name]} contradict each other: {_shown(one)} and {_shown(two)}")
            values[field.name] = two if one is None else one
        return CircuitSpec(**values)

    def _agrees(self, other: CircuitSpec, name: str) -> bool:
        """Tell whether a part is the same in both; a coupling may be named in one and spelled out in the other."""
        one, two = getattr(self, name), getattr(other, name)
        size = self.num_qubits or other.num_qubits
        if one == two or name != "coupling" or size is None:
            return bool(one == two)
        return parse_coupling(one, size).pairs == parse_coupling(two, size).pairs

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def _pairs(pairs: Sequence[Pair] | None) -> tuple[Pair, ...] | None:
    if pairs is None:
        return None
    qubits = [qubit for pair in pairs for qubit in pair]
    if not qubits or len(set(qubits)) < len(qubits):
        raise InputError(f"Bell pairs share no qubit, and there is at least one; not {_shown(tuple(pairs))}")
    return tuple(sorted((min(pair), max(pair)) for pair in pairs))


def _ranks_of_pairs(pairs: Sequence[Pair], num_qubits: int | None) -> tuple[int, ...]:
    named = {qubit for pair in pairs for qubit in pair}
    if num_qubits is None:
        raise InputError(f"Bell pairs {_shown(tuple(pairs))} are asked for, and not on how many qubits")
    if not max(named) < num_qubits <= MAX_QUBITS or min(named) < 0:
        raise InputError(f"Bell pairs {_shown(tuple(pairs))} are not all among qubits 0 to {num_qubits - 1}")
    return tuple(2 if qubit in named else 1 for qubit in range(num_qubits))


def _register(ranks: tuple[int, ...], num_qubits: int | None) -> int:
    if not set(ranks) <= {1, 2}:
        raise InputError(f"Schmidt ranks of qubits are 1 or 2, not {list(ranks)}")
    if ranks.count(2) == 1:
        raise InputError(f"no state has Schmidt ranks {list(ranks)}: a single qubit cannot be entangled")
    if num_qubits not in (None, len(ranks)):
        raise InputError(f"{len(ranks)} Schmidt ranks {list(ranks)} are asked of {num_qubits} qubits")
    return len(ranks)


def _gates(given: Sequence[str] | GateSet | str) -> tuple[str, ...]:
    if isinstance(given, str):
        return parse_gate_set(given).gates if given else _gates(())
    names = given.gates if isinstance(given, GateSet) else given
    for name in names:
        if gate(name).name == "dcz":
            raise InputError("gate 'dcz' exists inside the model alone and cannot be asked for")
    if not names:
        raise InputError("the gate set is empty")
    return tuple(name for name in GATES if name in set(names))


def _entangles(gates: Sequence[str]) -> bool:
    """Tell whether gates may entangle |0...0>: one on several qubits does, but not cx alone."""
    return set(gates) != {"cx"} and any(GATES[name].num_qubits > 1 for name in gates)


def _coupling(text: str, num_qubits: int | None) -> str:
    text = coupling_text(text)
    if num_qubits is not None and num_qubits > 1:
        parse_coupling(text, num_qubits)
    return text


def _shown(value: object) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return ", ".join(f"{a}-{b}" for a, b in value)
    return str(list(value)) if isinstance(value, tuple) else str(value)
