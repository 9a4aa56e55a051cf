"""The training stream: circuits made on the fly, with everything that the network is shown of them.

A batch is a function of the seed and its number alone, so that a resumed run sees exactly what an uninterrupted one
would have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from circuitdiff.circuits.layout import NOT_GIVEN, Layout
from circuitdiff.data.seeds import Stream, derived_seed


@dataclass(frozen=True)
class CircuitBatch:
    """Circuits of a layout and the conditions shown with them."""

    tokens: Tensor  # (batch, positions) int64
    params: Tensor  # (batch, positions, MAX_PARAMS) float32 radians
    unitary: Tensor | None  # (batch, d, d) complex64
    images: Tensor | None  # (batch, 6n, 4^n) float32, see heisenberg_images
    spectra: Tensor | None  # (batch, 2^(2n-1) - 1, 2^n) float32, see schmidt_spectra
    allowed: Tensor  # (batch, vocabulary) bool: tokens permitted by the mask that is shown
    mask_given: Tensor  # (batch,) bool
    max_gates: Tensor  # (batch,) int64: most gates, or NOT_GIVEN
    max_two_qubit: Tensor  # (batch,) int64: most gates on two qubits or more, or NOT_GIVEN
    ranks: Tensor  # (batch, qubits) int64: Schmidt ranks of the state made of |0...0>; 0 for qubits that are not used
    ranks_given: Tensor  # (batch,) bool
    gates: Tensor  # (batch, gates of the layout) bool: the gates that the mask permits, shown or not
    on_line: Tensor  # (batch,) bool: whether it permits no couplings but 0-1, 1-2, ...
    state: Tensor | None = None  # (batch, sides, features) float32 of the state made of |0...0>, see state_features
    state_present: Tensor | None = None  # (batch, sides) bool, see `sides_within`

    def __len__(self) -> int:
        """Number of circuits."""
        return len(self.tokens)

    def __getitem__(self, rows: slice | Tensor) -> CircuitBatch:
        """Select circuits."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        chosen: dict[str, Any] = {name: None if value is None else value[rows] for name, value in values.items()}
        return replace(self, **chosen)


BatchMaker = Callable[[int, torch.Generator], CircuitBatch]
"""Draws so many circuits."""


class Mixture(Protocol):
    """Says of what a stream is mixed; a frozen dataclass of shares."""

    def maker(self, layout: Layout, device: torch.device | str, largest_side: int | None) -> BatchMaker:
        """Return what draws circuits of a layout on a device; `largest_side` is that of `schmidt_spectra`."""
        ...

    def description(self, layout: Layout) -> str:
        """Say in Markdown what the circuits are."""
        ...


class CircuitStream:
    """Makes batch after batch of training circuits.

    Circuits are made `chunk` at a time, from a generator seeded by the seed and the chunk's number.
    """

    def __init__(
        self,
        layout: Layout,
        batch_size: int,
        seed: int,
        mixture: Mixture,
        device: torch.device | str = "cpu",
        chunk: int = 1024,
        stream: Stream = Stream.TRAINING,
        largest_side: int | None = None,
    ) -> None:
        """Set up; `chunk` is brought to a multiple of `batch_size`, and `stream` keeps held-out circuits apart.

        `largest_side` is that of `schmidt_spectra`.

        Raises:
            InputError: the mixture does not fit the layout.
        """
        self.layout, self.batch_size, self.seed, self.stream = layout, batch_size, seed, stream
        self.mixture, self.largest_side = mixture, largest_side
        self.chunk = max(1, chunk // batch_size) * batch_size
        self._make = mixture.maker(layout, device, largest_side)
        self._generator = torch.Generator(device)
        self._current: tuple[int, CircuitBatch] | None = None

    @property
    def device(self) -> torch.device:
        """Where the circuits are."""
        return self._generator.device

    def batch(self, number: int) -> CircuitBatch:
        """Return batch `number` (0, 1, ...)."""
        per_chunk = self.chunk // self.batch_size
        index, offset = divmod(number, per_chunk)
        if self._current is None or self._current[0] != index:
            self._generator.manual_seed(derived_seed(self.stream, self.seed, index))
            self._current = index, self._make(self.chunk, self._generator)
        return self._current[1][slice(offset * self.batch_size, (offset + 1) * self.batch_size)]


def draw_budgets(
    count: Tensor, given: float, tight: float, slack: int, most: int, generator: torch.Generator
) -> Tensor:
    """Draw the bound that is shown of `count` (batch,) gates: the count and something more, or NOT_GIVEN.

    Args:
        count: number of gates.
        given: share of the bounds that are given.
        tight: share of those that exceed the count by at most `slack`; the others are anywhere up to `most`.
        slack: in gates.
        most: greatest bound.
        generator: of the device of `count`.
    """
    draw = torch.rand(3, len(count), generator=generator, device=count.device)
    room = torch.where(draw[0] < tight, slack, most)
    budget = count + (draw[1] * (torch.minimum(room, most - count) + 1)).long()
    return torch.where(draw[2] < given, budget, NOT_GIVEN)
