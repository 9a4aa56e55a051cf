"""The gate library: every fact about a gate, in one place.

Each gate is a product of Pauli rotations ``exp(-i angle/2 P)`` and a global phase.  Matrices, batched simulation,
Jacobians and instantiation all derive from that one form; names are those of OpenQASM 3 and Qiskit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from circuitdiff.circuits.pauli import apply_rotation, parse_pauli
from circuitdiff.errors import InputError
from circuitdiff.registry import Registry

MAX_PARAMS = 4


@dataclass(frozen=True)
class Rotation:
    """``exp(-i/2 (offset + scale * theta[param]) P)``; character ``i`` of ``pauli`` acts on the gate's qubit ``i``."""

    pauli: str
    offset: float = 0.0
    param: int | None = None
    scale: float = 0.0

    def angle(self, params: Sequence[float]) -> float:
        """Return the rotation angle in radians."""
        return self.offset if self.param is None else self.offset + self.scale * params[self.param]


InversePart = tuple[str, tuple[int, ...], tuple[tuple[int, float], ...]]


@dataclass(frozen=True)
class Gate:
    """A gate of the library.

    Attributes:
        rotations: Pauli rotations in time order, first applied first.
        phase_offset, phase_scale: the global phase ``offset + scale . theta`` that makes the matrix the textbook one.
        symmetric: whether the order of the qubits does not matter.
        periods: period of each parameter up to global phase, radians.
        inverse_parts: the inverse in time order: name, positions of its qubits, and for each of its parameters
            the index of ours and its sign.
    """

    name: str
    num_qubits: int
    num_params: int
    rotations: tuple[Rotation, ...]
    phase_offset: float
    phase_scale: tuple[float, ...]
    symmetric: bool
    periods: tuple[float, ...]
    inverse_parts: tuple[InversePart, ...]

    def matrix(self, params: Sequence[float] = ()) -> NDArray[np.complex128]:
        """Return the (2^k, 2^k) complex128 matrix; the gate's first qubit is the least significant bit."""
        unitary = np.eye(1 << self.num_qubits, dtype=np.complex128)
        for rotation in self.rotations:
            place = parse_pauli(rotation.pauli, tuple(range(self.num_qubits)))
            unitary = apply_rotation(place, rotation.angle(params), unitary)
        return np.asarray(np.exp(1j * self.phase(params)) * unitary)

    def phase(self, params: Sequence[float]) -> float:
        """Return the global phase in radians."""
        return self.phase_offset + math.fsum(s * t for s, t in zip(self.phase_scale, params, strict=True))

    def inverse(self, params: Sequence[float]) -> tuple[tuple[str, tuple[int, ...], tuple[float, ...]], ...]:
        """Return the inverse as ``(name, positions, params)`` in time order; positions index this gate's qubits."""
        return tuple(
            (name, places, tuple(sign * params[k] for k, sign in angles)) for name, places, angles in self.inverse_parts
        )


def _fixed(*terms: tuple[str, float]) -> tuple[Rotation, ...]:
    return tuple(Rotation(pauli, offset=angle) for pauli, angle in terms)


def _free(*terms: tuple[str, int, float]) -> tuple[Rotation, ...]:
    return tuple(Rotation(pauli, param=param, scale=scale) for pauli, param, scale in terms)


def make_gate(
    name: str,
    rotations: tuple[Rotation, ...],
    phase: float = 0.0,
    phase_scale: tuple[float, ...] = (),
    *,
    symmetric: bool = False,
    periods: tuple[float, ...] = (),
    inverse: str | tuple[InversePart, ...] | None = None,
) -> Gate:
    """Define a gate; see `Gate`.

    Args:
        name: as OpenQASM 3 and Qiskit call it.
        rotations: in time order.
        phase: what is independent of the parameters in the global phase.
        phase_scale: factors of the parameters in the global phase; none by default.
        symmetric: whether the order of the qubits does not matter.
        periods: of the parameters; 2 pi by default.
        inverse: a gate's name, or the inverse in parts; by default the gate itself with its parameters negated.
    """
    qubits = len(rotations[0].pauli)
    params = 1 + max((r.param for r in rotations if r.param is not None), default=-1)
    if inverse is None or isinstance(inverse, str):
        inverse = ((inverse or name, tuple(range(qubits)), tuple((k, -1.0) for k in range(params))),)
    return Gate(
        name=name,
        num_qubits=qubits,
        num_params=params,
        rotations=rotations,
        phase_offset=phase,
        phase_scale=phase_scale or (0.0,) * params,
        symmetric=symmetric,
        periods=periods or (2 * pi,) * params,
        inverse_parts=inverse,
    )


_CZ = (("ZI", pi / 2), ("IZ", pi / 2), ("ZZ", -pi / 2))
_HALF = pi / 4


