"""Gate sets: what a device can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

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

ROTATION_AXES: Mapping[str, str] = MappingProxyType({"rx": "X", "ry": "Y", "rz": "Z", "p": "Z"})
"""The axis of each gate that turns by any angle."""

TILTED_AXES: Mapping[str, str] = MappingProxyType(
    {"h": "XZ", "sx": "YZ", "sxdg": "YZ", "s": "XY", "sdg": "XY", "t": "XY", "tdg": "XY"}
)
"""The axes that a fixed gate turns into others; the rest it keeps or reverses, as h does Y."""


CLASSES = ("cz", "rzz", "iswap")
"""Classes of entanglers that circuits are built with: equal to these up to gates on single qubits, rzz at any angle."""


@cache
def entangler_class(name: str) -> str | None:
    """Return the class of a gate of the library, told by its local invariants; None for any other gate."""
    if GATES[name].num_qubits != 2 or GATES[name].num_params > 1:
        return None
    if GATES[name].num_params == 0:
        return next((fixed for fixed in ("cz", "iswap") if _same_invariants((name, ()), (fixed, ()))), None)
    whole = all(_same_invariants((name, (angle,)), ("rzz", (angle,))) for angle in _SAMPLE_ANGLES)
    half = all(_same_invariants((name, (angle,)), ("rzz", (angle / 2,))) for angle in _SAMPLE_ANGLES)
    return "rzz" if whole or half else None


GATES.when_taken_out(entangler_class.cache_clear)

_SAMPLE_ANGLES = (0.3, 1.1, 2.6)
"""Radians, at which gates with an angle are compared."""

MAGIC_BASIS = np.array([[1, 0, 0, 1j], [0, 1j, 1, 0], [0, 1j, -1, 0], [1, 0, 0, -1j]]) / np.sqrt(2)
"""In its columns gates on single qubits are real."""


def _same_invariants(one: tuple[str, tuple[float, ...]], other: tuple[str, tuple[float, ...]]) -> bool:
    """Tell whether two gates have the same local invariants (Makhlin, quant-ph/0002045)."""
    return bool(np.allclose(_invariants(*one), _invariants(*other), atol=1e-9))


def _invariants(name: str, params: tuple[float, ...]) -> tuple[complex, complex]:
    U = MAGIC_BASIS.conj().T @ GATES[name].matrix(params) @ MAGIC_BASIS
    m, determinant = U.T @ U, np.linalg.det(U)
    trace = np.trace(m)
    return trace**2 / determinant, (trace**2 - np.trace(m @ m)) / determinant


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
        return next((name for name in CLASSES if self.of_class(name)), None)

    def of_class(self, entangler: str) -> tuple[str, ...]:
        """Return the gates of a class, ``cz``, ``rzz`` or ``iswap``, in the order given."""
        return tuple(g for g in self.gates if entangler_class(g) == entangler)

    @property
    def can_dress(self) -> bool:
        """Whether circuits may be an entangler pattern with free single-qubit gates between."""
        return self.entangler is not None and self.has_any_single_qubit_gate


U_CX, U_CZ = (GateSet(name, PRESETS[name]) for name in ("u,cx", "u,cz"))
"""Free single-qubit gates and one entangler: the sets in which circuits are put together before they are translated."""


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
