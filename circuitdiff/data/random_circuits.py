"""Random circuits of single-qubit gates and CZ, in several styles of angles."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from circuitdiff.circuits.layout import Layout
from circuitdiff.data.dressing import NO_PAIR, Layers
from circuitdiff.data.rotations import IDENTITY, compose, from_euler, haar, rotation

LONGEST_RUN = 3  # entanglers in a row on one pair: three suffice for any two-qubit gate

# Relative frequency of circuits with 0, 1, 2, ... entanglers; beyond the list, the last.
LENGTH_WEIGHTS = (0.2, 0.8, 1.2, 1.5, 1.6, 1.6, 1.5, 1.4, 1.2, 1.0, 0.8, 0.6, 0.5)

NUM_STYLES = 6


def random_layers(allowed: Tensor, layout: Layout, generator: torch.Generator, haar_share: float = 0.5) -> Layers:
    """Draw one circuit for each row of `allowed`.

    Args:
        allowed: (batch, pairs) bool, the pairs a circuit may use, at least one each.
        layout: the register; circuits have at most max_gates entanglers.
        generator: of the device of `allowed`.
        haar_share: of the circuits whose gates are all from the Haar measure; the other styles share the rest.
    """
    batch, count = len(allowed), layout.max_gates
    weights = torch.tensor([LENGTH_WEIGHTS[min(k, len(LENGTH_WEIGHTS) - 1)] for k in range(count + 1)])
    weights = weights.to(allowed.device)
    weights = torch.where(allowed.sum(1, keepdim=True) > 1, weights, weights * (torch.arange(count + 1) <= LONGEST_RUN))
    length = torch.multinomial(weights, 1, generator=generator)
    pairs = _draw_pairs(allowed, count, generator)
    pairs = torch.where(torch.arange(count, device=pairs.device) < length, pairs, NO_PAIR)
    style = torch.randint(1, NUM_STYLES, (batch,), generator=generator, device=allowed.device)
    style = torch.where(torch.rand(batch, generator=generator, device=allowed.device) < haar_share, 0, style)
    gates = styled_gates(style, (count + 1, layout.num_qubits), generator)
    gates, closing = gates[:, :count], gates[:, count]
    return Layers(torch.where(_touched(pairs, layout), gates, _identity(gates)), pairs, closing)


def _draw_pairs(allowed: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Draw pairs (batch, count), with no more than LONGEST_RUN in a row on one pair where there is a choice."""
    pairs = torch.empty(len(allowed), count, dtype=torch.long, device=allowed.device)
    run = torch.zeros(len(allowed), dtype=torch.long, device=allowed.device)
    for step in range(count):
        weights = allowed.float()
        if step:
            weights = weights.scatter_add(1, pairs[:, step - 1 : step], -(run >= LONGEST_RUN).float()[:, None])
            weights = torch.where(weights.sum(1, keepdim=True) > 0, weights, allowed.float())
        pairs[:, step] = torch.multinomial(weights, 1, generator=generator)[:, 0]
        run = torch.where(pairs[:, step] == pairs[:, step - 1], run + 1, 1) if step else run + 1
    return pairs


def _touched(pairs: Tensor, layout: Layout) -> Tensor:
    """Return (batch, layers, qubits, 1) bool: the qubits of each layer's entangler."""
    membership = torch.zeros(len(layout.pairs) + 1, layout.num_qubits, dtype=torch.bool, device=pairs.device)
    for index, pair in enumerate(layout.pairs):
        membership[index, list(pair)] = True
    return membership[pairs][..., None]  # NO_PAIR = -1 reads the last row


def _identity(gates: Tensor) -> Tensor:
    return torch.tensor(IDENTITY, dtype=gates.dtype, device=gates.device).expand_as(gates)


def styled_gates(style: Tensor, shape: tuple[int, int], generator: torch.Generator) -> Tensor:
    """Draw single-qubit gates (batch, *shape, 4), each circuit in its own style (batch,).

    Styles: 0 Haar; 1 Clifford-like (multiples of pi/2); 2 Clifford+T-like (of pi/4); 3 a mixture of zero, special,
    small and uniform Euler angles; 4 Euler angles from a few values that recur in the circuit; 5 named gates
    (nothing, h, a rotation about one axis by a special, recurring or free angle, Haar).
    """
    batch, device = len(style), style.device
    size = (batch, *shape)
    pick = style.view(-1, 1, 1, 1)
    euler = torch.where(pick <= 2, _multiples(size, pick, generator), _mixed(size, generator))
    recurring = recurring_angles((*size, 3), generator, device)
    euler = torch.where(pick == 4, recurring, euler)
    gates = from_euler(*euler.unbind(-1))
    free = haar(size, generator, device)
    gates = torch.where(pick == 0, free, gates)
    return torch.where(pick == 5, named_gates(size, recurring[..., 0], free, generator), gates)


