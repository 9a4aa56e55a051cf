"""Where a network runs."""

from __future__ import annotations

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