def _library() -> Iterable[Gate]:
    yield make_gate("id", _fixed(("I", 0.0)))
    yield make_gate("x", _fixed(("X", pi)), pi / 2)
    yield make_gate("y", _fixed(("Y", pi)), pi / 2)
    yield make_gate("z", _fixed(("Z", pi)), pi / 2)
    yield make_gate("h", _fixed(("Y", pi / 2), ("X", pi)), pi / 2)
    yield make_gate("s", _fixed(("Z", pi / 2)), pi / 4, inverse="sdg")
    yield make_gate("sdg", _fixed(("Z", -pi / 2)), -pi / 4, inverse="s")
    yield make_gate("t", _fixed(("Z", pi / 4)), pi / 8, inverse="tdg")
    yield make_gate("tdg", _fixed(("Z", -pi / 4)), -pi / 8, inverse="t")
    yield make_gate("sx", _fixed(("X", pi / 2)), pi / 4, inverse="sxdg")
    yield make_gate("sxdg", _fixed(("X", -pi / 2)), -pi / 4, inverse="sx")
    yield make_gate("rx", _free(("X", 0, 1.0)))
    yield make_gate("ry", _free(("Y", 0, 1.0)))
    yield make_gate("rz", _free(("Z", 0, 1.0)))
    yield make_gate("p", _free(("Z", 0, 1.0)), 0.0, (0.5,))
    yield make_gate(
        "u",
        _free(("Z", 2, 1.0), ("Y", 0, 1.0), ("Z", 1, 1.0)),
        0.0,
        (0.0, 0.5, 0.5),
        inverse=(("u", (0,), ((0, -1.0), (2, -1.0), (1, -1.0))),),
    )
    yield make_gate("cx", _fixed(("ZI", pi / 2), ("IX", pi / 2), ("ZX", -pi / 2)), pi / 4)
    yield make_gate("cy", _fixed(("ZI", pi / 2), ("IY", pi / 2), ("ZY", -pi / 2)), pi / 4)
    yield make_gate("cz", _fixed(*_CZ), pi / 4, symmetric=True)
    yield make_gate("ch", _fixed(("IY", -pi / 4), *_CZ, ("IY", pi / 4)), pi / 4)
    yield make_gate("swap", _fixed(("XX", -pi / 2), ("YY", -pi / 2), ("ZZ", -pi / 2)), -pi / 4, symmetric=True)
    yield make_gate(
        "iswap",
        _fixed(("XX", -pi / 2), ("YY", -pi / 2)),
        symmetric=True,
        inverse=(("z", (0,), ()), ("iswap", (0, 1), ()), ("z", (0,), ())),
    )
    yield make_gate("ecr", _fixed(("ZX", pi / 2), ("XI", pi)), pi / 2)
    yield make_gate("cp", _free(("ZI", 0, 0.5), ("IZ", 0, 0.5), ("ZZ", 0, -0.5)), 0.0, (0.25,), symmetric=True)
    yield make_gate("crx", _free(("IX", 0, 0.5), ("ZX", 0, -0.5)), periods=(4 * pi,))
    yield make_gate("cry", _free(("IY", 0, 0.5), ("ZY", 0, -0.5)), periods=(4 * pi,))
    yield make_gate("crz", _free(("IZ", 0, 0.5), ("ZZ", 0, -0.5)), periods=(4 * pi,))
    yield make_gate("rxx", _free(("XX", 0, 1.0)), symmetric=True)
    yield make_gate("ryy", _free(("YY", 0, 1.0)), symmetric=True)
    yield make_gate("rzz", _free(("ZZ", 0, 1.0)), symmetric=True)
    yield make_gate("rzx", _free(("ZX", 0, 1.0)))
    for name, last, symmetric in (("ccx", "X", False), ("ccz", "Z", True)):
        singles = (("ZII", _HALF), ("IZI", _HALF), ("II" + last, _HALF))
        pairs = (("ZZI", -_HALF), ("ZI" + last, -_HALF), ("IZ" + last, -_HALF))
        yield make_gate(name, _fixed(*singles, *pairs, ("ZZ" + last, _HALF)), pi / 8, symmetric=symmetric)
    swaps = tuple((f"{c}{p}{p}", angle) for c, angle in (("I", _HALF), ("Z", -_HALF)) for p in "XYZ")
    yield make_gate("cswap", _fixed(("ZII", _HALF), *swaps), pi / 8)
    yield make_gate(
        "dcz",
        _free(("ZI", 1, 1.0), ("YI", 0, 1.0), ("IZ", 3, 1.0), ("IY", 2, 1.0)) + _fixed(*_CZ),
        pi / 4,
        inverse=(
            ("cz", (0, 1), ()),
            ("ry", (0,), ((0, -1.0),)),
            ("rz", (0,), ((1, -1.0),)),
            ("ry", (1,), ((2, -1.0),)),
            ("rz", (1,), ((3, -1.0),)),
        ),
    )


GATES: Registry[Gate] = Registry("gate", {g.name: g for g in _library()})
"""Every gate by name; `make_gate` defines a further one.

``dcz`` exists for the model alone: a CZ with ``Ry(beta) Rz(gamma)`` before it on each qubit, parameters ``(beta_a,
gamma_a, beta_b, gamma_b)``; `Circuit.expand` turns it into rz, ry and cz.
"""


def gate(name: str) -> Gate:
    """Look a gate up.

    Raises:
        InputError: when the library has no gate of that name.
    """
    if name not in GATES:
        raise InputError(f"unknown gate {name!r}; the library has: {', '.join(GATES)}")
    return GATES[name]


@cache
def fixed_matrix(name: str) -> NDArray[np.complex128]:
    """Return the matrix of a gate without parameters (cached, read-only)."""
    matrix = gate(name).matrix()
    matrix.setflags(write=False)
    return matrix


GATES.when_taken_out(fixed_matrix.cache_clear)
