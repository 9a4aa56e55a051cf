"""Data-parallel training: what the processes that torchrun starts have to agree on.

A step is cut into shards, each of which has circuits and noise of its own. Which process computes a shard does not
matter: gradients are averaged over all of them, so that one process with N shards takes the same steps as N with one
each, up to the order of sums.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn

from circuitdiff.errors import InputError


@dataclass(frozen=True)
class Processes:
    """The place of this process among those that train together; alone unless torchrun started it."""

    rank: int = 0
    world_size: int = 1
    device: str = "cpu"  # of this process

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes files and reports."""
        return self.rank == 0

    def shards(self, count: int) -> range:
        """Return which of `count` shards this process computes.

        Raises:
            InputError: the processes cannot share them equally.
        """
        if count % self.world_size:
            raise InputError(f"training configuration: {self.world_size} processes cannot share {count} shards")
        return range(self.rank, count, self.world_size)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over the processes."""
        gradients = [value.grad for value in parameters if value.grad is not None]
        if self.world_size == 1:
            return
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        self._average(flat)
        parts = flat.split_with_sizes([gradient.numel() for gradient in gradients])
        torch._foreach_copy_(gradients, [part.view_as(to) for part, to in zip(parts, gradients, strict=True)])

    def average(self, values: Sequence[float]) -> list[float]:
        """Return means over the processes."""
        if self.world_size == 1:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64, device=self.device)
        self._average(tensor)
        return [float(value) for value in tensor.tolist()]

    def agree(self, values: Sequence[float]) -> list[float]:
        """Return what the main process holds."""
        if self.world_size == 1:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.broadcast(tensor, src=0)
        return [float(value) for value in tensor.tolist()]

    def _average(self, tensor: torch.Tensor) -> None:
        distributed.all_reduce(tensor)
        tensor /= self.world_size


def is_main() -> bool:
    """Return whether this process writes files and reports, before or after it has joined the others."""
    return _rank() == 0


@contextmanager
def joined(device: str) -> Iterator[Processes]:
    """Join the processes that torchrun started: by gloo on the CPU, by nccl on GPUs, one a process."""
    world_size = int(os.environ["WORLD_SIZE"]) if distributed.is_torchelastic_launched() else 1
    if world_size == 1:
        yield Processes(device=device)
        return
    kind = torch.device(device).type
    if kind == "cuda":
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    try:
        yield Processes(_rank(), world_size, device)
    finally:
        distributed.destroy_process_group()


def _rank() -> int:
    return int(os.environ["RANK"]) if distributed.is_torchelastic_launched() else 0
