"""Structures of circuits that make states of |0...0>: connected ones above all, without entanglers to no purpose."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.data.dressing import ANGLE_TOLERANCE, NO_PAIR, DressedCircuits, Layers, dress, undress
from circuitdiff.data.random_circuits import NUM_STYLES, pair_index, styled_gates

GENERIC_COUNTS = (0, 0, 1, 3, 6, 14, 29, 61, 125)
"""Entanglers that reach any state of 0, 1, 2, ... qubits."""


def draw_trees(num_qubits: Tensor, layout: Layout, generator: torch.Generator) -> Tensor:
    """Draw a spanning tree of the first `num_qubits` (batch,) qubits, its edges in the order in which they join it.

    A third are paths, some are stars, the others have every qubit join a random one.

    Returns:
        (batch, qubits - 1) int64 index into the layout's pairs, NO_PAIR after the last.
    """
    n, batch, device = layout.num_qubits, len(num_qubits), num_qubits.device
    draw = torch.rand(batch, n, generator=generator, device=device)
    order = (draw + 2.0 * (torch.arange(n, device=device) >= num_qubits[:, None])).argsort(1)
    kind = torch.rand(batch, generator=generator, device=device)
    which = torch.rand(batch, n, generator=generator, device=device)
    index, edges = pair_index(layout, device), []
    for joining in range(1, n):
        parent = (which[:, joining] * joining).long()
        parent = torch.where(kind < 0.35, joining - 1, torch.where(kind < 0.5, 0, parent))
        edge = index[order[:, joining], torch.gather(order, 1, parent[:, None])[:, 0]]
        edges.append(torch.where(joining < num_qubits, edge, NO_PAIR))
    return torch.stack(edges, dim=1)


def grown_layers(
    trees: Tensor, allowed: Tensor, layout: Layout, generator: torch.Generator, haar_share: float
) -> Layers:
    """Draw circuits that join qubits along trees, now and then by two entanglers, and go on within `allowed`.

    Args:
        trees: (batch, qubits - 1), from `draw_trees`.
        allowed: (batch, pairs) bool, pairs of the entanglers that follow; at least one each.
        layout: the register.
        generator: of the device of `trees`.
        haar_share: of the circuits whose gates are from the Haar measure; the other styles share the rest.
    """
    batch, device, most = len(trees), trees.device, layout.max_gates
    twice = torch.rand(batch, 1, generator=generator, device=device) < 0.4
    twice = twice & (torch.rand(trees.shape, generator=generator, device=device) < 0.7)
    joining = torch.stack((trees, torch.where(twice, trees, NO_PAIR)), dim=2).flatten(1)
    more = torch.multinomial(allowed.float(), most, replacement=True, generator=generator)
    room = torch.rand(batch, 1, generator=generator, device=device)
    extra = (room**2 * (most + 1)).long() * (torch.rand(batch, 1, generator=generator, device=device) < 0.7)
    more = torch.where(torch.arange(most, device=device) < extra, more, NO_PAIR)
    pairs = torch.cat((joining, more), dim=1)
    pairs = torch.gather(pairs, 1, torch.argsort((pairs == NO_PAIR).to(torch.uint8), dim=1, stable=True))[:, :most]
    style = torch.randint(1, NUM_STYLES, (batch,), generator=generator, device=device)
    style = torch.where(torch.rand(batch, generator=generator, device=device) < haar_share, 0, style)
    gates = styled_gates(style, (most + 1, layout.num_qubits), generator)
    return Layers(gates[:, :most], pairs, gates[:, most])


def without_idle(circuits: DressedCircuits, layout: Layout, rounds: int = 3) -> DressedCircuits:
    """Leave out entanglers from |0...0> that do nothing, and those of qubits that have all that any state takes.

    The former meet a qubit that is still in zero. The latter come between qubits that are entangled with no others,
    and have as many entanglers among them as their most general state; the circuit then makes another state. What is
    left may again have some such, rarely after a few rounds.
    """
    for _ in range(rounds):
        kept = _purposeful(circuits, layout)
        if bool((kept == circuits.pairs).all()):
            break
        layers = undress(circuits, layout)
        circuits = dress(Layers(layers.gates, kept, layers.closing), layout)
    return circuits


def _purposeful(circuits: DressedCircuits, layout: Layout) -> Tensor:
    """Return the pairs (batch, entanglers) with NO_PAIR in place of those that `without_idle` leaves out."""
    pairs, angles, _ = circuits
    n, device = layout.num_qubits, pairs.device
    ends = torch.tensor(layout.pairs, device=device)
    most = torch.tensor(GENERIC_COUNTS[: n + 1], device=device)
    group = torch.arange(n, device=device).expand(len(pairs), n).clone()  # qubits that hang together have one number
    spent = torch.zeros(len(pairs), n, dtype=torch.int64, device=device)  # entanglers among the qubits of each group
    kept = []
    for step in range(pairs.shape[1]):
        qubits = ends[pairs[:, step].clamp_min(0)]
        groups = torch.gather(group, 1, qubits)
        size = (group[:, :, None] == groups[:, None]).sum(1)  # (batch, 2)
        used = torch.gather(spent, 1, groups)
        idle = ((size == 1) & (angles[:, step, 0::2] < ANGLE_TOLERANCE)).any(1)
        same = groups[:, 0] == groups[:, 1]
        full = same & (used[:, 0] >= most[size[:, 0]])
        keep = (pairs[:, step] != NO_PAIR) & ~idle & ~full
        merged = torch.where(group == groups[:, 1:], groups[:, :1], group)
        group = torch.where(keep[:, None], merged, group)
        total = torch.where(same, used[:, 0], used.sum(1)) + 1
        spent = torch.where(keep[:, None], spent.scatter(1, groups[:, :1], total[:, None]), spent)
        kept.append(torch.where(keep, pairs[:, step], NO_PAIR))
    return torch.stack(kept, dim=1)


def num_used(pairs: Tensor, layout: Layout) -> Tensor:
    """Return (batch,) int64: how many qubits the entanglers (batch, entanglers) act on."""
    on = torch.zeros(len(layout.pairs) + 1, layout.num_qubits, dtype=torch.bool, device=pairs.device)
    for index, pair in enumerate(layout.pairs):
        on[index, list(pair)] = True
    return on[pairs].any(1).sum(1)  # NO_PAIR = -1 reads the last row
