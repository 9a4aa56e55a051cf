"""The names, what they take, and the reading of specifications."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.unitaries import algorithms, arithmetic, physics, sampled
from circuitdiff.circuits.unitary_io import MAX_QUBITS
from circuitdiff.errors import InputError

Matrix = NDArray[np.complex128]

MAX_STEPS = 10_000
"""Most Trotter steps, Grover iterations or gates of a random circuit."""


@dataclass(frozen=True)
class _Entry:
    """A named unitary.

    Attributes:
        build: makes the matrix from the size (or the word) and the options.
        help: one line.
        sizes: allowed numbers of qubits; three, or else the largest, is taken when none is given.
        options: name and default of each option; the type of the default is the type of the option.
    """

    build: Callable[..., Matrix]
    help: str
    sizes: tuple[int, ...] = ()
    options: Mapping[str, int | float | str] = field(default_factory=dict)
    takes_word: bool = False

    @property
    def usage(self) -> str:
        """What follows the name."""
        size = ":WORD" if self.takes_word else ":" + "|".join(map(str, self.sizes)) if len(self.sizes) > 1 else ""
        options = "&".join(f"{name}={default}" for name, default in self.options.items())
        return size + ("?" + options if options else "")


def _sizes(low: int) -> tuple[int, ...]:
    """Return the sizes from ``low`` to the largest."""
    return tuple(range(low, MAX_QUBITS + 1))


_TIME = {"t": 0.3, "steps": 1}
_ISING = {"j": 1.0, "h": 1.0}
_XXZ = {"j": 1.0, "delta": 0.5}

ENTRIES: Mapping[str, _Entry] = {
    "qft": _Entry(algorithms.qft, "quantum Fourier transform, with its swaps", _sizes(1)),
    "toffoli": _Entry(algorithms.toffoli, "X on qubit 2 if qubits 0 and 1 are set", (3,)),
    "fredkin": _Entry(algorithms.fredkin, "swap of qubits 1 and 2 if qubit 0 is set", (3,)),
    "margolus": _Entry(algorithms.margolus, "toffoli up to a sign, which takes three cx (rccx)", (3,)),
    "swap": _Entry(algorithms.swap, "exchange of two qubits", (2,)),
    "cnx": _Entry(algorithms.controlled_x, "X on the last qubit if all others are set", _sizes(2)),
    "ctrl_h": _Entry(algorithms.controlled_h, "Hadamard on qubit 1 if qubit 0 is set", (2,)),
    "ghz": _Entry(algorithms.ghz, "GHZ preparation: a Hadamard and a chain of cx", _sizes(2)),
    "w": _Entry(algorithms.w_state, "W preparation: a chain of controlled rotations and cx", _sizes(2)),
    "bv": _Entry(
        algorithms.bernstein_vazirani, "Bernstein-Vazirani; the last qubit is the ancilla", _sizes(2), {"secret": ""}
    ),
    "grover": _Entry(
        algorithms.grover,
        "Grover search for a marked state, Hadamards first",
        _sizes(2),
        {"marked": "", "iterations": 0},
    ),
    "adder": _Entry(arithmetic.cuccaro, "ripple-carry adder on carry-in, b, a, carry-out (Cuccaro)", (4,)),
    "draper": _Entry(arithmetic.draper, "b += a in the Fourier basis; a is the lower half", (2, 4)),
    "tfim": _Entry(
        physics.tfim_steps, "Trotter steps, H = -j sum ZZ - h sum X on a chain", _sizes(2), {**_TIME, **_ISING}
    ),
    "tfim_exact": _Entry(physics.tfim_exact, "exp(-i t H) of the same", _sizes(2), {"t": 0.3, **_ISING}),
    "heisenberg": _Entry(
        physics.heisenberg_steps, "Trotter steps, H = j sum XX + YY + ZZ on a chain", _sizes(2), {**_TIME, "j": 1.0}
    ),
    "heisenberg_exact": _Entry(physics.heisenberg_exact, "exp(-i t H) of the same", _sizes(2), {"t": 0.3, "j": 1.0}),
    "xxz": _Entry(physics.xxz_steps, "Trotter steps, H = j sum XX + YY + delta ZZ", _sizes(2), {**_TIME, **_XXZ}),
    "xxz_exact": _Entry(physics.xxz_exact, "exp(-i t H) of the same", _sizes(2), {"t": 0.3, **_XXZ}),
    "pauli": _Entry(
        physics.pauli_rotation,
        "exp(-i t P); the word's first letter acts on qubit 0",
        options={"t": 0.3},
        takes_word=True,
    ),
    "haar": _Entry(sampled.haar, "random with respect to the Haar measure", _sizes(1), {"seed": 0}),
    "random_circuit": _Entry(
        sampled.random_circuit, "random gates: h rx ry rz cx cp swap ccx", _sizes(1), {"gates": 12, "seed": 0}
    ),
}
"""Every name, with what it builds and takes."""


def names() -> list[tuple[str, str]]:
    """Return each name with one line of help that says what it takes."""
    return [(name, f"{entry.help}  [{name}{entry.usage}]") for name, entry in ENTRIES.items()]


def named(spec: str) -> Matrix:
    """Return the (2^n, 2^n) little-endian unitary of a specification ``name[:size][?option=value&...]``.

    Raises:
        InputError: unknown name or option, a size that the name does not come in, or a value out of range.
    """
    head, _, tail = spec.partition("?")
    name, colon, size = head.partition(":")
    if name not in ENTRIES:
        raise InputError(f"unknown unitary {name!r}; names: {', '.join(ENTRIES)}")
    entry = ENTRIES[name]
    options = _options(name, entry, tail)
    if entry.takes_word:
        return entry.build(_word(name, size), **options)
    if colon and not re.fullmatch(r"[0-9]{1,3}", size):
        raise InputError(f"{name}:{size}: {size!r} is not a number of qubits")
    num_qubits = int(size) if colon else _default_size(entry)
    if num_qubits not in entry.sizes:
        raise InputError(f"{name} comes on {', '.join(map(str, entry.sizes))} qubits, not on {num_qubits}")
    return entry.build(num_qubits, **options)


def _default_size(entry: _Entry) -> int:
    return 3 if 3 in entry.sizes else entry.sizes[-1]


def _word(name: str, word: str) -> str:
    if not re.fullmatch(f"[IXYZ]{{1,{MAX_QUBITS}}}", word):
        raise InputError(
            f"{name}:{word[:20]}: give a word of 1 to {MAX_QUBITS} letters from I X Y Z, such as {name}:XXYZ"
        )
    return word


def _options(name: str, entry: _Entry, text: str) -> dict[str, Any]:
    options: dict[str, Any] = dict(entry.options)
    for part in filter(None, text.split("&")):
        key, _, value = part.partition("=")
        if key not in entry.options:
            takes = ", ".join(entry.options) or "none"
            raise InputError(f"{name} has no option {key!r}; it takes: {takes}")
        options[key] = _value(name, key, value, entry.options[key])
    return options


def _value(name: str, key: str, text: str, default: int | float | str) -> int | float | str:
    if isinstance(default, str):
        return text
    try:
        value = int(text) if isinstance(default, int) else float(text)
    except ValueError as error:
        kind = "a whole number" if isinstance(default, int) else "a number"
        raise InputError(f"{name}: {key}={text[:30]!r} is not {kind}") from error
    if not math.isfinite(value):
        raise InputError(f"{name}: {key}={text} is not finite")
    least = min(default, 1) if isinstance(default, int) else -math.inf
    most = MAX_STEPS if isinstance(default, int) and key != "seed" else math.inf
    if not least <= value <= most:
        raise InputError(f"{name}: {key}={text} is not between {least} and {most}")
    return value
