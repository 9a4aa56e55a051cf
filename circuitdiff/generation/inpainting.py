"""What of a circuit is kept when the rest is drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.gates import MAX_PARAMS
from circuitdiff.circuits.layout import Layout
from circuitdiff.circuits.tensors import encode
from circuitdiff.circuits.vocabulary import PAD
from circuitdiff.errors import InputError


@dataclass(frozen=True)
class InpaintingMask:
    """Kept tokens and angles, position by position; what is not kept is free, whatever stands there.

    A kept PAD says that the circuit ends before it.
    """

    tokens: Tensor  # (circuits, gates) int64; one circuit serves all samples
    params: Tensor  # (circuits, gates, MAX_PARAMS) radians
    keep_tokens: Tensor  # (circuits, gates) bool
    keep_params: Tensor  # (circuits, gates) bool

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.tokens)

    def expand(self, num_circuits: int) -> InpaintingMask:
        """Repeat one circuit, or return as many as there are."""
        return self._each(lambda kept: kept.expand(num_circuits, *kept.shape[1:]))

    def first(self) -> InpaintingMask:
        """Return the first circuit alone."""
        return self._each(lambda kept: kept[:1])

    def with_gates_kept(self) -> InpaintingMask:
        """Keep every gate; angles stay free where they are."""
        everything = torch.ones_like(self.tokens, dtype=torch.bool)
        return replace(self, keep_tokens=everything, keep_params=self.keep_params.expand_as(everything))

    def with_final(self, tokens: Tensor) -> Tensor:
        """Return tokens (targets, circuits, max_gates) with the final gates after them."""
        final = self.tokens[:, tokens.shape[-1] :].expand(*tokens.shape[:-1], -1)
        return torch.cat((tokens, final), dim=-1)

    def to(self, device: torch.device | str) -> InpaintingMask:
        """Move every tensor."""
        return self._each(lambda kept: kept.to(device))

    def _each(self, change: Callable[[Tensor], Tensor]) -> InpaintingMask:
        return InpaintingMask(*(change(getattr(self, name)) for name in self.__dataclass_fields__))


def keep_nothing(layout: Layout) -> InpaintingMask:
    """Keep nothing but the final gates, without their angles."""
    tokens = torch.tensor([[PAD] * layout.max_gates + list(layout.final_tokens)])
    nothing = torch.zeros_like(tokens, dtype=torch.bool)
    params = torch.zeros(*tokens.shape, MAX_PARAMS, dtype=torch.float32)
    return InpaintingMask(tokens, params, torch.arange(tokens.shape[1])[None] >= layout.max_gates, nothing)


def keep_gates(
    circuit: Circuit, layout: Layout, keep: Sequence[bool], keep_angles: Sequence[bool] | None = None
) -> InpaintingMask:
    """Keep some gates of a circuit at their positions, and leave free the others and all positions after the last.

    Args:
        circuit: of the gates of `layout`, on as many qubits or fewer.
        layout: of the model.
        keep: for each gate of `circuit`, whether it stays.
        keep_angles: for each gate, whether its angles stay; None for those of the gates that stay.

    Raises:
        InputError: a circuit that does not fit, or flags that are not one a gate.
    """
    angles = keep if keep_angles is None else keep_angles
    if not len(keep) == len(angles) == circuit.num_gates:
        raise InputError(f"{len(keep)} and {len(angles)} flags for a circuit of {circuit.num_gates} gates")
    size = num_before_final(circuit, layout)
    before, final = circuit.operations[:size], circuit.operations[size:]
    whole = keep_nothing(layout)
    tokens, params = encode([replace(circuit, operations=before)], layout.vocabulary, layout.max_gates)
    whole.tokens[:, : layout.max_gates], whole.params[:, : layout.max_gates] = tokens, params.float()
    keep_params = whole.keep_params.clone()
    whole.keep_tokens[0, :size], keep_params[0, :size] = torch.tensor([list(keep[:size]), list(angles[:size])])
    for operation, stays in zip(final, angles[size:], strict=True):
        position = layout.max_gates + operation.qubits[0]
        whole.params[0, position, : len(operation.params)] = torch.tensor(operation.params)
        keep_params[0, position] = stays
    return replace(whole, keep_params=keep_params)


def num_before_final(circuit: Circuit, layout: Layout) -> int:
    """Return how many gates of a circuit come before the final ones, which are the last on their qubits."""
    seen = set[int]()
    for position in range(circuit.num_gates, 0, -1):
        operation = circuit.operations[position - 1]
        if operation.name != layout.final_gate or operation.qubits[0] in seen:
            return position
        seen.add(operation.qubits[0])
    return 0


def refill_gates(
    circuit: Circuit,
    layout: Layout,
    keep: Sequence[bool],
    num_circuits: int,
    generator: torch.Generator,
    max_growth: int = 0,
    max_gates: int | None = None,
) -> InpaintingMask:
    """Keep some gates of a circuit in their order, and draw how many others come in the place of each run between them.

    Each run of gates that are not kept becomes one of 0 gates to as many as it had, and up to `max_growth` more; what
    follows moves along. The circuit ends where its last gate comes to stand.

    Args:
        circuit: of the gates of `layout`, on as many qubits or fewer.
        layout: of the model.
        keep: for each gate of `circuit`, whether it stays.
        num_circuits: number of masks to draw.
        generator: on the CPU.
        max_growth: most gates by which a run may grow.
        max_gates: most gates of a circuit, unless more are kept; None for as many as fit.

    Raises:
        InputError: a circuit that does not fit, or flags that are not one a gate.
    """
    whole = keep_gates(circuit, layout, keep)
    size, device = layout.max_gates, generator.device
    before = keep[: num_before_final(circuit, layout)]
    runs = _runs(before)
    tokens = torch.full((num_circuits, size), PAD, device=device)
    params = torch.zeros(num_circuits, size, MAX_PARAMS, dtype=torch.float32, device=device)
    kept = torch.ones(num_circuits, size, dtype=torch.bool, device=device)
    for row in range(num_circuits):
        room = max(0, min(size, size if max_gates is None else max_gates) - sum(keep))
        order: list[int | None] = []
        for run in runs:
            if isinstance(run, int):
                order.append(run)
                continue
            drawn = int(torch.randint(min(len(run) + max_growth, room) + 1, (1,), generator=generator, device=device))
            room -= drawn
            order += [None] * drawn
        for position, source in enumerate(order):
            kept[row, position] = source is not None
            if source is not None:
                tokens[row, position] = whole.tokens[0, source]
                params[row, position] = whole.params[0, source]
    parts = (tokens, params, kept, kept)
    ends = [getattr(whole, name)[:, size:] for name in InpaintingMask.__dataclass_fields__]
    ends = [end.expand(num_circuits, *end.shape[1:]).to(device) for end in ends]
    return InpaintingMask(*(torch.cat(pair, dim=1) for pair in zip(parts, ends, strict=True)))


def _runs(keep: Sequence[bool]) -> list[int | range]:
    """Return kept positions one by one, and the runs of free ones between them."""
    found: list[int | range] = []
    for position, kept in enumerate(keep):
        last = found[-1] if found else None
        if kept:
            found.append(position)
        elif isinstance(last, range):
            found[-1] = range(last.start, position + 1)
        else:
            found.append(range(position, position + 1))
    return found
