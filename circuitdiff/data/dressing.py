"""Bring circuits of single-qubit gates and CZ to dressed form, in the gauge that makes their angles unique.

A single-qubit gate before a CZ is ``Rz(alpha) Ry(beta) Rz(gamma)``. Its outer Rz commutes with the CZ, and an X pushed
through a CZ leaves as X on its qubit and Z on the other, so that beta can be brought to [0, pi/2]; what is left over
waits for the qubit's next gate. Where beta is 0, gamma commutes too and is moved on; where it is pi/2, gamma and
gamma + pi are equivalent and the lower is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.data.rotations import (
    IDENTITY,
    PAULI_X,
    PAULI_Z,
    compose,
    from_euler,
    positive_angle,
    rotate_z,
    to_euler,
)

NO_PAIR = -1
ANGLE_TOLERANCE = 1e-6  # radians; angles closer than this to a special value are taken to be that value


class Layers(NamedTuple):
    """Circuits as layers: in each, a gate on every qubit, then a CZ on one pair or on none."""

    gates: Tensor  # (batch, layers, qubits, 4) float64 quaternions
    pairs: Tensor  # (batch, layers) int64 index into Layout.pairs, or NO_PAIR
    closing: Tensor  # (batch, qubits, 4) float64 quaternions, after the last layer


class DressedCircuits(NamedTuple):
    """Circuits of dressed CZ, see `ansatz_layout`."""

    pairs: Tensor  # (batch, entanglers) int64, NO_PAIR after the last
    angles: Tensor  # (batch, entanglers, 4) float64: beta_a, gamma_a, beta_b, gamma_b; 0 where there is no entangler
    closing: Tensor  # (batch, qubits, 3) float64: theta, phi, lambda


def dress(layers: Layers, layout: Layout, turned: Tensor | None = None) -> DressedCircuits:
    """Push every single-qubit gate as far towards the end as it goes and read off the angles that stay.

    Where `turned` (batch, layers, 2) bool says so, of each end of a layer's pair, an X more is pushed through.
    """
    ends = torch.tensor(layout.pairs, device=layers.pairs.device)  # (pairs, 2)
    x, z = (torch.tensor(pauli, dtype=torch.float64, device=layers.pairs.device) for pauli in (PAULI_X, PAULI_Z))
    batch = torch.arange(len(layers.pairs), device=layers.pairs.device)
    pending = torch.tensor(IDENTITY, dtype=torch.float64, device=layers.pairs.device).expand_as(layers.closing)
    angles = []
    for step in range(layers.pairs.shape[1]):
        pending = compose(layers.gates[:, step], pending)
        pair = layers.pairs[:, step]
        active = pair != NO_PAIR
        qubits = ends[pair.clamp_min(0)]  # (batch, 2)
        here = pending[batch[:, None], qubits]  # (batch, 2, 4)
        alpha, beta, gamma, flipped = _gauge(here)
        if turned is not None:
            beta = torch.where(turned[:, step], math.pi - beta, beta)
            gamma = torch.where(turned[:, step], torch.remainder(gamma + math.pi, 2 * math.pi), gamma)
            flipped = flipped ^ turned[:, step]
        after = rotate_z(alpha)
        after = torch.where(flipped[..., None], compose(after, x.expand_as(after)), after)
        after = torch.where(flipped.flip(-1)[..., None], compose(after, z.expand_as(after)), after)
        after = torch.where(active[:, None, None], after, here)
        pending = pending.scatter(1, qubits[..., None].expand_as(after), after)
        angles.append(torch.stack((beta, gamma), dim=-1).flatten(1) * active[:, None])
    return _compacted(layers.pairs, torch.stack(angles, dim=1), _closing_angles(compose(layers.closing, pending)))


def dress_all(parts: Sequence[Layers], layout: Layout) -> DressedCircuits:
    """Dress circuits of several origins and put them one after the other, cut to max_gates entanglers."""
    dressed, count = [dress(layers, layout) for layers in parts], layout.max_gates
    return DressedCircuits(
        torch.cat([part.pairs[:, :count] for part in dressed]),
        torch.cat([part.angles[:, :count] for part in dressed]),
        torch.cat([part.closing for part in dressed]),
    )


def _gauge(gate: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Write gates (..., 4) as ``Rz(alpha) X^flipped Ry(beta) Rz(gamma)``, beta in [0, pi/2], gamma in [0, 2 pi)."""
    alpha, beta, gamma = to_euler(gate)
    flipped = beta > math.pi / 2 + ANGLE_TOLERANCE
    beta = torch.where(flipped, math.pi - beta, beta)
    gamma = torch.where(flipped, gamma + math.pi, gamma)
    diagonal = beta < ANGLE_TOLERANCE
    alpha = torch.where(diagonal, torch.where(flipped, alpha - gamma, alpha + gamma), alpha)
    gamma = positive_angle(torch.where(diagonal, torch.zeros_like(gamma), gamma), ANGLE_TOLERANCE)
    beta = torch.where(diagonal, torch.zeros_like(beta), beta)
    tie = (beta > math.pi / 2 - ANGLE_TOLERANCE) & (gamma > math.pi - ANGLE_TOLERANCE)
    gamma = torch.where(tie, (gamma - math.pi).clamp_min(0), gamma)
    return alpha, beta, gamma, flipped ^ tie


