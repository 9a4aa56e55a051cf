"""What a device of another SDK can do, as a gate set."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from circuitdiff.circuits.gate_sets import GateSet, entangler_class
from circuitdiff.circuits.gates import GATES
from circuitdiff.synthesis.clifford_t.clifford_basis import makes_clifford_t


def gate_set_of(names: Iterable[str], everywhere: Collection[str] = ()) -> str | None:
    """Return the gate set of those of a device's gates that circuits are built with.

    Beside entanglers without angles those with angles count where they are named in ``everywhere``, since others are
    often limited to some links.

    None where they lack an entangler on two qubits, or gates on one qubit that reach all of SU(2), exactly or, without
    angles, as Cliffords and T.
    """
    known = [n for n in sorted(set(names)) if n in GATES and GATES[n].num_qubits <= 2 and n not in ("id", "dcz")]
    plain = [n for n in known if entangler_class(n) == "cz"]
    if plain:
        known = [n for n in known if GATES[n].num_qubits == 1 or n in plain or n in everywhere]
    gates = GateSet("device", tuple(known))
    return ",".join(known) if gates.can_dress or (gates.entanglers and makes_clifford_t(gates)) else None
