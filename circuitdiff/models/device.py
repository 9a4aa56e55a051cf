"""Where a network runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from circuitdiff.errors import InputError


def usable_device(name: str | torch.device) -> torch.device:
    """Return the device of a name, once it is known to be there.

    Raises:
        InputError: a device that is neither cpu nor cuda, or a GPU that this machine does not have.
    """
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError(f"unknown device {str(name)!r}; there are cpu, cuda and cuda:N") from error
    if device.type not in ("cpu", "cuda"):
        raise InputError(f"unknown device {str(name)!r}; there are cpu, cuda and cuda:N")
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise InputError(f"device {str(name)!r} is not available: torch sees {count} GPUs")
    return device


@contextmanager
def cpu_by_default() -> Iterator[None]:
    """Put tensors that name no device on the CPU, whatever the caller's default device is; of this thread alone."""
    if torch.get_default_device().type == "cpu":  # the override slows every operation
        yield
    else:
        with torch.device("cpu"):
            yield
