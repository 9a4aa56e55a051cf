"""Gate sets: what a device can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from circuitdiff.circuits.gates import GATES, gate
from circuitdiff.errors import InputError
from circuitdiff.registry import Registry

PRESETS: Registry[tuple[str, ...]] = Registry(
    "gate set",
    {
        "u,cx": ("u", "cx"),
        "u,cz": ("u", "cz"),
        "ibm-cx": ("rz", "sx", "x", "cx"),
        "ibm-ecr": ("rz", "sx", "x", "ecr"),
        "ibm-cz": ("rz", "sx", "x", "cz"),
        "ion": ("rx", "ry", "rz", "rzz"),
        "u,iswap": ("u", "iswap"),
        "genqc-discrete": ("h", "cx", "z", "x", "ccx", "swap"),
        "genqc-continuous": ("h", "cx", "ccx", "swap", "rx", "ry", "rz", "cp"),
        "clifford+t": ("h", "s", "sdg", "t", "tdg", "x", "z", "cx"),
    },
)
"""Named gate sets: generic, IBM's, trapped ions, the two papers', and Clifford+T."""

CZ_CLASS = ("cx", "cz", "ecr", "cy", "ch")
"""Entanglers that are a CZ up to gates on single qubits."""

RZZ_CLASS = ("rzz", "rxx", "ryy", "cp", "crx", "cry", "crz")
"""Entanglers that are an rzz of any angle up to gates on single qubits."""

ROTATION_AXES: Mapping[str, str] = MappingProxyType({"rx": "X", "ry": "Y", "rz": "Z", "p": "Z"})
"""The axis of each gate that turns by any angle."""

TILTED_AXES: Mapping[str, str] = MappingProxyType(
    {"h": "XZ", "sx": "YZ", "sxdg": "YZ", "s": "XY", "sdg": "XY", "t": "XY", "tdg": "XY"}
)
"""The axes that a fixed gate turns into others; the rest it keeps or reverses, as h does Y."""


@dataclass(frozen=True)
class GateSet:
    """The names of the gates that may be used, in the order given."""

    name: str
    gates: tuple[str, ...]

    @property
    def entanglers(self) -> tuple[str, ...]:
        """Gates on two or more qubits that can entangle (swap cannot)."""
        return tuple(g for g in self.gates if GATES[g].num_qubits > 1 and g != "swap")

    @property
    def single_qubit(self) -> tuple[str, ...]:
        """Gates on one qubit."""
        return tuple(g for g in self.gates if GATES[g].num_qubits == 1)

    @property
    def is_discrete(self) -> bool:
        """Whether no gate has an angle."""
        return all(GATES[g].num_params == 0 for g in self.gates)

    @property
    def has_any_single_qubit_gate(self) -> bool:
        """Whether products of the single-qubit gates reach all of SU(2) exactly."""
        axes = {ROTATION_AXES[g] for g in self.gates if g in ROTATION_AXES}
        return "u" in self.gates or len(axes) > 1 or any(axes & set(TILTED_AXES.get(g, "")) for g in self.gates)

    @property
    def entangler(self) -> str | None:
        """The class of entangler to build with: ``cz``, else ``rzz``, else ``iswap``; None when there is none."""
        classes = {"cz": CZ_CLASS, "rzz": RZZ_CLASS, "iswap": ("iswap",)}
        return next((name for name, members in classes.items() if set(members) & set(self.gates)), None)

    @property
    def can_dress(self) -> bool:
        """Whether circuits may be an entangler pattern with free single-qubit gates between."""
        return self.entangler is not None and self.has_any_single_qubit_gate


def parse_gate_set(text: str) -> GateSet:
    """Read a preset's name or a comma-separated list of gates.

    Raises:
        InputError: an empty list or a gate that the library does not have.
    """
    if text in PRESETS:
        return GateSet(text, PRESETS[text])
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise InputError("the gate set is empty")
    if len(names) == 1 and names[0] not in GATES:
        raise InputError(f"unknown gate set {text!r}; presets: {'; '.join(PRESETS)}")
    for name in names:
        gate(name)
    if "dcz" in names:
        raise InputError("gate 'dcz' exists inside the model alone and cannot be asked for")
    return GateSet(text, names)
