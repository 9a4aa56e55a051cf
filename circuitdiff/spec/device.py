"""What a device can do, and what its gates cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling, parse_coupling
from circuitdiff.circuits.gate_sets import GateSet, parse_gate_set
from circuitdiff.errors import InputError

DEFAULT_GATE_SET, DEFAULT_COUPLING = "u,cx", "all"

Placed = tuple[str, tuple[int, ...]]
"""A gate's name and its qubits; no qubits for the gate wherever it stands."""


@dataclass(frozen=True)
class Device:
    """Gates and couplings, and, where they are known, how often gates fail and how long they take.

    Attributes:
        gate_set: the gates that circuits may use.
        coupling: the pairs that two-qubit gates may act on.
        errors: chance in [0, 1] that a placed gate fails.
        durations: seconds that a placed gate takes.
    """

    gate_set: GateSet
    coupling: Coupling
    errors: Mapping[Placed, float] = field(default_factory=lambda: MappingProxyType({}))
    durations: Mapping[Placed, float] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Refuse rates and durations that are none."""
        for place, rate in self.errors.items():
            if not 0 <= rate <= 1:
                raise InputError(f"device: the error rate of {place[0]} on {place[1]} is {rate}, not within 0 and 1")
        for place, seconds in self.durations.items():
            if not 0 <= seconds < float("inf"):
                raise InputError(f"device: the duration of {place[0]} on {place[1]} is {seconds} s")

    @property
    def num_qubits(self) -> int:
        """Number of qubits."""
        return self.coupling.num_qubits

    def misfit(self, circuit: Circuit) -> str | None:
        """Say in a few words what of a circuit the device lacks, None where it fits."""
        foreign = sorted(circuit.gate_names - set(self.gate_set.gates))
        if foreign:
            return f"uses {', '.join(foreign)}, not in gate set {self.gate_set.name}"
        if not self.coupling.allows(circuit.pairs):
            broken = sorted(circuit.pairs - set(self.coupling.pairs))
            return f"couples {broken}, not on the coupling map {self.coupling.name}"
        return None


def make_device(gate_set: str | GateSet, coupling: str | Coupling, num_qubits: int) -> Device:
    """Return a device from names or objects.

    Args:
        gate_set: a preset, gates separated by commas, or a `GateSet`.
        coupling: ``all``, ``line``, ``ring``, ``0-1,1-2``, the path of a JSON list of pairs, or a `Coupling`.
        num_qubits: of the register.

    Raises:
        InputError: for names that there are not, or a coupling map of another register.
    """
    gates = read_gate_set(gate_set)
    pairs = coupling if isinstance(coupling, Coupling) else parse_coupling(_text("coupling", coupling), num_qubits)
    if pairs.num_qubits != num_qubits:
        raise InputError(f"coupling map {pairs.name} has {pairs.num_qubits} qubits, the target {num_qubits}")
    return Device(gates, pairs)


def read_gate_set(gate_set: str | GateSet) -> GateSet:
    """Return a gate set from its name or as it is.

    Raises:
        InputError: for neither text nor a gate set, and for names that there are not.
    """
    return gate_set if isinstance(gate_set, GateSet) else parse_gate_set(_text("gate_set", gate_set))


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name} is a name or an object of its kind, not {value!r}")
    return value