def _multiples(size: tuple[int, ...], style: Tensor, generator: torch.Generator) -> Tensor:
    """Euler angles that are multiples of pi/2 where the style is 1, of pi/4 else."""
    eighths = torch.randint(8, (*size, 3), generator=generator, device=style.device).double()
    return eighths * torch.where(style == 1, math.pi / 2, math.pi / 4)


def _mixed(size: tuple[int, ...], generator: torch.Generator) -> Tensor:
    device = generator.device
    kind = torch.randint(4, (*size, 3), generator=generator, device=device)
    special = torch.randint(8, (*size, 3), generator=generator, device=device).double() * math.pi / 4
    small = 0.2 * torch.randn(*size, 3, generator=generator, device=device, dtype=torch.float64)
    free = 2 * math.pi * torch.rand(*size, 3, generator=generator, device=device, dtype=torch.float64)
    angles = torch.where(kind == 1, special, torch.where(kind == 2, small, free))
    return torch.where(kind == 0, torch.zeros_like(angles), angles)


def recurring_angles(size: tuple[int, ...], generator: torch.Generator, device: torch.device) -> Tensor:
    """Draw angles (batch, ...) that take few values within a circuit: three free ones, their negatives, 0 and pi/2."""
    values = 2 * math.pi * torch.rand(size[0], 3, generator=generator, device=device, dtype=torch.float64)
    fixed = torch.tensor([0.0, math.pi / 2], dtype=torch.float64, device=device).expand(size[0], 2)
    palette = torch.cat((values, -values[:, :1], fixed), dim=1)  # (batch, 6)
    pick = torch.randint(palette.shape[1], size, generator=generator, device=device)
    return torch.gather(palette, 1, pick.flatten(1)).view(size)


def named_gates(size: tuple[int, ...], recurring: Tensor, free: Tensor, generator: torch.Generator) -> Tensor:
    """Draw nothing, h, an axis rotation or a Haar gate for every place, (*size, 4)."""
    device = free.device
    kind = torch.randint(6, size, generator=generator, device=device)
    axis = torch.randint(3, size, generator=generator, device=device)
    special = torch.randint(8, size, generator=generator, device=device).double() * math.pi / 4
    uniform = 2 * math.pi * torch.rand(size, generator=generator, device=device, dtype=torch.float64)
    angle = torch.where(kind == 2, special, torch.where(kind == 3, recurring, uniform))
    turned = rotation(axis, angle)
    hadamard = compose(
        rotation(torch.ones_like(axis), torch.full_like(angle, math.pi / 2)),
        rotation(torch.full_like(axis, 2), torch.full_like(angle, math.pi)),
    )
    gates = torch.where((kind == 1)[..., None], hadamard, turned)
    gates = torch.where((kind == 0)[..., None], _identity(gates), gates)
    return torch.where((kind == 5)[..., None], free, gates)


def pair_index(layout: Layout, device: torch.device) -> Tensor:
    """Return (qubits, qubits) int64: the index of each pair of qubits among the layout's, either order."""
    index = torch.full((layout.num_qubits, layout.num_qubits), NO_PAIR, device=device)
    for i, (a, b) in enumerate(layout.pairs):
        index[a, b] = index[b, a] = i
    return index


def has_long_runs(pairs: Tensor) -> Tensor:
    """Return (batch,) bool: whether more entanglers follow one another on one pair than any gate on it takes."""
    window = pairs.unfold(1, LONGEST_RUN + 1, 1)
    return ((window == window[..., :1]) & (window != NO_PAIR)).all(-1).any(-1)


def rows_without(rejected: Tensor, generator: torch.Generator) -> Tensor:
    """Return rows in random order without those rejected (batch,), as many as there are: the kept ones recur."""
    order = torch.randperm(len(rejected), generator=generator, device=rejected.device)
    kept = order[~rejected[order]]
    return kept[torch.arange(len(rejected), device=rejected.device) % len(kept)]
