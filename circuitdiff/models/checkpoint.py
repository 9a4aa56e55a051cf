"""Checkpoints in the Hugging Face layout: config.json and model.safetensors, nothing that can run code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from circuitdiff.atomic import remove_leftovers, replacing
from circuitdiff.errors import InputError
from circuitdiff.models.bundled import CONFIG_FILE, WEIGHTS_FILE, bundled_checkpoints, read_json_object
from circuitdiff.models.config import DenoiserConfig
from circuitdiff.models.denoiser import Denoiser
from circuitdiff.models.device import cpu_by_default, usable_device
from circuitdiff.models.hub import REPOSITORY, hub_checkpoint

DEFAULT_CHECKPOINT = "circuitdiff-3q-small"


def save_checkpoint(directory: Path | str, config: DenoiserConfig, weights: Mapping[str, Tensor]) -> str:
    """Write a checkpoint, weights in half precision, each file replaced atomically; return the weights' SHA-256."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    halves = {name: value.detach().cpu().to(torch.float16).contiguous() for name, value in weights.items()}
    for path in (directory / WEIGHTS_FILE, directory / CONFIG_FILE):
        remove_leftovers(path)
    with replacing(directory / WEIGHTS_FILE) as part:
        save_file(halves, str(part), metadata={"format": "pt"})
    with replacing(directory / CONFIG_FILE) as part:
        part.write_text(json.dumps(config.as_dict(), indent=2) + "\n")
    return hashlib.sha256((directory / WEIGHTS_FILE).read_bytes()).hexdigest()


@cpu_by_default()
def load_checkpoint(directory: Path | str, device: torch.device | str = "cpu") -> Denoiser:
    """Load a network, in single precision and ready for inference.

    Raises:
        InputError: when a file is missing, damaged, or does not fit the configuration, or the device is not there.
    """
    device = usable_device(device)
    directory = Path(directory)
    config = DenoiserConfig.from_dict(read_json_object(directory / CONFIG_FILE, "checkpoint configuration"))
    path = directory / WEIGHTS_FILE
    try:
        weights = load_file(str(path))
        _check_size(weights, config, path)
        model = Denoiser(config)
        model.load_state_dict({name: value.float() for name, value in weights.items()})
    except FileNotFoundError as error:
        raise InputError(f"checkpoint {directory} lacks {WEIGHTS_FILE}") from error
    except (SafetensorError, RuntimeError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())
        raise InputError(f"checkpoint {path} cannot be read: {reason[:160]}") from error
    return model.to(device).eval().requires_grad_(False)


def start_from(model: Denoiser, directory: Path | str) -> int:
    """Give a network the weights of a checkpoint that have the names and shapes of its own; return how many they are.

    Raises:
        InputError: when the checkpoint is damaged, or shares no weight.
    """
    own = model.state_dict()
    given = load_checkpoint(directory).state_dict()
    shared = {name: value for name, value in given.items() if name in own and own[name].shape == value.shape}
    if not shared:
        raise InputError(f"checkpoint {directory} shares no weight with the network that is to start from it")
    model.load_state_dict(own | shared)
    return sum(value.numel() for value in shared.values())


def resolve_checkpoint(name_or_path: str | Path | None = None, *, download: bool = False) -> Path:
    """Return the directory of a checkpoint: a path, the name of a bundled one, or ``owner/name`` of the hub's cache.

    Args:
        name_or_path: of the checkpoint; None for the default.
        download: whether one of the hub may be fetched; otherwise the network is not used.

    Raises:
        InputError: when there is no such checkpoint.
    """
    name = str(name_or_path) if name_or_path is not None else DEFAULT_CHECKPOINT
    bundled = bundled_checkpoints()
    for candidate in (Path(name), bundled.get(name)):
        if candidate is not None and (candidate / CONFIG_FILE).is_file():
            return candidate
    if isinstance(name_or_path, str) and REPOSITORY.fullmatch(name) and not Path(name).exists():
        return hub_checkpoint(name, download=download)
    raise InputError(f"no checkpoint {name!r}; bundled: {', '.join(bundled) or 'none'}")


def _check_size(weights: Mapping[str, Tensor], config: DenoiserConfig, path: Path) -> None:
    """Refuse a configuration that needs more weights than there are, before it takes the memory for them."""
    held = sum(value.numel() for value in weights.values())
    if config.fewest_weights > held:
        raise InputError(
            f"checkpoint {path} has {held} weights, its configuration needs {config.fewest_weights} or more"
        )