def _closing_angles(gate: Tensor) -> Tensor:
    """Return (theta, phi, lambda) of ``u``, with lambda = 0 where theta is 0 or pi."""
    alpha, beta, gamma = to_euler(gate)
    diagonal, antidiagonal = beta < ANGLE_TOLERANCE, beta > math.pi - ANGLE_TOLERANCE
    phi = torch.where(diagonal, alpha + gamma, torch.where(antidiagonal, alpha - gamma, alpha))
    lam = torch.where(diagonal | antidiagonal, torch.zeros_like(gamma), gamma)
    phi, lam = (positive_angle(angle, ANGLE_TOLERANCE) for angle in (phi, lam))
    return torch.stack((beta, phi, lam), dim=-1)


def _compacted(pairs: Tensor, angles: Tensor, closing: Tensor) -> DressedCircuits:
    order = torch.argsort((pairs == NO_PAIR).to(torch.uint8), dim=1, stable=True)
    return DressedCircuits(
        torch.gather(pairs, 1, order),
        torch.gather(angles, 1, order[..., None].expand_as(angles)),
        closing,
    )


def undress(circuits: DressedCircuits, layout: Layout) -> Layers:
    """Write such circuits as layers; `dress` brings them back."""
    ends = torch.tensor(layout.pairs, device=circuits.pairs.device)
    beta, gamma = circuits.angles[..., 0::2], circuits.angles[..., 1::2]
    dressings = from_euler(torch.zeros_like(beta), beta, gamma)  # (batch, entanglers, 2, 4)
    identity = torch.tensor(IDENTITY, dtype=torch.float64, device=circuits.pairs.device)
    gates = identity.expand(*circuits.pairs.shape, layout.num_qubits, 4)
    qubits = ends[circuits.pairs.clamp_min(0)]
    gates = gates.scatter(2, qubits[..., None].expand_as(dressings), dressings)
    theta, phi, lam = circuits.closing.unbind(-1)
    return Layers(gates, circuits.pairs, from_euler(phi, theta, lam))


def with_any_paulis(circuits: DressedCircuits, layout: Layout, generator: torch.Generator) -> DressedCircuits:
    """Leave the gauge: push an X through every second end of an entangler, at random."""
    draw = torch.rand(*circuits.pairs.shape, 2, generator=generator, device=circuits.pairs.device)
    return dress(undress(circuits, layout), layout, draw < 0.5)


def canonicalise(circuits: DressedCircuits, layout: Layout, rounds: int = 2) -> DressedCircuits:
    """Order CZ that commute (lower pair first) and cancel equal neighbours.

    Two neighbours on different pairs commute when the later one leaves the qubits they share undressed (beta = 0);
    neighbours on the same pair with neither qubit dressed in between are the identity.
    """
    for _ in range(rounds):
        circuits = _ordered(circuits, layout)
        cancelled = _cancelling(circuits)
        pairs = torch.where(cancelled, torch.full_like(circuits.pairs, NO_PAIR), circuits.pairs)
        layers = undress(circuits, layout)
        circuits = dress(Layers(layers.gates, pairs, layers.closing), layout)
    return circuits


def _ordered(circuits: DressedCircuits, layout: Layout) -> DressedCircuits:
    pairs, angles, closing = circuits
    pairs, angles = pairs.clone(), angles.clone()
    shared = _shared_ends(layout).to(pairs.device)
    count = pairs.shape[1]
    for stop in range(count - 1, 0, -1):
        for i in range(stop):
            first, second = pairs[:, i], pairs[:, i + 1]
            known = shared[
                first.clamp_min(0), second.clamp_min(0)
            ]  # (batch, 2): end of `first` at each end of `second`
            bare = (angles[:, i + 1, 0::2] < ANGLE_TOLERANCE) | (known < 0)
            swap = (second != NO_PAIR) & (second < first) & bare.all(1)
            if not bool(swap.any()):
                continue
            moved = _swapped_angles(angles[:, i], angles[:, i + 1], known)
            angles[:, i : i + 2] = torch.where(swap[:, None, None], moved, angles[:, i : i + 2])
            exchanged = torch.stack((second, first), dim=1)
            pairs[:, i : i + 2] = torch.where(swap[:, None], exchanged, pairs[:, i : i + 2])
    return DressedCircuits(pairs, angles, closing)


def _swapped_angles(first: Tensor, second: Tensor, shared: Tensor) -> Tensor:
    """Exchange two commuting entanglers (batch, 4): the dressing of a shared qubit stays in front."""
    first, second = first.view(-1, 2, 2), second.view(-1, 2, 2)
    common = shared >= 0
    inherited = torch.gather(first, 1, shared.clamp_min(0)[..., None].expand_as(first))
    front = torch.where(common[..., None], inherited, second)
    given = torch.stack([((shared == end) & common).any(1) for end in range(2)], dim=1)
    back = torch.where(given[..., None], torch.zeros_like(first), first)
    return torch.stack((front, back), dim=1).flatten(2)


def _shared_ends(layout: Layout) -> Tensor:
    """Return (pairs, pairs, 2): for pairs p, q and each end of q, which end of p is the same qubit, or -1."""
    return torch.tensor(
        [[[p.index(qubit) if qubit in p else -1 for qubit in q] for q in layout.pairs] for p in layout.pairs]
    )


def _cancelling(circuits: DressedCircuits) -> Tensor:
    """Mark (batch, entanglers) the CZ that meet an equal one with nothing between; each takes part in one meeting."""
    pairs, angles, _ = circuits
    bare = (angles[..., 0::2] < ANGLE_TOLERANCE).all(-1)
    cancelled = torch.zeros_like(bare)
    for i in range(pairs.shape[1] - 1):
        meets = (pairs[:, i] == pairs[:, i + 1]) & (pairs[:, i] != NO_PAIR) & bare[:, i + 1] & ~cancelled[:, i]
        cancelled[:, i] |= meets
        cancelled[:, i + 1] |= meets
    return cancelled
