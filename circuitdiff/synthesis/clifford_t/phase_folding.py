"""Phase folding: rotations of one Pauli merge across everything that commutes with them.

A rotation about Z after Cliffords ``C`` is one about the Pauli ``C† Z C`` before them.  Written so, two rotations about
the same Pauli merge where all those between commute with it.  The circuit keeps its gates; one rotation takes the
angle of both, the other goes.

Reference: Zhang & Chen, arXiv:1903.12456; the same counts as phase teleportation, Kissinger & van de Wetering,
arXiv:1903.10477.
"""

from __future__ import annotations

from dataclasses import replace
from math import pi
from typing import NamedTuple

from circuitdiff.circuits.circuit import Circuit, Operation
from circuitdiff.circuits.gate_sets import GateSet
from circuitdiff.interruption import is_over
from circuitdiff.synthesis.analytic.basis_translation import translate_basis

ROTATIONS = GateSet("rz,h,cx", ("rz", "h", "cx"))
"""What circuits are folded in."""

MAX_DISTANCE = 4000
"""Rotations that are looked back over for one to merge with."""

ROUNDING = 1e-9


class Pauli(NamedTuple):
    """``i^phase X^x Z^z`` over all qubits, which are bits of ``x`` and ``z``."""

    x: int
    z: int
    phase: int

    def times(self, other: Pauli, phase: int = 0) -> Pauli:
        """Return the product, times ``i^phase``."""
        swaps = (self.z & other.x).bit_count()
        total = self.phase + other.phase + 2 * swaps + phase
        return Pauli(self.x ^ other.x, self.z ^ other.z, total % 4)

    def commutes(self, other: Pauli) -> bool:
        """Tell whether both commute; else they anticommute."""
        return ((self.x & other.z).bit_count() + (self.z & other.x).bit_count()) % 2 == 0

    def is_like(self, other: Pauli) -> bool:
        """Tell whether both are the same up to phase."""
        return (self.x, self.z) == (other.x, other.z)

    @property
    def sign(self) -> int:
        """The sign of a Hermitian one in front of its letters."""
        return 1 if (self.phase - (self.x & self.z).bit_count()) % 4 == 0 else -1


class Frame:
    """What X and Z of every qubit are at a place of a circuit, written before all of its Cliffords."""

    def __init__(self, num_qubits: int) -> None:
        self.x = [Pauli(1 << q, 0, 0) for q in range(num_qubits)]
        self.z = [Pauli(0, 1 << q, 0) for q in range(num_qubits)]

    def pass_gate(self, name: str, qubits: tuple[int, ...], quarters: int) -> None:
        """Go on past ``h``, ``cx``, or a rotation about Z by quarter turns."""
        x, z, q = self.x, self.z, qubits[0]
        if name == "h":
            x[q], z[q] = z[q], x[q]
        elif name == "cx":
            x[q], z[qubits[1]] = x[q].times(x[qubits[1]]), z[q].times(z[qubits[1]])
        else:
            for _ in range(quarters):
                x[q] = x[q].times(z[q], 3)  # S† X S = -Y

    def copy(self) -> Frame:
        """Return the frame of this place, to be kept."""
        kept = Frame(0)
        kept.x, kept.z = self.x.copy(), self.z.copy()
        return kept

    def letters(self, pauli: Pauli) -> tuple[dict[int, str], int]:
        """Return a Pauli, written before all Cliffords, as letters on qubits at this place, and its sign."""
        found: dict[int, str] = {}
        product = Pauli(0, 0, 0)
        for q, (x, z) in enumerate(zip(self.x, self.z, strict=True)):
            letter = {(False, True): "X", (True, False): "Z", (False, False): "Y"}.get(
                (pauli.commutes(z), pauli.commutes(x))
            )
            if letter is not None:
                found[q] = letter
                product = product.times({"X": x, "Z": z, "Y": x.times(z, 1)}[letter])
        return found, pauli.sign * product.sign


def fold_phases(circuit: Circuit, deadline: float = float("inf")) -> Circuit:
    """Return the circuit over `ROTATIONS` with as few rotations as merging leaves, Cliffords not counted.

    After ``deadline``, a value of `time.monotonic`, what is left stays apart.

    Raises:
        InputError: a gate on three qubits.
    """
    folded = _in_rotations(circuit)
    while True:
        shorter = _merged(folded, deadline)  # what became a Clifford may let others pass
        if _rotations(shorter) >= _rotations(folded) or is_over(deadline):
            return shorter
        folded = shorter


def _in_rotations(circuit: Circuit) -> Circuit:
    """Translate gate by gate: a product of gates would take three rotations where they may have fewer."""
    known: dict[tuple[str, tuple[float, ...]], Circuit] = {}
    operations: list[Operation] = []
    phase = circuit.global_phase
    for name, qubits, params in circuit.operations:
        if (name, params) not in known:
            places = tuple(range(len(qubits)))
            gate = Circuit(len(qubits), (Operation(name, places, params),))
            known[name, params] = translate_basis(gate, ROTATIONS)
        part = known[name, params]
        operations += [op._replace(qubits=tuple(qubits[q] for q in op.qubits)) for op in part.operations]
        phase += part.global_phase
    return Circuit(circuit.num_qubits, tuple(operations), phase)


def _rotations(circuit: Circuit) -> int:
    return sum(op.name == "rz" and quarters_of(op.params[0]) is None for op in circuit.operations)


def _merged(circuit: Circuit, deadline: float) -> Circuit:
    """Merge in one pass from the front."""
    frame = Frame(circuit.num_qubits)
    operations: list[Operation | None] = list(circuit.operations)
    seen: list[tuple[Pauli, int]] = []
    for place, (name, qubits, params) in enumerate(circuit.operations):
        quarters = quarters_of(params[0]) if name == "rz" else 0
        if quarters is not None:
            frame.pass_gate(name, qubits, quarters)
        elif is_over(deadline):
            break
        else:
            pauli = frame.z[qubits[0]]
            earlier = _partner(pauli, seen)
            if earlier is None:
                seen.append((pauli, place))
                continue
            other, kept = earlier
            rotation = operations[kept]
            assert rotation is not None
            angle = rotation.params[0] + other.sign * pauli.sign * params[0]
            operations[kept] = rotation._replace(params=(angle,))
            operations[place] = None
    return replace(circuit, operations=tuple(op for op in operations if op is not None))


def _partner(pauli: Pauli, seen: list[tuple[Pauli, int]]) -> tuple[Pauli, int] | None:
    """Return the latest rotation about a Pauli or its negative, None where one that does not commute comes first."""
    for other, place in seen[: -MAX_DISTANCE - 1 : -1]:
        if (other.x, other.z) == (pauli.x, pauli.z):
            return other, place
        if not other.commutes(pauli):
            return None
    return None


def quarters_of(angle: float) -> int | None:
    """Return an angle in quarter turns, None where it is no multiple."""
    quarters = angle / (pi / 2)
    return round(quarters) % 4 if abs(quarters - round(quarters)) < ROUNDING else None
