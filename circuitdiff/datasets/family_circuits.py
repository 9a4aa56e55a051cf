"""Random circuits out of textbooks, whole or in pieces, in batches: gates, qubits and angles drawn from tables."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.commutation import normal_order
from circuitdiff.circuits.vocabulary import NUM_SPECIAL, PAD
from circuitdiff.data.sequences import SequenceTables, styled_angles
from circuitdiff.datasets.textbook import FAMILIES, MAX_TURNS, Steps, Turn, circuits, in_gates
from circuitdiff.errors import InputError

WHOLE = 0.5
"""Share of circuits that are not cut, of those short enough."""


class FamilyTables(NamedTuple):
    """Every circuit of the families that a device can run, written in its gates."""

    tokens: Tensor  # (circuits, gates) int64, PAD at the end
    scale: Tensor  # (circuits, gates): the angle is scale * turns[which] + offset
    which: Tensor  # (circuits, gates) int64
    offset: Tensor  # (circuits, gates) radians
    length: Tensor  # (circuits,) int64
    family: Tensor  # (circuits,) int64, place in `FAMILIES`
    moved: Tensor  # (orders, V) int64: tokens with the qubits numbered anew
    weight: Tensor  # (circuits, orders): how likely each is, every family as likely as any other


class FamilyBatch(NamedTuple):
    """Circuits, and where they come from."""

    tokens: Tensor  # (batch, max_gates) int64 in normal form, PAD at the end
    angles: Tensor  # (batch, max_gates) float64 radians, 0 where there is none
    family: Tensor  # (batch,) int64, place in `FAMILIES`
    piece: Tensor  # (batch,) bool: whether the circuit is a part of the family's


def family_tables(tables: SequenceTables, coupled: Tensor) -> FamilyTables:
    """Tabulate what the families have for a layout's gates on a register with some couplings (pairs,) bool.

    Raises:
        InputError: they have nothing.
    """
    vocabulary = tables.layout.vocabulary
    found: dict[tuple[tuple[int, ...], tuple[Turn, ...]], int] = {}
    for number, name in enumerate(FAMILIES):
        for steps in circuits(name, vocabulary.num_qubits):
            written = in_gates(steps, tables.layout.gates)
            if written is not None:
                found.setdefault(_tidied(written, tables), number)
    moved = torch.tensor([list(_renumbered(order, tables)) for order in permutations(range(vocabulary.num_qubits))])
    size = max(map(len, (tokens for tokens, _ in found)), default=0)
    tokens = torch.tensor([(*tokens, *(PAD,) * (size - len(tokens))) for tokens, _ in found], dtype=torch.int64)
    turns = torch.tensor([(*turns, *(Turn(),) * (size - len(turns))) for _, turns in found], dtype=torch.float64)
    family = torch.tensor(list(found.values()))
    apart = (tables.couples & ~coupled).any(1)
    fits = ~apart[moved[:, tokens]].any(-1).T if found else torch.zeros(0, len(moved), dtype=torch.bool)
    if not fits.any():
        raise InputError(f"no structured circuit can be written in {','.join(tables.layout.gates)} on these couplings")
    return FamilyTables(
        tokens=tokens,
        scale=turns[..., 0],
        which=turns[..., 1].long(),
        offset=turns[..., 2],
        length=(tokens != PAD).sum(1),
        family=family,
        moved=moved,
        weight=_evenly(fits, family),
    )


def draw_families(
    size: int, families: FamilyTables, tables: SequenceTables, least: int, generator: torch.Generator
) -> FamilyBatch:
    """Draw circuits: a family's on random qubits at random angles, or a run of at least `least` of its gates.

    Open angles are drawn as those of random circuits, see `styled_angles`.
    """
    most = tables.layout.max_gates
    drawn = torch.multinomial(families.weight.flatten(), size, replacement=True, generator=generator)
    chosen, order = drawn // len(families.moved), drawn % len(families.moved)
    full = families.length[chosen]
    share = torch.rand(3, size, generator=generator)
    longest, shortest = full.clamp_max(most), full.clamp_max(least)
    length = shortest + (share[0] * (longest + 1 - shortest)).long()
    length = torch.where((share[1] < WHOLE) & (full <= most), full, length)
    first = (share[2] * (full + 1 - length)).long()
    inside = torch.arange(most) < length[:, None]
    place = (first[:, None] + torch.arange(most)).clamp_max(families.tokens.shape[1] - 1)
    given = torch.where(inside, families.tokens[chosen[:, None], place], PAD)
    tokens = families.moved[order[:, None], given]
    turns = styled_angles(size, MAX_TURNS, generator).double()
    row, column = chosen[:, None], place
    turned = torch.gather(turns, 1, families.which[row, column])
    angles = torch.remainder(families.scale[row, column] * turned + families.offset[row, column], 2 * math.pi)
    sort = normal_order(tokens, tables.commute)
    tokens, angles = torch.gather(tokens, 1, sort), torch.gather(angles, 1, sort)
    angles = torch.where(tables.has_angle[:, 0][tokens], angles, 0.0)
    return FamilyBatch(tokens, angles, families.family[chosen], length < full)


def _tidied(steps: Steps, tables: SequenceTables) -> tuple[tuple[int, ...], tuple[Turn, ...]]:
    """Return tokens and angles, without gates that commute their way to what cancels them or turns about their axis."""
    kept: list[tuple[int, Turn]] = []
    for name, qubits, turn in steps:
        token, angle = tables.layout.vocabulary.index(name, qubits), turn or Turn()
        assert token is not None
        place = _partner(token, angle, kept, tables)
        if place is None:
            kept.append((token, angle))
            continue
        _, before = kept.pop(place)
        together = _sum(before, angle)
        if bool(tables.has_angle[token, 0]) and not _is_none(together):
            kept.insert(place, (token, together))
    return tuple(token for token, _ in kept), tuple(turn for _, turn in kept)


def _partner(token: int, angle: Turn, kept: list[tuple[int, Turn]], tables: SequenceTables) -> int | None:
    """Return the place of the gate that one merges or cancels with, None where there is none."""
    for place in range(len(kept) - 1, -1, -1):
        other, turn = kept[place]
        if other == int(tables.inverse[token]):
            return place if not (angle.scale and turn.scale) or angle.which == turn.which else None
        if not tables.commute[token, other]:
            return None
    return None


def _sum(first: Turn, second: Turn) -> Turn:
    which = first.which if first.scale else second.which
    return Turn(first.scale + second.scale, which, first.offset + second.offset)


def _is_none(turn: Turn) -> bool:
    return turn.scale == 0 and math.isclose(math.cos(turn.offset), 1.0)


def _renumbered(order: tuple[int, ...], tables: SequenceTables) -> Iterator[int]:
    """Yield every token with qubit ``q`` called ``order[q]``."""
    yield from range(NUM_SPECIAL)
    for name, qubits in tables.layout.vocabulary.placed:
        token = tables.layout.vocabulary.index(name, tuple(order[q] for q in qubits))
        assert token is not None
        yield token


def _evenly(fits: Tensor, family: Tensor) -> Tensor:
    """Return weights (circuits, orders): families alike, in each its circuits, and of each the orders that fit."""
    usable = fits.any(1)
    alike = torch.bincount(family, weights=usable.double(), minlength=len(FAMILIES))[family]
    return fits / (fits.sum(1).clamp_min(1) * alike.clamp_min(1))[:, None]
