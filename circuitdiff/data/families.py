"""Random sequences of the gates that real circuits are made of, as layers of single-qubit gates and CZ.

Each macro is a small program on up to three qubits and up to three angles, lowered once to layers with a CZ each; a
circuit is a random sequence of macros on random qubits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.data.dressing import NO_PAIR, Layers
from circuitdiff.data.random_circuits import pair_index, recurring_angles
from circuitdiff.data.rotations import IDENTITY, compose, rotation

MACRO_QUBITS = 3
MACRO_ANGLES = 3

# name: (relative frequency, program). "rz:1:-0.5 2" is Rz(-0.5 * angle 1) on local qubit 2.
PROGRAMS: dict[str, tuple[float, str]] = {
    "h": (3.0, "h 0"),
    "x": (0.3, "x 0"),
    "t": (0.7, "t 0"),
    "s": (0.5, "s 0"),
    "rx": (1.0, "rx:0:1 0"),
    "ry": (1.5, "ry:0:1 0"),
    "rz": (1.0, "rz:0:1 0"),
    "cz": (1.0, "cz 0 1"),
    "cx": (4.0, "cx 0 1"),
    "cp": (2.0, "rz:0:0.5 0; rz:0:0.5 1; cx 0 1; rz:0:-0.5 1; cx 0 1"),
    "rzz": (1.0, "cx 0 1; rz:0:1 1; cx 0 1"),
    "rxx": (0.5, "h 0; h 1; cx 0 1; rz:0:1 1; cx 0 1; h 0; h 1"),
    "cry": (0.7, "ry:0:0.5 1; cx 0 1; ry:0:-0.5 1; cx 0 1"),
    "crz": (0.3, "rz:0:0.5 1; cx 0 1; rz:0:-0.5 1; cx 0 1"),
    "ch": (0.3, "s 1; h 1; t 1; cx 0 1; tdg 1; h 1; sdg 1"),
    "swap": (1.0, "cx 0 1; cx 1 0; cx 0 1"),
    "canonical": (0.7, "cx 1 0; rz:0:1 0; ry:1:1 1; cx 0 1; ry:2:1 1; cx 1 0"),
    "ladder": (0.4, "cx 0 1; cx 1 2; rz:0:1 2; cx 1 2; cx 0 1"),
    "rccx": (0.6, "ry:-:0.25 2; cx 1 2; ry:-:0.25 2; cx 0 2; ry:-:-0.25 2; cx 1 2; ry:-:-0.25 2"),
    "ccz": (
        1.5,
        "cx 1 2; tdg 2; cx 0 2; t 2; cx 1 2; tdg 2; cx 0 2; t 1; t 2; cx 0 1; t 0; tdg 1; cx 0 1",
    ),
    "ccx": (
        2.0,
        "h 2; cx 1 2; tdg 2; cx 0 2; t 2; cx 1 2; tdg 2; cx 0 2; t 1; t 2; h 2; cx 0 1; t 0; tdg 1; cx 0 1",
    ),
    "ccz-line": (
        1.5,
        "t 0; t 1; t 2; cx 1 2; tdg 2; cx 0 1; tdg 1; cx 1 2; tdg 2; cx 0 1; cx 1 2; t 2; cx 0 1; cx 1 2; cx 0 1",
    ),
}

_FIXED = {  # name: rotations in time order, (axis, angle)
    "h": ((2, math.pi), (1, math.pi / 2)),
    "x": ((0, math.pi),),
    "s": ((2, math.pi / 2),),
    "sdg": ((2, -math.pi / 2),),
    "t": ((2, math.pi / 4),),
    "tdg": ((2, -math.pi / 4),),
}


class MacroTable(NamedTuple):
    """Every macro as layers; the gate of a place is ``later . rotation(axis, scale * angles[which]) . earlier``."""

    earlier: Tensor  # (macros, layers, MACRO_QUBITS, 4) quaternions
    later: Tensor  # (macros, layers, MACRO_QUBITS, 4)
    axis: Tensor  # (macros, layers, MACRO_QUBITS) int64
    which: Tensor  # (macros, layers, MACRO_QUBITS) int64
    scale: Tensor  # (macros, layers, MACRO_QUBITS)
    ends: Tensor  # (macros, layers, 2) int64: local qubits of the CZ, or -1
    frequency: Tensor  # (macros,)
    uses: Tensor  # (macros, 3) bool: whether it couples local qubits (0, 1), (0, 2), (1, 2)


_LOCAL_PAIRS = ((0, 1), (0, 2), (1, 2))


class _Place:
    """A single-qubit gate under construction, with at most one rotation by a free angle."""

    def __init__(self) -> None:
        self.earlier = torch.tensor(IDENTITY, dtype=torch.float64)
        self.later = torch.tensor(IDENTITY, dtype=torch.float64)
        self.axis, self.which, self.scale = 0, 0, 0.0

    def apply(self, gate: Tensor) -> None:
        if self.scale:
            self.later = compose(gate, self.later)
        else:
            self.earlier = compose(gate, self.earlier)

    def turn(self, axis: int, which: int, scale: float) -> None:
        if self.scale:
            raise ValueError("a macro has two free rotations of one qubit between two entanglers")
        self.axis, self.which, self.scale = axis, which, scale


_Layer = tuple[list[_Place], tuple[int, int]]


def _parse(program: str) -> list[_Layer]:
    layers: list[_Layer] = []
    places = [_Place() for _ in range(MACRO_QUBITS)]
    for statement in program.split("; "):
        name, *arguments = statement.split()
        qubits = [int(argument) for argument in arguments]
        if name in ("cx", "cz"):
            if name == "cx":
                places[qubits[1]].apply(_fixed("h"))
            layers.append((places, (qubits[0], qubits[1])))
            places = [_Place() for _ in range(MACRO_QUBITS)]
            if name == "cx":
                places[qubits[1]].apply(_fixed("h"))
        elif name in _FIXED:
            places[qubits[0]].apply(_fixed(name))
        else:
            kind, index, scale = name.split(":")
            axis = "xyz".index(kind[1])
            if index == "-":  # a multiple of pi
                places[qubits[0]].apply(rotation(torch.tensor(axis), torch.tensor(float(scale) * math.pi).double()))
            else:
                places[qubits[0]].turn(axis, int(index), float(scale))
    layers.append((places, (NO_PAIR, NO_PAIR)))
    return layers


def _fixed(name: str) -> Tensor:
    gate = torch.tensor(IDENTITY, dtype=torch.float64)
    for axis, angle in _FIXED[name]:
        gate = compose(rotation(torch.tensor(axis), torch.tensor(angle, dtype=torch.float64)), gate)
    return gate


@lru_cache
def macro_table(device: torch.device | str = "cpu") -> MacroTable:
    """Lower every program of PROGRAMS to layers, padded with empty ones."""
    parsed = [_parse(program) for _, program in PROGRAMS.values()]
    longest = max(map(len, parsed))
    empty: _Layer = ([_Place() for _ in range(MACRO_QUBITS)], (NO_PAIR, NO_PAIR))
    padded = [layers + [empty] * (longest - len(layers)) for layers in parsed]

    def places(attribute: str) -> list[list[list[Any]]]:
        return [[[getattr(place, attribute) for place in layer[0]] for layer in layers] for layers in padded]

    def stacked(attribute: str) -> Tensor:
        return torch.stack([torch.stack([torch.stack(layer) for layer in layers]) for layers in places(attribute)])

    uses = [[any(tuple(sorted(layer[1])) == pair for layer in layers) for pair in _LOCAL_PAIRS] for layers in parsed]
    table = MacroTable(
        earlier=stacked("earlier"),
        later=stacked("later"),
        axis=torch.tensor(places("axis")),
        which=torch.tensor(places("which")),
        scale=torch.tensor(places("scale"), dtype=torch.float64),
        ends=torch.tensor([[layer[1] for layer in layers] for layers in padded]),
        frequency=torch.tensor([frequency for frequency, _ in PROGRAMS.values()]),
        uses=torch.tensor(uses),
    )
    return MacroTable(*(tensor.to(device) for tensor in table))


def family_layers(allowed: Tensor, layout: Layout, generator: torch.Generator, num_gates: int = 12) -> Layers:
    """Draw one circuit of up to `num_gates` macros for each row of `allowed` (batch, pairs) bool.

    Each circuit favours some macros at random. Macros that would couple a pair that is not allowed, or exceed the
    circuit's number of entanglers, are left out.
    """
    table, device = macro_table(allowed.device), allowed.device
    batch = len(allowed)
    gamma = -torch.rand(batch, len(table.frequency), generator=generator, device=device).clamp_min(1e-9).log()
    macro = torch.multinomial(table.frequency * gamma.square(), num_gates, replacement=True, generator=generator)
    order = torch.rand(batch, num_gates, layout.num_qubits, generator=generator, device=device)
    order = (order + ~_coupled(allowed, layout)[:, None]).argsort(-1)
    pair_of, ends = pair_index(layout, device), table.ends[macro]  # ends (batch, gates, layers, 2)
    placed = torch.gather(order[:, :, None].expand(*ends.shape[:3], -1), 3, ends.clamp_min(0))
    pairs = torch.where(ends[..., 0] == NO_PAIR, NO_PAIR, pair_of[placed[..., 0], placed[..., 1]])
    fits = (allowed[torch.arange(batch, device=device)[:, None, None], pairs] | (pairs == NO_PAIR)).all(2)
    budget = torch.randint(1, layout.max_gates + 1, (batch, 1), generator=generator, device=device)
    cost = (pairs != NO_PAIR).sum(2) * fits
    keep = fits & (cost.cumsum(1) <= budget)
    return _assembled(table, macro, order, pairs, keep, _angles(batch, num_gates, generator, device))


def _assembled(table: MacroTable, macro: Tensor, order: Tensor, pairs: Tensor, keep: Tensor, angles: Tensor) -> Layers:
    layers = table.ends.shape[1]
    angle = torch.gather(angles[:, :, None].expand(-1, -1, layers, -1), 3, table.which[macro]) * table.scale[macro]
    gates = compose(table.later[macro], compose(rotation(table.axis[macro], angle), table.earlier[macro]))
    identity = torch.tensor(IDENTITY, dtype=gates.dtype, device=gates.device)
    gates = torch.where(keep[:, :, None, None, None], gates, identity)
    others = identity.expand(*gates.shape[:3], order.shape[2] - gates.shape[3], 4)
    gates = torch.cat((gates, others), dim=3)
    target = order[:, :, None, :, None].expand_as(gates)  # local qubit i sits on register qubit order[i]
    gates = torch.empty_like(gates).scatter(3, target, gates)
    pairs = torch.where(keep[:, :, None], pairs, NO_PAIR)
    closing = identity.expand(len(macro), gates.shape[3], 4)
    return Layers(gates.flatten(1, 2), pairs.flatten(1, 2), closing)


def _angles(batch: int, num_gates: int, generator: torch.Generator, device: torch.device) -> Tensor:
    """Draw macro angles (batch, gates, MACRO_ANGLES): special, recurring, or free, by circuit and place."""
    size = (batch, num_gates, MACRO_ANGLES)
    kind = torch.rand(batch, 1, 1, generator=generator, device=device)
    place = torch.rand(size, generator=generator, device=device)
    exponent = torch.randint(4, size, generator=generator, device=device)
    sign = torch.randint(2, size, generator=generator, device=device) * 2.0 - 1
    special = (sign * math.pi / 2.0**exponent).double()
    free = 2 * math.pi * torch.rand(size, generator=generator, device=device, dtype=torch.float64)
    recurring = recurring_angles(size, generator, device)
    return torch.where(place < kind, torch.where(kind < 0.6, recurring, free), special)


def _coupled(allowed: Tensor, layout: Layout) -> Tensor:
    """Return (batch, qubits) bool: whether a qubit is in any pair that is allowed."""
    ends = torch.tensor(layout.pairs, device=allowed.device)
    return (allowed[..., None] & torch.nn.functional.one_hot(ends, layout.num_qubits).any(1)).any(1)
